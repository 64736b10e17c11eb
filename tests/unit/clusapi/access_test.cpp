// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

#include "bridge/clusapi/access.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

TEST(AccessLevel, ComesFromTheDescriptorAndTheBackupPrivilege) {
    const fixed_security security(descriptor_with_reader());
    EXPECT_EQ(level_of(security, *administrator()), access_level::all);
    EXPECT_EQ(level_of(security, *backup_operator()), access_level::backup);
    EXPECT_EQ(level_of(security, *reader()), access_level::read);
    EXPECT_EQ(level_of(security, *stranger()), access_level::none);
}

TEST(AccessLevel, IsWhatWasAskedForAndNoMore) {
    const fixed_security security(descriptor_with_reader());
    const auto asked = [&](const auto& who, win32::access_mask desired) {
        return grant(security, *who, desired);
    };
    EXPECT_EQ(*asked(administrator(), rights::maximum_allowed), access_level::all);
    EXPECT_EQ(*asked(administrator(), rights::generic_all), access_level::all);
    EXPECT_EQ(*asked(administrator(), rights::cluster_read), access_level::backup);
    EXPECT_EQ(*asked(reader(), rights::maximum_allowed), access_level::read);
    EXPECT_EQ(*asked(reader(), rights::generic_read), access_level::read);
    EXPECT_EQ(*asked(backup_operator(), rights::generic_read), access_level::backup);
    EXPECT_EQ(asked(reader(), rights::generic_write).error(), ERROR_ACCESS_DENIED);
    EXPECT_EQ(asked(administrator(), rights::cluster_change).error(), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(asked(reader(), rights::generic_read | rights::write_dac).error(),
              ERROR_ACCESS_DENIED);
    EXPECT_EQ(asked(stranger(), rights::cluster_change).error(), ERROR_ACCESS_DENIED);
}

BOTH_SYNTAXES(Access);

TEST_P(Access, OpenWithoutExNeedsAll) {
    client.caller = reader();
    const auto refused = client.ask<wire::ApiOpenCluster>({});
    EXPECT_EQ(code(refused.Status), ERROR_ACCESS_DENIED);
    EXPECT_TRUE(refused.result.is_null());
    EXPECT_FALSE(client.closed);
    EXPECT_EQ(code(client.ask<wire::ApiOpenGroup>({u"bogus"}).Status), ERROR_ACCESS_DENIED);
}

TEST_P(Access, ReaderOpensAndReadsThroughEx) {
    client.caller = reader();
    const auto group = client.ask<wire::ApiOpenGroupEx>({u"Web", rights::maximum_allowed});
    EXPECT_EQ(code(group.Status), ERROR_SUCCESS);
    EXPECT_EQ(group.lpdwGrantedAccess, rights::generic_read);
    EXPECT_EQ(code(client.ask<wire::ApiGetGroupState>({group.result}).result), ERROR_SUCCESS);
    EXPECT_EQ(code(client.ask<wire::ApiOnlineGroup>({group.result}).result), ERROR_ACCESS_DENIED);
    EXPECT_EQ(code(client.ask<wire::ApiCloseGroup>({group.result}).result), ERROR_SUCCESS);
}

TEST_P(Access, LevelStaysWithTheHandle) {
    const auto group = client.open_group("Web");
    client.caller = reader();
    EXPECT_EQ(code(client.ask<wire::ApiOnlineGroup>({group}).result), ERROR_CALL_NOT_IMPLEMENTED);
}

TEST_P(Access, AdministratorIsGrantedAll) {
    const auto opened = client.ask<wire::ApiOpenClusterEx>({rights::maximum_allowed});
    EXPECT_EQ(opened.lpdwGrantedAccess, rights::generic_all);
    const auto node = client.ask<wire::ApiOpenNodeEx>({u"node1", rights::generic_read});
    EXPECT_EQ(node.lpdwGrantedAccess, rights::generic_read);
}

TEST_P(Access, StrangerLosesTheConnection) {
    client.caller = stranger();
    EXPECT_EQ(code(client.ask<wire::ApiGetClusterName>({}).result), ERROR_ACCESS_DENIED);
    EXPECT_TRUE(client.closed);
    EXPECT_EQ(code(client.ask<wire::ApiOpenClusterEx>({rights::maximum_allowed}).Status),
              ERROR_ACCESS_DENIED);
    EXPECT_TRUE(client.closed);
}

TEST_P(Access, ComesBeforeArguments) {
    client.caller = stranger();
    EXPECT_EQ(code(client.ask<wire::ApiCreateEnum>({0}).result), ERROR_ACCESS_DENIED);
    EXPECT_EQ(code(client.ask<wire::ApiCreateResTypeEnum>({u"bogus", 1}).result),
              ERROR_ACCESS_DENIED);
}

BOTH_SYNTAXES(ServerState);

TEST_P(ServerState, ReadOnlyStillReadsAndListsNodes) {
    client.source.now = model::server_state::read_only;
    EXPECT_EQ(code(client.ask<wire::ApiGetClusterName>({}).result), ERROR_SUCCESS);
    EXPECT_EQ(code(client.ask<wire::ApiCreateEnum>({1}).result), ERROR_SUCCESS);
    EXPECT_EQ(code(client.ask<wire::ApiCreateEnum>({3}).result), ERROR_SHARING_PAUSED);
    const auto cluster = client.open_cluster();
    EXPECT_EQ(code(client.ask<wire::ApiCreateEnumEx>({cluster, 4, 0}).result),
              ERROR_SHARING_PAUSED);
    EXPECT_EQ(code(client.ask<wire::ApiCreateGroup>({u"New"}).Status), ERROR_SHARING_PAUSED);
}

TEST_P(ServerState, NoneServesNothing) {
    client.source.now = model::server_state::none;
    EXPECT_EQ(code(client.ask<wire::ApiGetClusterName>({}).result), ERROR_SHARING_PAUSED);
}

TEST_P(ServerState, ComesBeforeAccess) {
    client.source.now = model::server_state::read_only;
    client.caller = stranger();
    EXPECT_EQ(code(client.ask<wire::ApiCreateEnum>({4}).result), ERROR_SHARING_PAUSED);
}

TEST_P(ServerState, ModifyingControlCodesNeedReadWrite) {
    const auto group = client.open_group("Web");
    client.source.now = model::server_state::read_only;
    wire::ApiGroupControl_in in;
    in.hGroup = group;
    in.dwControlCode = 0x0340005E;
    EXPECT_EQ(code(client.ask<wire::ApiGroupControl>(in).result), ERROR_SHARING_PAUSED);
    in.dwControlCode = 0x03000009;
    EXPECT_EQ(code(client.ask<wire::ApiGroupControl>(in).result), ERROR_SUCCESS);
}

TEST(Report, TellsMethodObjectAndResult) {
    peer client;
    const auto group = client.open_group("Web");
    client.ask<wire::ApiOnlineGroup>({group});
    ASSERT_EQ(client.reports.entries.size(), 2U);
    EXPECT_EQ(client.reports.entries[0].object, "Web");
    EXPECT_EQ(client.reports.entries[1].method, "ApiOnlineGroup");
    EXPECT_EQ(client.reports.entries[1].object, web_id);
    EXPECT_EQ(client.reports.entries[1].result, ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_TRUE(client.reports.entries[1].changing);
    EXPECT_FALSE(client.reports.entries[0].changing);
}

} // namespace bridge::clusapi::test
