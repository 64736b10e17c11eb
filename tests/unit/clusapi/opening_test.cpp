// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;

BOTH_SYNTAXES(Opening);

TEST_P(Opening, GivesAClusterHandleThatCloseZeroes) {
    const auto opened = client.ask<wire::ApiOpenCluster>({});
    EXPECT_EQ(code(opened.Status), ERROR_SUCCESS);
    EXPECT_FALSE(opened.result.is_null());
    EXPECT_EQ(client.handles.size(), 1U);
    const auto closed = client.ask<wire::ApiCloseCluster>({opened.result});
    EXPECT_EQ(code(closed.result), ERROR_SUCCESS);
    EXPECT_TRUE(closed.Cluster.is_null());
    EXPECT_EQ(client.handles.size(), 0U);
}

TEST_P(Opening, TakesNameOrIdentifierInAnyCase) {
    for (const std::string_view name : {std::string_view("Web"), std::string_view("wEB"), web_id}) {
        const auto opened = client.ask<wire::ApiOpenGroup>({w(name)});
        EXPECT_EQ(code(opened.Status), ERROR_SUCCESS) << name;
        EXPECT_EQ(n(client.ask<wire::ApiGetGroupId>({opened.result}).pGuid), web_id);
    }
}

TEST_P(Opening, NamesTheKindOfObjectThatIsMissing) {
    const std::u16string bogus = u"bogus";
    EXPECT_EQ(code(client.ask<wire::ApiOpenResource>({bogus}).Status), ERROR_RESOURCE_NOT_FOUND);
    EXPECT_EQ(code(client.ask<wire::ApiOpenResource>({u""}).Status), ERROR_RESOURCE_NOT_FOUND);
    EXPECT_EQ(code(client.ask<wire::ApiOpenGroup>({bogus}).Status), ERROR_GROUP_NOT_FOUND);
    EXPECT_EQ(code(client.ask<wire::ApiOpenNode>({bogus}).Status), ERROR_CLUSTER_NODE_NOT_FOUND);
    EXPECT_EQ(code(client.ask<wire::ApiOpenNetwork>({bogus}).Status),
              ERROR_CLUSTER_NETWORK_NOT_FOUND);
    const auto link = client.ask<wire::ApiOpenNetInterface>({bogus});
    EXPECT_EQ(code(link.Status), ERROR_CLUSTER_NETINTERFACE_NOT_FOUND);
    EXPECT_TRUE(link.result.is_null());
}

TEST_P(Opening, FailsAtTheLimitOfHandles) {
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(client.open_cluster().is_null());
    const auto refused = client.ask<wire::ApiOpenCluster>({});
    EXPECT_EQ(code(refused.Status), ERROR_NOT_ENOUGH_MEMORY);
    EXPECT_TRUE(refused.result.is_null());
}

BOTH_SYNTAXES(Handle);

TEST_P(Handle, UnknownIsAFault) {
    const ndr::context_handle made_up{0, win32::random_guid()};
    client.ask<wire::ApiGetGroupState>({made_up});
    EXPECT_EQ(client.fault, dcerpc::fault::context_mismatch);
}

TEST_P(Handle, IsInvalidAfterClose) {
    const auto group = client.open_group("Web");
    client.ask<wire::ApiCloseGroup>({group});
    client.ask<wire::ApiGetGroupState>({group});
    EXPECT_EQ(client.fault, dcerpc::fault::context_mismatch);
}

TEST_P(Handle, OfAnotherKindIsInvalid) {
    const auto node = client.open_node("node1");
    EXPECT_EQ(code(client.ask<wire::ApiGetGroupState>({node}).result), ERROR_INVALID_HANDLE);
    EXPECT_EQ(code(client.ask<wire::ApiCloseGroup>({node}).result), ERROR_INVALID_HANDLE);
    EXPECT_EQ(client.fault, dcerpc::fault::none);
    EXPECT_EQ(client.handles.size(), 1U);
}

TEST_P(Handle, OfADeletedObjectSaysSo) {
    const auto group = client.open_group("Empty");
    const auto resource = client.open_resource("Web Disk");
    const auto node = client.open_node("node2");
    model::snapshot next = demo_snapshot();
    next.groups = {};
    next.resources = {};
    next.nodes = {};
    client.source.shown = std::make_shared<const model::snapshot>(std::move(next));
    EXPECT_EQ(code(client.ask<wire::ApiGetGroupState>({group}).result), ERROR_GROUP_NOT_AVAILABLE);
    EXPECT_EQ(code(client.ask<wire::ApiGetResourceState>({resource}).result),
              ERROR_RESOURCE_NOT_AVAILABLE);
    EXPECT_EQ(code(client.ask<wire::ApiGetNodeState>({node}).result), ERROR_NODE_NOT_AVAILABLE);
    EXPECT_EQ(code(client.ask<wire::ApiCloseGroup>({group}).result), ERROR_SUCCESS);
}

TEST_P(Handle, FollowsItsObjectThroughSnapshots) {
    const auto node = client.open_node("node2");
    model::snapshot next = demo_snapshot();
    model::node changed = *next.nodes[1];
    changed.state = model::node_state::up;
    next.nodes = model::collection<model::node>(
        {next.nodes[0], std::make_shared<const model::node>(changed)});
    client.source.shown = std::make_shared<const model::snapshot>(std::move(next));
    EXPECT_EQ(client.ask<wire::ApiGetNodeState>({node}).State, 0U);
}

TEST_P(Handle, RefusesStubsThatDoNotDecode) {
    EXPECT_EQ(client.send(wire::ApiGetGroupState::opnum, {}).status, dcerpc::fault::bad_stub_data);
}

} // namespace bridge::clusapi::test
