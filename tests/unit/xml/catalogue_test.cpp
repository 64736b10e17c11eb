// SPDX-License-Identifier: Apache-2.0
#include "xml/catalogue.hpp"

#include "bridge/model/parameters.hpp"
#include "bridge/model/schema.hpp"
#include "bridge/win32/upcase.hpp"
#include "xml/metadata.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace bridge;
using bridge::xml::agent_metadata;
using bridge::xml::catalogue;

constexpr const char* metadata_text = R"(<?xml version="1.0"?>
<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
<resource-agent name="db" version="1.2">
<version>1.0</version>
<longdesc lang="en">A  long
text.</longdesc><shortdesc lang="en">Short</shortdesc>
<parameters>
<parameter name="config" unique="1" required="1"><longdesc lang="en">Where</longdesc>
<shortdesc lang="en">w</shortdesc><content type="string" default="/etc/db"/></parameter>
<parameter name="port" required="1"><content type="integer"/></parameter>
<parameter name="admin_password"><content type="string" default="x"/></parameter>
<parameter name="Port"><content/></parameter>
</parameters>
<actions><action name="start" timeout="90s"/><action name="monitor" timeout="20" interval="15s"
 depth="0"/><action name="monitor" role="Promoted" interval="5" depth="10"/></actions>
</resource-agent>)";

TEST(Metadata, IsReadWithItsDocumentType) {
    const auto about = agent_metadata::parse(metadata_text);
    ASSERT_TRUE(about);
    EXPECT_EQ(about->name, "db");
    EXPECT_EQ(about->version, "1.2");
    EXPECT_EQ(about->short_description, "Short");
    ASSERT_EQ(about->parameters.size(), 4U);
    EXPECT_TRUE(about->parameters[0].unique && about->parameters[0].required);
    EXPECT_EQ(about->parameters[0].default_value, "/etc/db");
    EXPECT_EQ(about->parameters[1].type, "integer");
    EXPECT_FALSE(about->parameters[1].default_value);
    EXPECT_TRUE(about->parameters[2].secret);
    ASSERT_NE(about->action("monitor"), nullptr);
    EXPECT_EQ(about->action("monitor")->interval_ms, 15000U);
    EXPECT_EQ(about->action("start")->timeout_ms, 90000U);
    EXPECT_EQ(about->actions[2].depth, 10U);
}

TEST(Metadata, RefusesEntities) {
    EXPECT_FALSE(agent_metadata::parse(
        "<!DOCTYPE resource-agent [<!ENTITY e 'x'>]><resource-agent name='&e;'/>"));
    EXPECT_FALSE(agent_metadata::parse(
        "<!DOCTYPE resource-agent [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]>"
        "<resource-agent name='a'/>"));
    EXPECT_FALSE(agent_metadata::parse("<other/>"));
    EXPECT_FALSE(agent_metadata::parse("usage: agent (start|stop)"));
}

TEST(Catalogue, HoldsTheTypesOfWindows) {
    const auto types = catalogue::built_in().types({});
    std::set<std::string> names;
    for (const auto& each : *types) {
        EXPECT_TRUE(names.insert(win32::fold(each->name)).second) << each->name;
        EXPECT_TRUE(each->nodes.empty());
        EXPECT_TRUE(each->id.empty());
        EXPECT_FALSE(each->name.starts_with('\\'));
    }
    for (const char* name :
         {"IP Address", "IPv6 Address", "Network Name", "Physical Disk", "File Share",
          "Generic Service", "Generic Application", "Generic Script", "File Server", "DHCP Service",
          "Print Spooler"})
        EXPECT_TRUE(names.contains(win32::fold(name))) << name;
    // Services that only Windows has: nothing here could ever stand behind them.
    for (const char* name : {"MSMQ", "MSMQTriggers", "Distributed Transaction Coordinator"})
        EXPECT_FALSE(names.contains(win32::fold(name))) << name;
}

