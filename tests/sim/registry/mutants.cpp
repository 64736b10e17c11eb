// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/mutants.hpp"

#include "bridge/registry/mutations.hpp"

namespace registry_sim {

using rules = bridge::registry::mutations;

const std::vector<mutant>& mutants() {
    static const std::vector<mutant> all{
        {"ack-on-self-delivery", {&rules::ack_on_self_delivery}},
        {"majority-ack", {&rules::majority_ack}},
        {"count-instead-of-hash", {&rules::count_instead_of_hash}, 0, 2},
        {"no-lease-wait", {&rules::no_lease_wait}},
        {"lease-at-activation", {&rules::lease_at_activation}},
        {"stale-epoch-proposals", {&rules::stale_epoch_proposals}},
        {"minority-view", {&rules::minority_view}},
        {"install-ignores-promise", {&rules::install_ignores_promise}},
        {"ack-before-fsync", {&rules::ack_before_fsync}},
        {"longest-log-wins", {&rules::longest_log_wins}},
        {"shrink-without-proof", {&rules::shrink_without_proof}, 2},
        {"shrink-after-restart", {&rules::shrink_after_restart}, 2},
        {"proof-ignores-incarnation", {&rules::proof_ignores_incarnation}, 2},
        {"resume-after-restart", {&rules::resume_after_restart}},
        {"promise-not-durable", {&rules::promise_not_durable}},
        {"pending-voters-count", {&rules::pending_voters_count}},
        {"proof-for-last-core-only", {&rules::proof_for_last_core_only}, 4, -1, 4},
    };
    return all;
}

void break_rules(const mutant& m) {
    keep_all_rules();
    for (bool* rule : m.rules)
        *rule = true;
    rules::half_rule_voters = m.half_rule_voters;
}

void keep_all_rules() {
    for (const mutant& m : mutants())
        for (bool* rule : m.rules)
            *rule = false;
    rules::half_rule_voters = 2;
}

} // namespace registry_sim
