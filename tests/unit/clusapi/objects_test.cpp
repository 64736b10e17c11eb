// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
using strings = std::vector<std::string>;

BOTH_SYNTAXES(Cluster);

TEST_P(Cluster, TellsItsNameAndTheNodeThatAnswers) {
    const auto out = client.ask<wire::ApiGetClusterName>({});
    EXPECT_EQ(n(out.ClusterName), "DEMO");
    EXPECT_EQ(n(out.NodeName), "node1");
}

TEST_P(Cluster, PresentsWindowsServer2012R2) {
    const auto out = client.ask<wire::ApiGetClusterVersion2>({});
    EXPECT_EQ(out.lpwMajorVersion, 6);
    EXPECT_EQ(out.lpwMinorVersion, 3);
    EXPECT_EQ(out.lpwBuildNumber, 9600);
    EXPECT_EQ(n(out.lpszCSDVersion), "");
    ASSERT_TRUE(out.ppClusterOpVerInfo);
    EXPECT_EQ(out.ppClusterOpVerInfo->dwSize, 20U);
    EXPECT_EQ(out.ppClusterOpVerInfo->dwClusterHighestVersion, 0x00082580U);
    EXPECT_EQ(out.ppClusterOpVerInfo->dwFlags, 0U);
}

TEST_P(Cluster, HasEmptyNamesForNodeMajority) {
    const auto out = client.ask<wire::ApiGetQuorumResource>({});
    EXPECT_EQ(code(out.result), ERROR_SUCCESS);
    EXPECT_EQ(n(out.lpszResourceName), "");
    EXPECT_EQ(n(out.lpszDeviceName), "");
    EXPECT_EQ(out.pdwMaxQuorumLogSize, 0U);
}

BOTH_SYNTAXES(Enumeration);

TEST_P(Enumeration, ListsEachTypeInTheOrderOfItsBit) {
    EXPECT_EQ(lines(client.ask<wire::ApiCreateEnum>({1}).ReturnEnum),
              (strings{"1:node1", "1:node2"}));
    EXPECT_EQ(lines(client.ask<wire::ApiCreateEnum>({0x39}).ReturnEnum),
              (strings{"1:node1", "1:node2", "8:Web", "8:Empty", "8:Cluster Group",
                       "16:Cluster Network 1", "32:node1 - Ethernet", "32:node2 - Ethernet"}));
    EXPECT_EQ(lines(client.ask<wire::ApiCreateEnum>({0x80000000}).ReturnEnum),
              (strings{"2147483648:Cluster Network 1"}));
    EXPECT_EQ(lines(client.ask<wire::ApiCreateEnum>({0x40000000}).ReturnEnum), strings{});
}

TEST_P(Enumeration, RefusesTypesThatDoNotExistOrDoNotCombine) {
    for (const std::uint32_t type : {0U, 0x40U, 0x80000001U, 0xC0000000U}) {
        const auto out = client.ask<wire::ApiCreateEnum>({type});
        EXPECT_EQ(code(out.result), ERROR_INVALID_PARAMETER) << type;
        EXPECT_FALSE(out.ReturnEnum);
    }
}

TEST_P(Enumeration, PairsIdentifiersWithNames) {
    const auto cluster = client.open_cluster();
    const auto out = client.ask<wire::ApiCreateEnumEx>({cluster, 2 | 8, 0});
    const auto names = lines(out.ReturnNameEnum);
    const auto ids = lines(out.ReturnIdEnum);
    ASSERT_EQ(names.size(), 7U);
    ASSERT_EQ(ids.size(), 7U);
    EXPECT_EQ(names[0], "2:IP Address");
    EXPECT_EQ(ids[0], "2:");
    EXPECT_EQ(names[4], "8:Web");
    EXPECT_EQ(ids[4], "8:" + std::string(web_id));
    EXPECT_EQ(code(client.ask<wire::ApiCreateEnumEx>({cluster, 1, 1}).result),
              ERROR_INVALID_PARAMETER);
}

std::vector<std::byte> multi_sz(std::string_view text) {
    std::vector<std::byte> out;
    for (const char c : text) {
        out.push_back(static_cast<std::byte>(c == '|' ? '\0' : c));
        out.push_back(std::byte{0});
    }
    out.resize(out.size() + 2);
    return out;
}

TEST_P(Enumeration, ListsGroupsWithThePropertiesAskedFor) {
    wire::ApiCreateGroupEnum_in in;
    in.hCluster = client.open_cluster();
    in.pProperties = multi_sz("priority|Description|");
    in.cbProperties = static_cast<std::uint32_t>(in.pProperties->size());
    const auto out = client.ask<wire::ApiCreateGroupEnum>(in);
    ASSERT_TRUE(out.ppResultList);
    ASSERT_EQ(out.ppResultList->Entry.size(), 3U);
    const auto& web = out.ppResultList->Entry[0];
    EXPECT_EQ(n(web.Name), "Web");
    EXPECT_EQ(n(web.Owner), "node1");
    EXPECT_EQ(web.dwState, 2U);
    ASSERT_TRUE(web.Properties);
    EXPECT_EQ(web.Properties->size(), web.cbProperties);
    EXPECT_EQ(web.Properties->front(), std::byte{2});
    EXPECT_FALSE(web.RoProperties);
    EXPECT_EQ(out.ppResultList->Entry[2].dwFlags, 1U);
}

