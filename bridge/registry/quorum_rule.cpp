// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/quorum_rule.hpp"

#include "bridge/registry/mutations.hpp"

#include <algorithm>

namespace bridge::registry {

namespace {

bool holds(std::span<const voter> list, const voter& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
}

bool names(std::span<const life> list, node_id node) {
    return std::any_of(list.begin(), list.end(), [&](const life& l) { return l.node == node; });
}

/// The incarnation of an absent voter that is accepted as gone, if it is.
std::optional<life> gone(const quorum_question& q, const voter& absent) {
    const auto last = std::find_if(q.lives.begin(), q.lives.end(),
                                   [&](const life& l) { return l.node == absent.node; });
    const life unknown{absent.node, {}};
    const life& recorded = last == q.lives.end() ? unknown : *last;
    if (q.unsafe_two_node || mutations::shrink_without_proof)
        return recorded;
    if (mutations::proof_ignores_incarnation && names(q.dead, absent.node))
        return recorded;
    if (mutations::proof_for_last_core_only &&
        std::find(q.last_core.begin(), q.last_core.end(), absent.node) == q.last_core.end())
        return recorded;
    if (last == q.lives.end() || std::find(q.dead.begin(), q.dead.end(), *last) == q.dead.end())
        return std::nullopt;
    return recorded;
}

/// The core against one electorate of a finished plan.
bool satisfied(const plan_message& plan, std::span<const voter> electorate) {
    const std::size_t have = common(electorate, plan.core_voters);
    if (2 * have > electorate.size() || mutations::minority_view)
        return true;
    if (2 * have != electorate.size() || electorate.size() > mutations::half_rule_voters ||
        plan.basis != quorum_basis::half)
        return false;
    return std::all_of(electorate.begin(), electorate.end(), [&](const voter& v) {
        return holds(plan.core_voters, v) || names(plan.proofs, v.node);
    });
}

} // namespace

std::size_t common(std::span<const voter> a, std::span<const voter> b) {
    return static_cast<std::size_t>(
        std::count_if(a.begin(), a.end(), [&](const voter& v) { return holds(b, v); }));
}

quorum_answer judge(const quorum_question& q) {
    const std::size_t have = common(q.electorate, q.core);
    if (2 * have > q.electorate.size() || mutations::minority_view)
        return {quorum_basis::majority, {}};
    if (2 * have != q.electorate.size() || q.electorate.empty() ||
        q.electorate.size() > mutations::half_rule_voters)
        return {};
    if (!q.live && !mutations::shrink_after_restart)
        return {};
    quorum_answer answer{quorum_basis::half, {}};
    for (const voter& v : q.electorate) {
        if (holds(q.core, v))
            continue;
        const auto proof = gone(q, v);
        if (!proof)
            return {};
        answer.gone.push_back(*proof);
    }
    return answer;
}

bool consistent(const plan_message& plan) {
    if (plan.core.empty() || plan.core.size() != plan.core_voters.size())
        return false;
    for (std::size_t i = 0; i < plan.core.size(); ++i)
        if (plan.core[i].node != plan.core_voters[i].node)
            return false;
    if (plan.voters.empty() || (2 * common(plan.voters, plan.core_voters) <= plan.voters.size() &&
                                !mutations::minority_view))
        return false;
    if (plan.basis == quorum_basis::bootstrap)
        return plan.base.index == 0 && plan.base_epoch == epoch_id{} &&
               plan.voters == plan.core_voters;
    return plan.basis != quorum_basis::none && !plan.base_voters.empty() &&
           !plan.base_known.empty() && satisfied(plan, plan.base_voters) &&
           satisfied(plan, plan.base_known);
}

} // namespace bridge::registry
