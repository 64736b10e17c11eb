// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/merge.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge::corosync;
namespace model = bridge::model;

/// Two nodes, one link, as corosync alone tells node 1.
model::membership local() {
    model::membership m;
    m.local_node = 1;
    m.members = {{1, "a", true, 1, 1}, {2, "b", true, 1, 1}};
    m.addresses = {{1, 0, "192.0.2.1", 0, {}, {}, false}, {2, 0, "192.0.2.2", 0, {}, {}, false}};
    m.views = {{1, 2, 0, true}};
    return m;
}

std::map<std::uint32_t, known_report> from_two(bool live) {
    node_report r;
    r.node = 2;
    r.addresses = {{2, 0, "192.0.2.2", 24, "Ethernet", "eth0", false}};
    r.views = {{2, 1, 0, false}};
    return {{2, {r, live}}};
}

TEST(Merge, TakesAdapterAndMaskFromTheNodeItself) {
    const auto m = merge(local(), from_two(true));
    EXPECT_EQ(m.addresses[1].adapter, "Ethernet");
    EXPECT_EQ(m.addresses[1].prefix_length, 24);
}

TEST(Merge, AddsTheViewsOfTheOthers) {
    const auto m = merge(local(), from_two(true));
    ASSERT_EQ(m.views.size(), 2u);
    EXPECT_EQ(m.views[1], (model::link_view{2, 1, 0, false}));
}

TEST(Merge, KeepsAdaptersButNotTheViewsOfADaemonThatLeft) {
    const auto m = merge(local(), from_two(false));
    EXPECT_EQ(m.addresses[1].adapter, "Ethernet");
    ASSERT_EQ(m.views.size(), 2u);
    EXPECT_EQ(m.views[1], (model::link_view{2, 1, 0, true})); // its own said false
}

TEST(Merge, AssumesTheViewsOfNodesWithoutADaemon) {
    model::membership m = local();
    m.members.push_back({3, "c", true, 1, 1});
    m.addresses.push_back({3, 0, "192.0.2.3", 0, {}, {}, false});
    m.views.push_back({1, 3, 0, false});
    const auto merged = merge(m, {});
    const std::vector<model::link_view> expected{{1, 2, 0, true},  {1, 3, 0, false},
                                                 {2, 1, 0, true},  {2, 3, 0, false},
                                                 {3, 1, 0, false}, {3, 2, 0, false}};
    EXPECT_EQ(merged.views, expected);
}

TEST(Merge, AssumesNothingOfNodesThatAreDown) {
    model::membership m = local();
    m.members[1].joined = false;
    EXPECT_EQ(merge(m, {}).views.size(), 1u);
}

TEST(Merge, LetsNobodyInventLinks) {
    auto reports = from_two(true);
    reports.at(2).report.addresses.push_back({2, 5, "198.51.100.9", 24, "x", "x", false});
    reports.at(2).report.views.push_back({2, 1, 5, true});
    reports.at(2).report.views.push_back({2, 77, 0, true});
    const auto m = merge(local(), reports);
    EXPECT_EQ(m.addresses.size(), 2u);
    EXPECT_EQ(m.views.size(), 2u);
}

TEST(Merge, DoesNotRepeatItsOwnViews) {
    auto reports = from_two(true);
    reports[1] = {report_of(local(), {}), true};
    EXPECT_EQ(merge(local(), reports).views.size(), 2u);
}

TEST(ReportOf, NamesTheAdapterThatHasTheConfiguredAddress) {
    const auto r = report_of(local(), {{"127.0.0.1", 8, "lo", "lo", false},
                                       {"192.0.2.1", 25, "eth3", "Ethernet", true}});
    ASSERT_EQ(r.addresses.size(), 1u);
    EXPECT_EQ(r.node, 1u);
    EXPECT_EQ(r.addresses[0],
              (model::link_address{1, 0, "192.0.2.1", 25, "Ethernet", "eth3", true}));
    EXPECT_EQ(r.views, local().views);
}

TEST(ReportOf, SaysNothingAboutAddressesThatTheKernelDoesNotHave) {
    EXPECT_TRUE(report_of(local(), {}).addresses.empty());
}

} // namespace