TEST_P(Enumeration, RefusesUnknownPropertyNames) {
    wire::ApiCreateGroupEnum_in in;
    in.hCluster = client.open_cluster();
    in.pRoProperties = multi_sz("Nonsense|");
    in.cbRoProperties = static_cast<std::uint32_t>(in.pRoProperties->size());
    EXPECT_EQ(code(client.ask<wire::ApiCreateGroupEnum>(in).result), ERROR_INVALID_PARAMETER);
}

TEST_P(Enumeration, ListsResourcesWithAllProperties) {
    wire::ApiCreateResourceEnum_in in;
    in.hCluster = client.open_cluster();
    in.pProperties = multi_sz("*");
    in.cbProperties = static_cast<std::uint32_t>(in.pProperties->size());
    in.pRoProperties = multi_sz("*");
    in.cbRoProperties = static_cast<std::uint32_t>(in.pRoProperties->size());
    const auto out = client.ask<wire::ApiCreateResourceEnum>(in);
    ASSERT_TRUE(out.ppResultList);
    ASSERT_EQ(out.ppResultList->EntryCount, 4U);
    const auto& first = out.ppResultList->Entry[0];
    EXPECT_EQ(n(first.OwnerName), "Web");
    EXPECT_EQ(n(first.OwnerId), web_id);
    EXPECT_EQ(first.Properties->front(), std::byte{14});
    EXPECT_EQ(first.RoProperties->front(), std::byte{6});
}

BOTH_SYNTAXES(Group);

TEST_P(Group, TellsStateAndOwner) {
    const auto out = client.ask<wire::ApiGetGroupState>({client.open_group("Web")});
    EXPECT_EQ(out.State, 2U);
    EXPECT_EQ(n(out.NodeName), "node1");
}

TEST_P(Group, ListsContentsAndPreferredOwners) {
    const auto group = client.open_group("Web");
    EXPECT_EQ(lines(client.ask<wire::ApiCreateGroupResourceEnum>({group, 3}).ReturnEnum),
              (strings{"1:Web Address", "1:Web Disk", "1:Web Site", "2:node2", "2:node1"}));
    EXPECT_EQ(lines(client.ask<wire::ApiCreateGroupResourceEnum>({group, 0xF0}).ReturnEnum),
              strings{});
}

BOTH_SYNTAXES(Node);

TEST_P(Node, TellsStateAndDecimalIdentifier) {
    const auto node = client.open_node("NODE2");
    EXPECT_EQ(client.ask<wire::ApiGetNodeState>({node}).State, 1U);
    EXPECT_EQ(n(client.ask<wire::ApiGetNodeId>({node}).pGuid), "2");
}

TEST_P(Node, ListsInterfacesAndGroups) {
    const auto node = client.open_node("node1");
    EXPECT_EQ(lines(client.ask<wire::ApiCreateNodeEnum>({node, 3}).ReturnEnum),
              (strings{"1:node1 - Ethernet", "2:Web", "2:Empty", "2:Cluster Group"}));
    const auto both = client.ask<wire::ApiCreateNodeEnumEx>({node, 2, 0});
    EXPECT_EQ(lines(both.ReturnIdEnum).front(), "2:" + std::string(web_id));
    EXPECT_EQ(lines(both.ReturnNameEnum).front(), "2:Web");
    EXPECT_EQ(code(client.ask<wire::ApiCreateNodeEnumEx>({node, 4, 0}).result),
              ERROR_INVALID_PARAMETER);
}

BOTH_SYNTAXES(Resource);

TEST_P(Resource, TellsStateOwnerAndGroup) {
    const auto resource = client.open_resource("Web Site");
    const auto out = client.ask<wire::ApiGetResourceState>({resource});
    EXPECT_EQ(out.State, 4U);
    EXPECT_EQ(n(out.NodeName), "node1");
    EXPECT_EQ(n(out.GroupName), "Web");
    EXPECT_EQ(n(client.ask<wire::ApiGetResourceId>({resource}).pGuid), site_id);
    EXPECT_EQ(n(client.ask<wire::ApiGetResourceType>({resource}).lpszResourceType),
              "ocf:heartbeat:apache");
}

