// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/state.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge::model;

struct resource_row {
    const char* what;
    resource_condition condition;
    bool settled;
    resource_state state;
};

resource_condition with(std::initializer_list<bool resource_condition::*> facts,
                        bool wanted = true) {
    resource_condition made;
    made.wanted = wanted;
    for (const auto fact : facts)
        made.*fact = true;
    return made;
}

using c = resource_condition;
using s = resource_state;

const resource_row resource_rows[] = {
    {"start in flight", with({&c::starting}), true, s::online_pending},
    {"start in flight beats a stop elsewhere", with({&c::starting, &c::stopping}), true,
     s::online_pending},
    {"start in flight beats running", with({&c::starting, &c::running}), true, s::online_pending},
    {"start in flight beats failed", with({&c::starting, &c::failed}), false, s::online_pending},
    {"start in flight, wanted Stopped", with({&c::starting}, false), false, s::online_pending},
    {"stop in flight", with({&c::stopping, &c::running}), true, s::offline_pending},
    {"stop of a failed one in flight", with({&c::stopping, &c::running, &c::failed}), false,
     s::offline_pending},
    {"stop in flight, wanted Stopped", with({&c::stopping}, false), false, s::offline_pending},
    {"running as wanted", with({&c::running}), true, s::online},
    {"running as wanted, not settled", with({&c::running}), false, s::online},
    {"running, threshold reached elsewhere", with({&c::running, &c::threshold_reached}), true,
     s::online},
    {"running, wanted Stopped, not settled", with({&c::running}, false), false, s::offline_pending},
    {"running, wanted Stopped, settled", with({&c::running}, false), true, s::failed},
    {"stop failed, wanted Stopped, not settled", with({&c::running, &c::failed}, false), false,
     s::offline_pending},
    {"stop failed, wanted Stopped, settled", with({&c::running, &c::failed}, false), true,
     s::failed},
    {"monitor failed", with({&c::running, &c::failed}), false, s::failed},
    {"monitor failed, settled", with({&c::running, &c::failed}), true, s::failed},
    {"start failed everywhere", with({&c::threshold_reached, &c::exhausted}), false, s::failed},
    {"threshold reached, settled", with({&c::threshold_reached}), true, s::failed},
    {"threshold reached on one node, moving on", with({&c::threshold_reached}), false,
     s::online_pending},
    {"not running, wanted, not settled", with({}), false, s::online_pending},
    {"not running, wanted, settled", with({}), true, s::offline},
    {"wanted Stopped, not running", with({}, false), true, s::offline},
    {"wanted Stopped, not running, not settled", with({}, false), false, s::offline},
    {"wanted Stopped, failures counted", with({&c::threshold_reached, &c::exhausted}, false), true,
     s::offline},
    {"wanted Stopped, failed before", with({&c::failed}, false), true, s::offline},
};

TEST(ResourceState, FollowsTheTable) {
    for (const auto& row : resource_rows)
        EXPECT_EQ(state_of(row.condition, row.settled), row.state) << row.what;
}

