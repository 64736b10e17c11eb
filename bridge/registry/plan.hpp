// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/messages.hpp"
#include "bridge/registry/types.hpp"

#include <optional>
#include <string>
#include <vector>

/// The coordinator's decision: out of the states of those who answered, the next epoch.
namespace bridge::registry {

struct member_state {
    process_id process;
    random_id incarnation{};
    state_message state; ///< granted
};

struct plan_question {
    node_id self = 0;                 ///< the coordinator, who answered too
    std::vector<member_state> states; ///< sorted by process; one for each node
    std::vector<node_id> present;     ///< nodes in the group, sorted
    std::vector<node_id> configured;  ///< sorted; empty: not known
    /// Absent nodes that stay voters, sorted; nullopt: all.
    std::optional<std::vector<node_id>> counted{};
    random_id seed_lineage{};
    std::uint64_t near_entries = 1000;
    bool unsafe_two_node = false;
};

struct plan_answer {
    plan_message plan; ///< basis none: only for learners, or for nobody
    std::string why;   ///< for an administrator, when there is no core
};

plan_answer make_plan(const plan_question& question);

} // namespace bridge::registry
