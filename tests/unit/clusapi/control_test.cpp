// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

#include "bridge/clusapi/control.hpp"

namespace bridge::clusapi::test {

namespace {

using enum win32::win32_error;

/// What a control call answered.
struct answer {
    win32::win32_error result;
    buffer output;
    std::uint32_t required;

    [[nodiscard]] std::uint32_t number(std::size_t index = 0) const {
        std::uint32_t out = 0;
        for (std::size_t i = 4; i-- > 0;)
            out = out << 8 | std::to_integer<std::uint32_t>(output.at(4 * index + i));
        return out;
    }
    [[nodiscard]] std::string text() const { return parse_text(output).value_or("<no text>"); }
    [[nodiscard]] std::vector<std::string> texts() const {
        return parse_multi_sz(output).value_or(std::vector<std::string>{"<no list>"});
    }
    [[nodiscard]] model::property_list properties() const {
        auto list = parse_property_list(output);
        EXPECT_TRUE(list);
        return list.value_or(model::property_list{});
    }
};

template <class Method>
answer run(peer& client, typename Method::in in, std::uint32_t control_code,
           std::uint32_t size = 8192, buffer input = {}) {
    in.dwControlCode = control_code;
    in.nOutBufferSize = size;
    if (!input.empty()) {
        in.nInBufferSize = static_cast<std::uint32_t>(input.size());
        in.lpInBuffer = std::move(input);
    }
    auto out = client.ask<Method>(in);
    EXPECT_EQ(out.lpBytesReturned, out.lpOutBuffer.size());
    return {code(out.result), std::move(out.lpOutBuffer), out.lpcbRequired};
}

answer on_resource(peer& client, std::string_view name, std::uint32_t control_code,
                   std::uint32_t size = 8192, buffer input = {}) {
    wire::ApiResourceControl_in in;
    in.hResource = client.open_resource(name);
    return run<wire::ApiResourceControl>(client, in, control_code, size, std::move(input));
}

answer on_type(peer& client, std::u16string name, std::uint32_t control_code) {
    wire::ApiResourceTypeControl_in in;
    in.hCluster = client.open_cluster();
    in.lpszResourceTypeName = std::move(name);
    return run<wire::ApiResourceTypeControl>(client, in, control_code);
}

answer on_group(peer& client, std::string_view name, std::uint32_t control_code,
                std::uint32_t size = 8192, buffer input = {}) {
    wire::ApiGroupControl_in in;
    in.hGroup = client.open_group(name);
    return run<wire::ApiGroupControl>(client, in, control_code, size, std::move(input));
}

answer on_cluster(peer& client, std::uint32_t control_code, buffer input = {}) {
    wire::ApiClusterControl_in in;
    in.hCluster = client.open_cluster();
    return run<wire::ApiClusterControl>(client, in, control_code, 8192, std::move(input));
}

std::vector<std::string> names_of(const model::property_list& list) {
    std::vector<std::string> out;
    for (const model::property& p : list)
        out.push_back(p.name);
    return out;
}

buffer one_property(std::string_view name, model::property_format format,
                    model::property_value value) {
    const model::listed_properties list{{name, format, false, std::move(value)}};
    return encode_property_list(list, which::writable);
}

} // namespace

BOTH_SYNTAXES(Control);

TEST_P(Control, AnswersWhatAResourceIs) {
    EXPECT_EQ(on_resource(client, "Web Disk", 0x01000005).number(), 1U);
    EXPECT_EQ(on_resource(client, "Cluster Name", 0x01000009).number(), 1U);
    const answer info = on_resource(client, "Web Address", 0x0100000D);
    EXPECT_EQ(info.number(0), 2U);
    EXPECT_EQ(info.number(1), 0x80000000U);
    EXPECT_EQ(on_resource(client, "web site", 0x01000029).text(), "Web Site");
    EXPECT_EQ(on_resource(client, "Web Site", 0x0100002D).text(), "ocf:heartbeat:apache");
    EXPECT_EQ(on_resource(client, "Web Site", 0x01000039).text(), site_id);
    EXPECT_EQ(on_resource(client, "Web Site", 0x01000011).output.size(), 16U + 32U + 4U);
    EXPECT_EQ(on_resource(client, "Web Site", 0x010000A9).output.size(), 2U);
}

TEST_P(Control, PlainZeroAndForeignCodesAreNotFunctions) {
    for (const std::uint32_t bad : {0U, 0x03000009U, 0x01000333U, 0x01400333U, 0x01000229U})
        EXPECT_EQ(on_resource(client, "Web Disk", bad).result, ERROR_INVALID_FUNCTION) << bad;
    const answer known = on_resource(client, "Web Disk", 0x01000000);
    EXPECT_EQ(known.result, ERROR_SUCCESS);
    EXPECT_TRUE(known.output.empty());
    EXPECT_EQ(on_cluster(client, 0x07000005).result, ERROR_INVALID_FUNCTION);
}

TEST_P(Control, TellsTheSizeThatABufferNeeds) {
    const answer small = on_group(client, "Web", 0x03000029, 6);
    EXPECT_EQ(small.result, ERROR_MORE_DATA);
    EXPECT_EQ(small.required, 8U);
    EXPECT_TRUE(small.output.empty());
    const answer exact = on_group(client, "Web", 0x03000029, small.required);
    EXPECT_EQ(exact.text(), "Web");
}

TEST_P(Control, NumbersAskedForWithoutABufferSucceed) {
    for (const std::uint32_t number : {0x01000005U, 0x01000009U, 0x0100000DU}) {
        const answer empty = on_resource(client, "Web Disk", number, 0);
        EXPECT_EQ(empty.result, ERROR_SUCCESS);
        EXPECT_TRUE(empty.output.empty());
    }
    EXPECT_EQ(on_resource(client, "Web Disk", 0x01000009, 3).result, ERROR_MORE_DATA);
}

TEST_P(Control, SplitsCommonPropertiesByWhoMayWriteThem) {
    const auto writable = on_group(client, "Web", 0x03000059).properties();
    const auto read_only = on_group(client, "Web", 0x03000055).properties();
    EXPECT_EQ(names_of(read_only),
              (std::vector<std::string>{"Name", "GroupType", "StatusInformation"}));
    EXPECT_EQ(names_of(writable), on_group(client, "Web", 0x03000051).texts());
    EXPECT_EQ(model::find_property(writable, "priority")->value,
              model::property_value{std::uint32_t{3000}});
    EXPECT_EQ(model::find_property(writable, "PersistentState")->value,
              model::property_value{std::uint32_t{1}});
    EXPECT_EQ(model::find_property(read_only, "Name")->value,
              model::property_value{std::string("Web")});
}

TEST_P(Control, ListsPrivatePropertiesOfSchemaThenUnknownOnes) {
    const auto writable = on_resource(client, "Web Address", 0x01000081).properties();
    EXPECT_EQ(names_of(writable), (std::vector<std::string>{"Address", "EnableDhcp", "Colour"}));
    EXPECT_EQ(writable[0].value, model::property_value{std::string("10.0.0.5")});
    EXPECT_EQ(names_of(on_resource(client, "Web Address", 0x0100007D).properties()),
              (std::vector<std::string>{"DhcpServer"}));
    EXPECT_EQ(on_resource(client, "Web Address", 0x01000079).texts(), names_of(writable));
    EXPECT_EQ(on_group(client, "Empty", 0x03000081).output.size(), 4U);
}

TEST_P(Control, NeverShowsASecret) {
    const auto list = on_resource(client, "Web Site", 0x01000081).properties();
    EXPECT_EQ(model::find_property(list, "password")->value, model::property_value{std::string{}});
}

TEST_P(Control, ListsFormats) {
    EXPECT_EQ(on_group(client, "Web", 0x03000065).number(), 11U);
    EXPECT_EQ(on_resource(client, "Web Address", 0x0100008D).number(), 3U);
    EXPECT_EQ(on_type(client, u"IP Address", 0x02000091).number(), 3U);
    EXPECT_EQ(on_type(client, u"IP Address", 0x02000069).number(), 14U);
    EXPECT_EQ(on_type(client, u"IP Address", 0x02000065).result, ERROR_INVALID_FUNCTION);
}

TEST_P(Control, AnswersForTypes) {
    EXPECT_EQ(on_type(client, u"physical disk", 0x0200000D).number(), 1U);
    EXPECT_EQ(on_type(client, u"Physical Disk", 0x02000015).number(), 20U);
    EXPECT_EQ(on_type(client, u"IP Address", 0x02000015).result, ERROR_INVALID_FUNCTION);
    EXPECT_EQ(on_type(client, u"bogus", 0x02000009).result, ERROR_CLUSTER_RESOURCE_TYPE_NOT_FOUND);
    EXPECT_EQ(on_type(client, u"IP Address", 0x01000229).result, ERROR_CLUSTER_NOT_SHARED_VOLUME);
    EXPECT_EQ(on_type(client, u"IP Address", 0x02000195).result, ERROR_INVALID_FUNCTION);
    EXPECT_EQ(on_type(client, u"Physical Disk", 0x02000195).result, ERROR_NOT_SUPPORTED);
}

/// The description of a type needs no agent; what only the agent knows does.
TEST_P(Control, RefusesWhatNeedsTheAgentOfATypeThatHasNone) {
    EXPECT_EQ(on_type(client, u"IP Address", 0x02000000).result, ERROR_SUCCESS);
    for (const std::uint32_t code : {0x02000000U, 0x02000231U, 0x02000235U, 0x02000239U})
        EXPECT_EQ(on_type(client, u"Network Name", code).result,
                  ERROR_CLUSTER_RESTYPE_NOT_SUPPORTED)
            << code;
    EXPECT_EQ(on_type(client, u"Network Name", 0x02000091).number(), 1U);
    EXPECT_EQ(on_type(client, u"Network Name", 0x0200000D).number(), 0U);
    EXPECT_EQ(on_type(client, u"Network Name", 0).result, ERROR_INVALID_FUNCTION);
}

TEST_P(Control, KeepsMaintenanceModeToStorage) {
    EXPECT_EQ(on_resource(client, "Web Address", 0x010001E1).result, ERROR_INVALID_FUNCTION);
    EXPECT_EQ(on_resource(client, "Web Disk", 0x010001E1, 4).output.size(), 4U);
    const answer extended = on_resource(client, "Web Disk", 0x010001E1, 16);
    ASSERT_EQ(extended.output.size(), 16U);
    EXPECT_EQ(extended.number(2), 2U);
    EXPECT_EQ(extended.number(3), 0xABBAF00FU);
}

TEST_P(Control, KeepsComputerNamesToNetworkNames) {
    EXPECT_EQ(on_resource(client, "Cluster Name", 0x01000169).text(), "DEMO");
    EXPECT_EQ(on_resource(client, "Cluster Name", 0x01000175).text(), "DEMO.example.test");
    EXPECT_EQ(on_resource(client, "Web Disk", 0x01000169).result, ERROR_INVALID_FUNCTION);
}

TEST_P(Control, NamesRelatedResourcesOfOnlineOnesOnly) {
    EXPECT_EQ(on_resource(client, "Web Site", 0x01001FAD).result, ERROR_RESOURCE_NOT_ONLINE);
    EXPECT_EQ(on_resource(client, "Web Disk", 0x01001FAD).output.size(), 2U);
}

TEST_P(Control, AnswersForTheCluster) {
    EXPECT_EQ(on_cluster(client, 0x0700003D).text(), "DEMO.example.test");
    const auto list = on_cluster(client, 0x07000059).properties();
    EXPECT_NE(model::find_property(list, "Security Descriptor"), nullptr);
    EXPECT_EQ(model::find_property(list, "ClusterFunctionalLevel"), nullptr);
    EXPECT_EQ(on_cluster(client, 0x07000291).result, ERROR_CLUSTER_NOT_SHARED_VOLUME);
}

TEST_P(Control, SaysWhetherAVoterCanGo) {
    EXPECT_EQ(on_cluster(client, 0x07000049, encode_text("1")).number(), 1U);
    EXPECT_EQ(on_cluster(client, 0x07000045, encode_text("2")).number(), 0U);
    EXPECT_EQ(on_cluster(client, 0x07000049, encode_text("9")).result, ERROR_INVALID_PARAMETER);
    EXPECT_EQ(on_cluster(client, 0x07000049).number(), 1U); // without input, the node called
    EXPECT_EQ(on_cluster(client, 0x07000049, buffer(3)).result, ERROR_INVALID_PARAMETER);
}

TEST_P(Control, ValidatesCommonProperties) {
    using model::property_format;
    const auto check = [&](buffer input) {
        return on_group(client, "Web", 0x03000061, 0, std::move(input)).result;
    };
    EXPECT_EQ(check(one_property("priority", property_format::dword, std::uint32_t{1})),
              ERROR_SUCCESS);
    EXPECT_EQ(check(one_property("Priority", property_format::sz, std::string("1"))),
              ERROR_INVALID_DATA);
    EXPECT_EQ(check(one_property("GroupType", property_format::dword, std::uint32_t{1})),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(check(one_property("Nonsense", property_format::dword, std::uint32_t{1})),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(check(one_property("AutoFailbackType", property_format::dword, std::uint32_t{2})),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(check(buffer(3)), ERROR_INVALID_DATA);
    EXPECT_EQ(check({}), ERROR_INVALID_DATA);
}

TEST_P(Control, ValidatesPrivateProperties) {
    using model::property_format;
    const auto check = [&](buffer input) {
        return on_resource(client, "Web Address", 0x01000089, 0, std::move(input)).result;
    };
    EXPECT_EQ(check(one_property("Address", property_format::sz, std::string("10.0.0.6"))),
              ERROR_SUCCESS);
    EXPECT_EQ(check(one_property("Whatever", property_format::dword, std::uint32_t{1})),
              ERROR_SUCCESS);
    EXPECT_EQ(check(one_property("Description", property_format::sz, std::string("x"))),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(check(one_property("DhcpServer", property_format::sz, std::string("x"))),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(check(one_property("EnableDhcp", property_format::sz, std::string("x"))),
              ERROR_INVALID_DATA);
}

TEST_P(Control, WritingNeedsAllAndIsToCome) {
    EXPECT_EQ(on_group(client, "Web", 0x0340005E).result, ERROR_CALL_NOT_IMPLEMENTED);
    client.caller = reader();
    wire::ApiGroupControl_in in;
    in.hGroup = client.ask<wire::ApiOpenGroupEx>({u"Web", 0x80000000}).result;
    EXPECT_EQ(run<wire::ApiGroupControl>(client, in, 0x0340005E).result, ERROR_ACCESS_DENIED);
    EXPECT_EQ(run<wire::ApiGroupControl>(client, in, 0x03000059).result, ERROR_SUCCESS);
    wire::ApiClusterControl_in cluster;
    cluster.hCluster = client.ask<wire::ApiOpenClusterEx>({0x80000000}).result;
    EXPECT_EQ(run<wire::ApiClusterControl>(client, cluster, 0x0700004D).result,
              ERROR_ACCESS_DENIED);
}

TEST_P(Control, RunsOnNodesThatAreUp) {
    wire::ApiNodeGroupControl_in in;
    in.hGroup = client.open_group("Web");
    in.hNode = client.open_node("node1");
    EXPECT_EQ(run<wire::ApiNodeGroupControl>(client, in, 0x03000029).text(), "Web");
    in.hNode = client.open_node("node2");
    EXPECT_EQ(run<wire::ApiNodeGroupControl>(client, in, 0x03000029).result,
              ERROR_HOST_NODE_NOT_AVAILABLE);
}

TEST_P(Control, AnswersForNodesNetworksAndInterfaces) {
    wire::ApiNodeControl_in node;
    node.hNode = client.open_node("node1");
    EXPECT_EQ(run<wire::ApiNodeControl>(client, node, 0x04000039).text(), "1");
    EXPECT_EQ(run<wire::ApiNodeControl>(client, node, 0x04000005).number(), 0U);
    const auto facts = run<wire::ApiNodeControl>(client, node, 0x04000055).properties();
    EXPECT_EQ(model::find_property(facts, "NodeHighestVersion")->value,
              model::property_value{std::uint32_t{0x00082580}});
    wire::ApiNetworkControl_in network;
    network.hNetwork = client.ask<wire::ApiOpenNetwork>({u"Cluster Network 1"}).result;
    const auto of_network = run<wire::ApiNetworkControl>(client, network, 0x05000055).properties();
    EXPECT_EQ(model::find_property(of_network, "IPv4PrefixLengths")->value,
              (model::property_value{std::vector<std::string>{"24"}}));
    wire::ApiNetInterfaceControl_in link;
    link.hNetInterface = client.ask<wire::ApiOpenNetInterface>({u"node1 - Ethernet"}).result;
    EXPECT_EQ(run<wire::ApiNetInterfaceControl>(client, link, 0x06000031).text(), "node1");
    EXPECT_EQ(run<wire::ApiNetInterfaceControl>(client, link, 0x06000035).text(),
              "Cluster Network 1");
}

/// No code of the list may crash or hang on any kind of object, with or without input.
TEST_P(Control, EveryListedCodeGetsAnAnswer) {
    for (const control_row& row : control_codes())
        for (const buffer& input : {buffer{}, buffer(1), buffer(64)}) {
            peer fresh(GetParam());
            (void)on_resource(fresh, "Web Disk", row.code, 100, input);
            (void)on_resource(fresh, "Cluster Name", row.code, 100, input);
            (void)on_group(fresh, "Web", row.code, 100, input);
            (void)on_cluster(fresh, row.code, input);
            EXPECT_EQ(fresh.fault, dcerpc::fault::none) << row.name;
        }
}

} // namespace bridge::clusapi::test