TEST(ResourceState, IsNeverInitializing) {
    for (unsigned bits = 0; bits < 256; ++bits) {
        const resource_condition all{(bits & 1) != 0, (bits & 2) != 0,  (bits & 4) != 0,
                                     (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0,
                                     (bits & 64) != 0};
        EXPECT_NE(state_of(all, (bits & 128) != 0), resource_state::initializing);
    }
}

struct group_row {
    const char* what;
    std::vector<member_state> members;
    group_state state;
};

const group_row group_rows[] = {
    {"a failed one beats a pending one",
     {{s::online_pending, true}, {s::failed, false}},
     group_state::failed},
    {"failed below the top", {{s::online, true}, {s::failed, false}}, group_state::failed},
    {"going online", {{s::online_pending, true}, {s::online, true}}, group_state::pending},
    {"going offline", {{s::offline_pending, false}, {s::offline, true}}, group_state::pending},
    {"empty", {}, group_state::offline},
    {"some of the top online",
     {{s::online, true}, {s::offline, true}},
     group_state::partial_online},
    {"all of the top online", {{s::online, true}, {s::online, true}}, group_state::online},
    {"top offline, provider online",
     {{s::offline, true}, {s::online, false}},
     group_state::offline},
    {"top online, provider offline", {{s::online, true}, {s::offline, false}}, group_state::online},
    {"all offline", {{s::offline, true}, {s::offline, false}}, group_state::offline},
};

TEST(GroupState, FollowsTheTable) {
    for (const auto& row : group_rows)
        EXPECT_EQ(state_of(row.members), row.state) << row.what;
}

struct node_row {
    const char* what;
    node_condition condition;
    node_state state;
};

const node_row node_rows[] = {
    {"member, online, joined", {true, true, true, false}, node_state::up},
    {"paused or standby", {true, true, true, true}, node_state::paused},
    {"join not complete", {true, true, false, false}, node_state::joining},
    {"join not complete, paused", {true, true, false, true}, node_state::joining},
    {"no controller", {true, false, false, false}, node_state::down},
    {"no member", {false, false, false, false}, node_state::down},
    {"no member, stale controller state", {false, true, true, false}, node_state::down},
    {"down and paused", {false, false, false, true}, node_state::down},
};

TEST(NodeState, FollowsTheTable) {
    for (const auto& row : node_rows)
        EXPECT_EQ(state_of(row.condition), row.state) << row.what;
}

using i = net_interface_state;

std::vector<std::pair<std::size_t, std::size_t>>
both_ways(std::initializer_list<std::pair<std::size_t, std::size_t>> pairs) {
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (const auto& [a, b] : pairs) {
        all.emplace_back(a, b);
        all.emplace_back(b, a);
    }
    return all;
}

struct network_row {
    const char* what;
    network_condition condition;
    std::vector<net_interface_state> interfaces;
    network_state state;
};

const network_row network_rows[] = {
    {"no interfaces", {{}, {}}, {}, network_state::unavailable},
    {"all nodes down",
     {{false, false}, {}},
     {i::unavailable, i::unavailable},
     network_state::unavailable},
    {"a lone interface", {{true}, {}}, {i::up}, network_state::up},
    {"a lone available interface", {{true, false}, {}}, {i::up, i::unavailable}, network_state::up},
    {"everyone reaches everyone",
     {{true, true, true}, both_ways({{0, 1}, {0, 2}, {1, 2}})},
     {i::up, i::up, i::up},
     network_state::up},
    {"one is cut off",
     {{true, true, true}, both_ways({{0, 1}})},
     {i::up, i::up, i::failed},
     network_state::up},
    {"two that do not reach each other",
     {{true, true}, {}},
     {i::failed, i::failed},
     network_state::down},
    {"one node down, the rest well",
     {{true, true, false}, both_ways({{0, 1}})},
     {i::up, i::up, i::unavailable},
     network_state::up},
    {"a chain: the ends miss each other",
     {{true, true, true}, both_ways({{0, 1}, {1, 2}})},
     {i::unreachable, i::up, i::unreachable},
     network_state::up},
    {"four, one pair broken",
     {{true, true, true, true}, both_ways({{0, 1}, {0, 2}, {1, 2}, {1, 3}, {2, 3}})},
     {i::unreachable, i::up, i::up, i::unreachable},
     network_state::partitioned},
    {"two halves",
     {{true, true, true, true}, both_ways({{0, 1}, {2, 3}})},
     {i::unreachable, i::unreachable, i::unreachable, i::unreachable},
     network_state::down},
};

TEST(NetworkState, FollowsTheTable) {
    for (const auto& row : network_rows) {
        const auto states = states_of(row.condition);
        EXPECT_EQ(states, row.interfaces) << row.what;
        EXPECT_EQ(state_of(states), row.state) << row.what;
    }
}

} // namespace
