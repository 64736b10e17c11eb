// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

#include "bridge/clusapi/control.hpp"
#include "bridge/model/schema.hpp"
#include "bridge/win32/upcase.hpp"

#include <set>

namespace bridge::clusapi::test {

using enum win32::win32_error;

TEST(Methods, AreCompleteAndReservedOnesHaveNoCode) {
    const std::set<std::uint16_t> not_on_wire{80, 111, 140, 141, 142};
    ASSERT_EQ(methods().size(), 148U);
    for (const method_row& row : methods()) {
        EXPECT_EQ(row.status == coverage::reserved, not_on_wire.contains(row.opnum)) << row.name;
        EXPECT_EQ(std::holds_alternative<std::monostate>(row.run), row.status == coverage::reserved)
            << row.name;
    }
}

TEST(Methods, ThatChangeNeedAllAndReadWrite) {
    for (const method_row& row : methods()) {
        if (!row.needs.changes)
            continue;
        EXPECT_EQ(row.needs.level, access_level::all) << row.name;
        EXPECT_EQ(row.needs.state, state_kind::read_write) << row.name;
    }
}

TEST(Methods, AreOfferedWithPrivacy) {
    peer client;
    EXPECT_EQ(win32::to_string(client.target.id.uuid), "b97db8b2-4c63-11cf-bff6-08002be23f2f");
    EXPECT_EQ(client.target.id.major_version, 3);
    EXPECT_EQ(client.target.minimum_level, auth::protection_level::privacy);
    ASSERT_EQ(client.target.methods.size(), 148U);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(client.target.methods[80].run));
}

BOTH_SYNTAXES(NotImplemented);

TEST_P(NotImplemented, StaysInTheErrorSlotOfTheMethod) {
    const auto version = client.ask<wire::ApiGetClusterVersion>({});
    EXPECT_EQ(code(version.result), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_FALSE(version.lpszVendorId);
    const auto backup = client.ask<wire::ApiBackupClusterDatabase>({u"x"});
    EXPECT_EQ(code(backup.result), ERROR_CALL_NOT_IMPLEMENTED);
    wire::ApiSetServiceAccountPassword_in password;
    password.ReturnStatusBufferSize = 1024;
    const auto status = client.ask<wire::ApiSetServiceAccountPassword>(password);
    EXPECT_EQ(code(status.result), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(status.SizeReturned, 0U);
    const auto group = client.ask<wire::ApiCreateGroup>({u"New"});
    EXPECT_EQ(code(group.Status), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_TRUE(group.result.is_null());
    const auto port = client.ask<wire::ApiCreateNotifyV2>({});
    EXPECT_EQ(code(port.rpc_error), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(port.rpc_status, 0U);
    const auto batch = client.ask<wire::ApiCreateBatchPort>({client.root_key()});
    EXPECT_EQ(code(batch.result), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_TRUE(batch.phBatchPort.is_null());
}

TEST(ControlCodes, AreAllThatTheSpecificationLists) {
    EXPECT_EQ(control_codes().size(), 168U);
    std::set<std::uint32_t> codes;
    for (const control_row& row : control_codes())
        codes.insert(row.code);
    EXPECT_EQ(codes.size(), 168U);
}

TEST(Schema, HasUniqueNamesAndDefaultsOfTheirFormat) {
    using enum model::object_kind;
    for (const auto kind :
         {resource, resource_type, group, node, network, net_interface, cluster}) {
        std::set<std::string> names;
        for (const model::property_schema& entry : model::common_schema(kind)) {
            EXPECT_TRUE(names.insert(win32::fold(entry.name)).second) << entry.name;
            EXPECT_TRUE(model::holds_format(entry.default_value, entry.format)) << entry.name;
        }
        EXPECT_GT(names.size(), 7U);
    }
}

TEST(Schema, IsThatOf2012R2) {
    const auto cluster = model::common_schema(model::object_kind::cluster);
    EXPECT_EQ(model::find_schema(cluster, "ClusterFunctionalLevel"), nullptr);
    EXPECT_NE(model::find_schema(cluster, "dynamicquorumenabled"), nullptr);
    EXPECT_NE(model::find_schema(cluster, "DrainOnShutdown"), nullptr);
}

TEST(SchemaValues, FallBackToTheTypeThenToTheSchema) {
    model::snapshot shown = demo_snapshot();
    model::resource_type type = *shown.types.find("IP Address");
    type.private_properties = {{"enabledhcp", model::property_format::dword, std::uint32_t{1}}};
    shown.types = model::collection<model::resource_type>(
        {std::make_shared<const model::resource_type>(type)});
    const auto list = model::private_properties(shown, *shown.resources.find("Web Address"));
    ASSERT_EQ(list.size(), 4U);
    EXPECT_EQ(list[0].value, model::property_value{std::string("10.0.0.5")});
    EXPECT_EQ(list[1].value, model::property_value{std::uint32_t{1}});
    EXPECT_EQ(list[2].value, model::property_value{std::string{}});
}

} // namespace bridge::clusapi::test
