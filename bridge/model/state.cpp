// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/state.hpp"

#include <algorithm>
#include <set>

namespace bridge::model {

resource_state state_of(const resource_condition& condition, bool settled) {
    const bool given_up = condition.exhausted || (condition.threshold_reached && settled);
    if (condition.starting)
        return resource_state::online_pending;
    if (condition.stopping)
        return resource_state::offline_pending;
    if (condition.running && !condition.failed && condition.wanted)
        return resource_state::online;
    if (condition.running && !condition.wanted)
        return settled ? resource_state::failed : resource_state::offline_pending;
    if (condition.wanted && (condition.failed || given_up))
        return resource_state::failed;
    if (condition.wanted && !settled)
        return resource_state::online_pending;
    return resource_state::offline;
}

group_state state_of(std::span<const member_state> members) {
    bool pending = false;
    std::size_t top = 0;
    std::size_t online = 0;
    for (const auto& each : members) {
        if (each.state == resource_state::failed)
            return group_state::failed;
        pending = pending || each.state == resource_state::online_pending ||
                  each.state == resource_state::offline_pending;
        top += each.top_level ? 1 : 0;
        online += each.top_level && each.state == resource_state::online ? 1 : 0;
    }
    if (pending)
        return group_state::pending;
    if (members.empty() || online == 0)
        return group_state::offline;
    return online == top ? group_state::online : group_state::partial_online;
}

node_state state_of(const node_condition& condition) {
    if (!condition.member || (!condition.controller && !condition.awaited))
        return node_state::down;
    if (!condition.controller || !condition.joined)
        return node_state::joining;
    return condition.paused ? node_state::paused : node_state::up;
}

std::vector<net_interface_state> states_of(const network_condition& condition) {
    const std::size_t count = condition.available.size();
    const std::set<std::pair<std::size_t, std::size_t>> reaches(condition.reaches.begin(),
                                                                condition.reaches.end());
    const auto others = static_cast<std::size_t>(
        std::count(condition.available.begin(), condition.available.end(), true));
    std::vector<net_interface_state> states(count, net_interface_state::unavailable);
    for (std::size_t i = 0; i < count; ++i) {
        if (!condition.available[i])
            continue;
        bool any = others <= 1;
        for (std::size_t j = 0; j < count && !any; ++j)
            any = i != j && condition.available[j] && reaches.contains({i, j});
        states[i] = any ? net_interface_state::up : net_interface_state::failed;
    }
    const auto failed =
        states; // "all non-failed ones" is judged before anything becomes unreachable
    for (std::size_t i = 0; i < count; ++i) {
        if (failed[i] != net_interface_state::up)
            continue;
        for (std::size_t j = 0; j < count; ++j)
            if (i != j && failed[j] == net_interface_state::up && !reaches.contains({i, j}))
                states[i] = net_interface_state::unreachable;
    }
    return states;
}

network_state state_of(std::span<const net_interface_state> interfaces) {
    std::size_t up = 0;
    std::size_t failed = 0;
    std::size_t unreachable = 0;
    for (const auto each : interfaces) {
        up += each == net_interface_state::up ? 1 : 0;
        failed += each == net_interface_state::failed ? 1 : 0;
        unreachable += each == net_interface_state::unreachable ? 1 : 0;
    }
    if (up + failed + unreachable == 0)
        return network_state::unavailable;
    if (up == 0)
        return network_state::down;
    if (unreachable >= 1 && up >= 2)
        return network_state::partitioned;
    return network_state::up;
}

} // namespace bridge::model
