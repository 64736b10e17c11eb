// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/addresses.hpp"
#include "bridge/model/facts.hpp"
#include "bridge/model/identity.hpp"
#include "bridge/model/parameters.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge::model;

TEST(Score, ReadsPacemakersForms) {
    EXPECT_EQ(parse_score("100"), 100);
    EXPECT_EQ(parse_score("+7"), 7);
    EXPECT_EQ(parse_score("-7"), -7);
    EXPECT_EQ(parse_score("INFINITY"), score_infinity);
    EXPECT_EQ(parse_score("+INFINITY"), score_infinity);
    EXPECT_EQ(parse_score("-infinity"), -score_infinity);
    EXPECT_EQ(parse_score("99999999999"), score_infinity);
    EXPECT_FALSE(parse_score("ten"));
    EXPECT_FALSE(parse_score(""));
    EXPECT_FALSE(parse_score("--1"));
}

TEST(Interval, ReadsUnitsAndIsoDurations) {
    EXPECT_EQ(parse_interval_ms("10"), 10000U);
    EXPECT_EQ(parse_interval_ms("10s"), 10000U);
    EXPECT_EQ(parse_interval_ms(" 2 min "), 120000U);
    EXPECT_EQ(parse_interval_ms("500ms"), 500U);
    EXPECT_EQ(parse_interval_ms("1500us"), 1U);
    EXPECT_EQ(parse_interval_ms("1h"), 3600000U);
    EXPECT_EQ(parse_interval_ms("PT1M30S"), 90000U);
    EXPECT_EQ(parse_interval_ms("P1D"), 86400000U);
    EXPECT_EQ(parse_interval_ms("99999999999h"), 0xFFFFFFFFU);
    EXPECT_FALSE(parse_interval_ms("P1M"));
    EXPECT_FALSE(parse_interval_ms("P"));
    EXPECT_FALSE(parse_interval_ms("soon"));
    EXPECT_FALSE(parse_interval_ms(""));
}

TEST(EffectiveMeta, LooksAtParentsAndThenAtDefaults) {
    cib_facts facts;
    resource_facts group;
    group.id = "g";
    group.kind = resource_kind::group;
    group.children = {"p"};
    group.meta = {{"target-role", "Stopped"}};
    resource_facts primitive;
    primitive.id = "p";
    primitive.parent = "g";
    facts.resources = fact_table<resource_facts>(
        {std::make_shared<resource_facts>(group), std::make_shared<resource_facts>(primitive)});
    facts.resource_defaults =
        std::make_shared<attributes>(attributes{{"target-role", "Started"}, {"x", "1"}});
    ASSERT_NE(effective_meta(facts, primitive, "target-role"), nullptr);
    EXPECT_EQ(*effective_meta(facts, primitive, "target-role"), "Stopped");
    EXPECT_EQ(*effective_meta(facts, primitive, "x"), "1");
    EXPECT_EQ(effective_meta(facts, primitive, "y"), nullptr);
    primitive.meta = {{"target-role", "Started"}};
    EXPECT_EQ(*effective_meta(facts, primitive, "target-role"), "Started");
}

TEST(EffectiveMeta, EndsWhenParentsFormACircle) {
    cib_facts facts;
    resource_facts a;
    a.id = "a";
    a.parent = "b";
    resource_facts b;
    b.id = "b";
    b.parent = "a";
    facts.resources = fact_table<resource_facts>(
        {std::make_shared<resource_facts>(a), std::make_shared<resource_facts>(b)});
    EXPECT_EQ(effective_meta(facts, a, "x"), nullptr);
    EXPECT_EQ(effective_meta(facts, b, "x"), nullptr);
}

TEST(Address, SubnetsAndMasks) {
    EXPECT_EQ(mask_text(24), "255.255.255.0");
    EXPECT_EQ(mask_text(0), "0.0.0.0");
    EXPECT_EQ(mask_text(31), "255.255.255.254");
    EXPECT_EQ(prefix_of_mask("255.255.252.0"), 22);
    EXPECT_EQ(prefix_of_mask("24"), 24);
    EXPECT_FALSE(prefix_of_mask("255.0.255.0"));
    EXPECT_FALSE(prefix_of_mask("mask"));
    EXPECT_EQ(to_string(subnet_of(*parse_ip("10.77.3.9"), 16)), "10.77.0.0");
    EXPECT_EQ(to_string(subnet_of(*parse_ip("fd00:1:2:3::9"), 60)), "fd00:1:2::");
    EXPECT_FALSE(parse_ip("10.77.3"));
    EXPECT_FALSE(parse_ip("fe80::1%eth0"));
}