/// MS-CMRP 3.1.4.2.13 (GET_CLASS_INFO): the address types and shared disks have a class of their
/// own.
TEST(Catalogue, ClassesOfTypes) {
    for (const auto& each : catalogue::built_in().entries()) {
        const bool address = each.name == "IP Address" || each.name == "IPv6 Address" ||
                             each.name == "IPv6 Tunnel Address";
        EXPECT_EQ(each.class_ == model::resource_class::network, address) << each.name;
        if (address || each.name == "Physical Disk") {
            EXPECT_EQ(each.subclass, model::subclass_shared) << each.name;
        }
    }
}

TEST(Catalogue, SchemasAndBindingsFitTogether) {
    for (const auto& type : catalogue::built_in().entries()) {
        std::set<std::string> names;
        for (const auto& each : type.resource_private_schema) {
            EXPECT_TRUE(names.insert(win32::fold(each.name)).second) << each.name;
            EXPECT_NE(each.format, model::property_format::unknown) << each.name;
            EXPECT_TRUE(model::holds_format(each.default_value, each.format)) << each.name;
        }
        for (const auto& each : type.bindings) {
            const auto* schema = model::find_schema(type.resource_private_schema, each.property);
            ASSERT_NE(schema, nullptr) << each.property;
            const bool number = each.form == model::parameter_form::number ||
                                each.form == model::parameter_form::boolean;
            EXPECT_EQ(schema->format == model::property_format::dword, number) << each.property;
        }
        for (const auto& each : type.required_dependencies) {
            const auto known =
                each.type_name.empty()
                    ? each.class_ != model::resource_class::unknown
                    : std::any_of(catalogue::built_in().entries().begin(),
                                  catalogue::built_in().entries().end(),
                                  [&](const auto& other) { return other.name == each.type_name; });
            EXPECT_TRUE(known) << type.name << " requires " << each.type_name;
        }
    }
}

TEST(Catalogue, OtherAgentsAppearUnderTheirOwnName) {
    const auto about = std::make_shared<agent_metadata>(*agent_metadata::parse(metadata_text));
    const auto types = catalogue::built_in().types({{"ocf:acme:db", about, {"1", "2"}},
                                                    {"ocf:heartbeat:IPaddr2", nullptr, {"2"}},
                                                    {"systemd:nginx", nullptr, {"1"}},
                                                    {"systemd:cron", nullptr, {"1", "3"}},
                                                    {"ocf:clusbridge:group", nullptr, {"1"}},
                                                    {"OCF:acme:DB", nullptr, {"1"}}});
    ASSERT_EQ(types->size(), catalogue::built_in().entries().size() + 1);
    const auto& own = *types->back();
    EXPECT_EQ(own.name, "ocf:acme:db");
    EXPECT_EQ(own.nodes, (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(own.pending_timeout_ms, 90000U);
    EXPECT_EQ(own.is_alive_interval_ms, 15000U);
    ASSERT_EQ(own.resource_private_schema.size(), 4U) << "names differ by more than case";
    EXPECT_EQ(own.resource_private_schema[3].name, model::other_orders_property);
    EXPECT_FALSE(own.resource_private_schema[0].required) << "has a default";
    EXPECT_TRUE(own.resource_private_schema[1].required);
    EXPECT_TRUE(own.resource_private_schema[2].secret);
    EXPECT_EQ(own.resource_private_schema[2].default_value, model::property_value(std::string{}));
    for (const auto& each : *types) {
        if (each->name == "IP Address") {
            EXPECT_EQ(each->nodes, (std::vector<std::string>{"2"}));
        }
        if (each->name == "Generic Service") {
            EXPECT_EQ(each->nodes, (std::vector<std::string>{"1", "3"}));
        }
    }
}

TEST(Catalogue, RefusesWhatIsNoCatalogue) {
    EXPECT_FALSE(catalogue::parse("<types/>"));
    EXPECT_FALSE(catalogue::parse("not xml"));
}

} // namespace
