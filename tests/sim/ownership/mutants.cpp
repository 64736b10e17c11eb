// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ownership/mutants.hpp"

#include "sgpr/ownership_mutations.hpp"

namespace ownership_sim {

using rules = sgpr::ownership_mutations;

const std::vector<mutant>& mutants() {
    static const std::vector<mutant> all{
        {"holder-key-is-registration", &rules::holder_key_is_registration, 500, "fence_scsi"},
        {"preempt-live-owner", &rules::preempt_live_owner, 50, "sg_persist, mpathpersist agents"},
        {"registered-by-key-alone", &rules::registered_by_key_alone, 500, "sg_persist agent"},
        {"one-path-only", &rules::one_path_only, 500, "sg_persist agent"},
        {"ignore-registrations-preempted", &rules::ignore_registrations_preempted, 500,
         "fence_scsi, multipathd"},
        {"release-believed", &rules::release_believed, 500, "mpathpersist before 0.13"},
        {"loser-stays-registered", &rules::loser_stays_registered, 50, ""},
        {"error-is-not-done", &rules::error_is_not_done, 5000, "all agents"},
        {"own-stale-keys-stay", &rules::own_stale_keys_stay, 20000, "mpathpersist before 0.13"},
        {"any-type-is-ours", &rules::any_type_is_ours, 500, ""},
        {"foreign-is-ours", &rules::foreign_is_ours, 500, "sg_persist agent"},
        {"slow-defence", &rules::slow_defence, 50, ""},
        {"short-challenge", &rules::short_challenge, 2000, ""},
        {"challengers-stay", &rules::challengers_stay, 50, "fence_scsi (no defence)"},
        {"belief-from-answer", &rules::belief_from_answer, 20000, ""},
        {"belief-beside-challenger", &rules::belief_beside_challenger, 20000, ""},
        {"wait-from-first-registration", &rules::wait_from_first_registration, 5000, ""},
        {"returned-path-unchecked", &rules::returned_path_unchecked, 20000, "multipathd"},
        {"challenger-registers-again", &rules::challenger_registers_again, 50, ""},
        {"others-stay-registered", &rules::others_stay_registered, 500, ""},
    };
    return all;
}

void break_rule(const mutant& m) {
    keep_all_rules();
    *m.rule = true;
}

void keep_all_rules() {
    for (const mutant& m : mutants())
        *m.rule = false;
}

} // namespace ownership_sim
