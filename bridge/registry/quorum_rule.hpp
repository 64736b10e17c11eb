// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/messages.hpp"
#include "bridge/registry/types.hpp"

#include <span>
#include <vector>

/// Who may go on: a majority of the voters, or one of exactly two when the other one is proven
/// dead.
namespace bridge::registry {

struct quorum_question {
    std::span<const voter> electorate;  ///< whom the rule is about
    std::span<const voter> core;        ///< those who would go on
    std::span<const life> lives;        ///< incarnation of each voter in the chosen state's past
    std::span<const life> dead;         ///< incarnations that have left for certain
    std::span<const node_id> last_core; ///< core of the chosen state's epoch
    /// The asker is of the electorate and the core, has the chosen state's epoch installed, and has
    /// seen an epoch active in its present incarnation.
    bool live = false;
    bool unsafe_two_node = false; ///< the operator's word instead of a proof
};

struct quorum_answer {
    quorum_basis basis = quorum_basis::none;
    std::vector<life> gone; ///< half: the incarnations of the absent voters
};

quorum_answer judge(const quorum_question& question);

/// What a member can check of a plan that somebody else made: that its own lists satisfy the rule.
bool consistent(const plan_message& plan);

/// Members of both lists.
std::size_t common(std::span<const voter> a, std::span<const voter> b);

} // namespace bridge::registry
