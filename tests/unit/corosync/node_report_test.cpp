// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/node_report.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace {

using namespace bridge::corosync;
namespace model = bridge::model;

node_report sample() {
    node_report r;
    r.node = 2;
    r.addresses = {{2, 0, "192.0.2.2", 24, "Ethernet", "eth0", false},
                   {2, 1, "2001:db8::2", 64, "Ethernet 2", "eth1", true}};
    r.views = {{2, 1, 0, true}, {2, 1, 1, false}, {2, 3, 0, true}};
    return r;
}

TEST(NodeReport, ComesBackAsItWasSent) {
    EXPECT_EQ(decode_report(encode_report(sample()), 2), sample());
}

TEST(NodeReport, MayBeEmpty) {
    node_report empty;
    empty.node = 7;
    EXPECT_EQ(decode_report(encode_report(empty), 7), empty);
}

TEST(NodeReport, IsRefusedFromAnotherNode) {
    EXPECT_FALSE(decode_report(encode_report(sample()), 3));
}

TEST(NodeReport, IsRefusedAtEveryOtherLength) {
    auto bytes = encode_report(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_report({bytes.data(), size}, 2)) << size;
    bytes.push_back(std::byte{0});
    EXPECT_FALSE(decode_report(bytes, 2));
}

TEST(NodeReport, RefusesWhatNoNodeCanMean) {
    const std::vector<std::function<void(node_report&)>> spoil = {
        [](node_report& r) { r.addresses[0].address = "not an address"; },
        [](node_report& r) { r.addresses[0].address.clear(); },
        [](node_report& r) { r.addresses[0].prefix_length = 33; },
        [](node_report& r) { r.addresses[1].prefix_length = 129; },
        [](node_report& r) { r.addresses[0].link = 8; },
        [](node_report& r) { r.addresses[1].link = 0; },
        [](node_report& r) { r.addresses[0].adapter = "line\nbreak"; },
        [](node_report& r) { r.addresses[0].adapter_id = std::string("\0", 1); },
        [](node_report& r) { r.views[0].link = 9; },
        [](node_report& r) { r.views[1].link = 0; },
    };
    for (std::size_t i = 0; i < spoil.size(); ++i) {
        node_report r = sample();
        spoil[i](r);
        EXPECT_FALSE(decode_report(encode_report(r), 2)) << "case " << i;
    }
}

TEST(NodeReport, CutsLongNamesWhenItIsSent) {
    node_report r = sample();
    r.addresses[0].adapter = std::string(1000, 'x');
    const auto got = decode_report(encode_report(r), 2);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->addresses[0].adapter.size(), max_report_text);
}

TEST(NodeReport, FitsIntoAFrameAtItsLargest) {
    node_report r;
    r.node = 1;
    for (std::uint32_t link = 0; link < max_links; ++link) {
        r.addresses.push_back({1, link, "2001:db8:1111:2222:3333:4444:5555:6666", 64,
                               std::string(max_report_text, 'a'), std::string(max_report_text, 'b'),
                               true});
        for (std::uint32_t node = 0; node < max_cluster_nodes; ++node)
            r.views.push_back({1, node + 2, link, true});
    }
    const auto bytes = encode_report(r);
    EXPECT_LT(bytes.size(), std::size_t{64} << 10);
    EXPECT_EQ(decode_report(bytes, 1), r);
}

} // namespace
