// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/history.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Where one resource is, as the histories of all nodes together say.
namespace bridge::model {

inline constexpr std::size_t never = static_cast<std::size_t>(-1);

/// A node whose histories are read.
struct observed_node {
    std::string_view name;
    std::shared_ptr<const node_status> status; ///< null: it has none
    bool online = false;
    /// Failures in the histories after this place do not count: the node is to be fenced.
    std::size_t fenced_from = never;
};

struct presence {
    /// One per observed node.
    std::vector<instance_status> status;
    /// Runs there; only nodes that are online. Includes what migrations left.
    std::vector<bool> on;
    role is = role::unknown; ///< the highest one, also where nodes are lost
    bool failed = false;     ///< on any node that is online
    std::int64_t changes_at = 0;
};

/// Reads the histories recorded as `id`. Those of nodes that are lost count for what migrations
/// left on others, and only with fencing: without it Pacemaker forgets them. `any_instance` as in
/// failures_of().
presence presence_of(const cib_facts& facts, const std::vector<observed_node>& nodes,
                     const std::string& id, const history_rules& rules, bool any_instance);

} // namespace bridge::model