TEST(Name, ThatIsTakenGetsANumber) {
    name_register names;
    EXPECT_EQ(names.add_name("disk"), "disk");
    EXPECT_EQ(names.add_name("Disk"), "Disk (2)");
    EXPECT_EQ(names.add_name("DISK"), "DISK (3)");
    EXPECT_EQ(names.add_name(""), "(unnamed)");
    EXPECT_TRUE(names.add_id("0a"));
    EXPECT_FALSE(names.add_id("0A"));
    EXPECT_EQ(names.add_name("0A"), "0A (2)");
}

TEST(DerivedId, DependsOnClusterKindAndName) {
    const auto one = *bridge::win32::parse_guid("11111111-2222-3333-4444-555555555555");
    const auto two = *bridge::win32::parse_guid("11111111-2222-3333-4444-555555555556");
    EXPECT_EQ(derived_id(one, "group", "a"), derived_id(one, "group", "a"));
    EXPECT_NE(derived_id(one, "group", "a"), derived_id(one, "resource", "a"));
    EXPECT_NE(derived_id(one, "group", "a"), derived_id(two, "group", "a"));
    EXPECT_EQ(stored_id("{0B8A55F1-6D0C-4D19-BD7C-9D9DE0F3A001}"),
              "0b8a55f1-6d0c-4d19-bd7c-9d9de0f3a001");
    EXPECT_EQ(stored_id("none"), "");
    EXPECT_GT(derived_node_id(one, "remote1"), 1000U);
}

resource_type address_type() {
    resource_type type;
    type.name = "IP Address";
    type.resource_private_schema = {
        {"Network", property_format::sz, std::string{}},
        {"Address", property_format::sz, std::string{}},
        {"SubnetMask", property_format::sz, std::string{}},
        {"Key", property_format::sz, std::string{}, false, false, true},
    };
    type.bindings = {{"Network", "ip", parameter_form::network_of},
                     {"Address", "ip", parameter_form::text},
                     {"SubnetMask", "cidr_netmask", parameter_form::netmask},
                     {"Key", "key", parameter_form::text}};
    type.agents = {{"ocf:heartbeat:IPaddr2", "ip", ":", true}};
    return type;
}

TEST(PrivateProperties, ComeFromParametersAsTheTypeSays) {
    const auto type = address_type();
    resource_facts primitive;
    primitive.class_ = "ocf";
    primitive.provider = "heartbeat";
    primitive.type = "IPaddr2";
    primitive.parameters = {{"ip", "10.0.0.5"},
                            {"cidr_netmask", "24"},
                            {"nic", "eth0"},
                            {"key", "hidden"},
                            {"password", "hidden"}};
    const auto networks = [](std::string_view) { return std::string("Cluster Network 1"); };
    const auto list = private_properties_of(primitive, &type, networks);
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(list[0].name, "Network");
    EXPECT_EQ(list[0].value, property_value(std::string("Cluster Network 1")));
    EXPECT_EQ(list[2].name, "SubnetMask");
    EXPECT_EQ(list[2].value, property_value(std::string("255.255.255.0")));
    EXPECT_EQ(list[3].name, "nic");
    EXPECT_EQ(parameter_text(type.bindings[2], std::string("255.255.255.0")), "24");
    EXPECT_FALSE(parameter_text(type.bindings[2], std::string("255.0.255.0")));
    EXPECT_FALSE(parameter_text(type.bindings[0], std::string("x")));
}

TEST(TypeIndex, ChoosesByAgentParameterAndStoredName) {
    auto types = std::make_shared<type_list>();
    types->push_back(std::make_shared<resource_type>(address_type()));
    resource_type service;
    service.name = "Generic Service";
    service.agents = {{"systemd:*", "", "", false}};
    types->push_back(std::make_shared<resource_type>(service));
    const type_index index(types);
    resource_facts primitive;
    primitive.class_ = "ocf";
    primitive.provider = "heartbeat";
    primitive.type = "IPaddr2";
    primitive.parameters = {{"ip", "10.0.0.5"}};
    ASSERT_NE(index.find(primitive), nullptr);
    EXPECT_EQ(index.find(primitive)->name, "IP Address");
    primitive.parameters = {{"ip", "fd00::1"}};
    EXPECT_EQ(index.find(primitive), nullptr);
    primitive.meta = {{std::string(meta_type), "generic service"}};
    EXPECT_EQ(index.find(primitive)->name, "Generic Service");
    resource_facts unit;
    unit.class_ = "systemd";
    unit.type = "nginx";
    EXPECT_EQ(index.find(unit)->name, "Generic Service");
}

TEST(SecretName, IsGuessed) {
    for (const char* name : {"password", "passwd", "admin_password", "Secret", "pass", "api_token",
                             "ssl_private_key", "login_pwd"})
        EXPECT_TRUE(is_secret_name(name)) << name;
    for (const char* name : {"ip", "passive", "bypass_mode", "keyfile", "path"})
        EXPECT_FALSE(is_secret_name(name)) << name;
}

} // namespace