TEST_P(Resource, ListsProvidersDependentsAndPossibleOwners) {
    const auto site = client.open_resource("Web Site");
    EXPECT_EQ(lines(client.ask<wire::ApiCreateResEnum>({site, 1}).ReturnEnum),
              (strings{"1:Web Address", "1:Cluster Name", "1:Web Disk"}));
    EXPECT_EQ(
        lines(client.ask<wire::ApiCreateResEnum>({client.open_resource("Web Disk"), 6}).ReturnEnum),
        (strings{"2:Web Site", "4:node1", "4:node2"}));
    EXPECT_EQ(code(client.ask<wire::ApiCreateResEnum>({site, 0}).result), ERROR_INVALID_PARAMETER);
}

TEST_P(Resource, WritesItsDependenciesInNormalForm) {
    const auto out =
        client.ask<wire::ApiGetResourceDependencyExpression>({client.open_resource("Web Site")});
    EXPECT_EQ(n(out.lpszDependencyExpression), "([" + std::string(ip_id) + "] or [" +
                                                   std::string(name_id) + "]) and ([" +
                                                   std::string(disk_id) + "])");
    EXPECT_EQ(
        n(client.ask<wire::ApiGetResourceDependencyExpression>({client.open_resource("Web Disk")})
              .lpszDependencyExpression),
        "");
}

TEST_P(Resource, FindsTheNetworkNameThatItReaches) {
    EXPECT_EQ(
        n(client.ask<wire::ApiGetResourceNetworkName>({client.open_resource("Web Site")}).lpszName),
        "DEMO");
    const auto own =
        client.ask<wire::ApiGetResourceNetworkName>({client.open_resource("Cluster Name")});
    EXPECT_EQ(n(own.lpszName), "DEMO");
    EXPECT_EQ(
        code(
            client.ask<wire::ApiGetResourceNetworkName>({client.open_resource("Web Disk")}).result),
        ERROR_DEPENDENCY_NOT_FOUND);
}

TEST_P(Resource, SaysWhetherItMayDependOnAnother) {
    const auto ask = [&](std::string_view a, std::string_view b) {
        return code(client
                        .ask<wire::ApiCanResourceBeDependent>(
                            {client.open_resource(a), client.open_resource(b)})
                        .result);
    };
    EXPECT_EQ(ask("Web Disk", "Web Disk"), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(ask("Web Disk", "Cluster Name"), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(ask("Web Site", "Web Disk"), ERROR_DEPENDENCY_ALREADY_EXISTS);
    EXPECT_EQ(ask("Web Disk", "Web Site"), ERROR_DEPENDENCY_ALREADY_EXISTS);
    EXPECT_EQ(ask("Web Disk", "Web Address"), ERROR_SUCCESS);
}

BOTH_SYNTAXES(ResourceType);

TEST_P(ResourceType, ListsNodesAndResources) {
    EXPECT_EQ(lines(client.ask<wire::ApiCreateResTypeEnum>({u"physical disk", 3}).ReturnEnum),
              (strings{"1:node1", "2:Web Disk"}));
    EXPECT_EQ(code(client.ask<wire::ApiCreateResTypeEnum>({u"bogus", 1}).result),
              ERROR_CLUSTER_RESOURCE_TYPE_NOT_FOUND);
}

BOTH_SYNTAXES(Network);

TEST_P(Network, TellsStateIdentifierAndInterfaces) {
    const auto network = client.ask<wire::ApiOpenNetwork>({u"cluster network 1"}).result;
    EXPECT_EQ(client.ask<wire::ApiGetNetworkState>({network}).State, 3U);
    EXPECT_EQ(n(client.ask<wire::ApiGetNetworkId>({network}).pGuid), network_id);
    EXPECT_EQ(lines(client.ask<wire::ApiCreateNetworkEnum>({network, 1}).ReturnEnum),
              (strings{"1:node1 - Ethernet", "1:node2 - Ethernet"}));
}

TEST_P(Network, FindsTheInterfaceOfANode) {
    const auto link = client.ask<wire::ApiOpenNetInterface>({u"node2 - Ethernet"}).result;
    EXPECT_EQ(client.ask<wire::ApiGetNetInterfaceState>({link}).State, 3U);
    EXPECT_EQ(n(client.ask<wire::ApiGetNetInterfaceId>({link}).pGuid), link2_id);
    EXPECT_EQ(n(client.ask<wire::ApiGetNetInterface>({u"node2", u"Cluster Network 1"})
                    .lppszInterfaceName),
              "node2 - Ethernet");
    EXPECT_EQ(code(client.ask<wire::ApiGetNetInterface>({u"node9", u"Cluster Network 1"}).result),
              ERROR_CLUSTER_NODE_NOT_FOUND);
    EXPECT_EQ(code(client.ask<wire::ApiGetNetInterface>({u"node2", u"bogus"}).result),
              ERROR_CLUSTER_NETINTERFACE_NOT_FOUND);
}

} // namespace bridge::clusapi::test
