// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Rules of ownership that the simulation breaks one by one, to see that it would notice
/// (tests/sim/ownership). In the product all are constants that the compiler removes.
namespace sgpr {

#ifdef SGPR_OWNERSHIP_MUTATIONS
#define SGPR_OWNERSHIP_SWITCH inline static
#else
#define SGPR_OWNERSHIP_SWITCH static constexpr
#endif

struct ownership_mutations {
    // What existing agents do (and are known to fail at).
    SGPR_OWNERSHIP_SWITCH bool holder_key_is_registration = false;
    SGPR_OWNERSHIP_SWITCH bool preempt_live_owner = false;
    SGPR_OWNERSHIP_SWITCH bool registered_by_key_alone = false;
    SGPR_OWNERSHIP_SWITCH bool one_path_only = false;
    SGPR_OWNERSHIP_SWITCH bool ignore_registrations_preempted = false;
    SGPR_OWNERSHIP_SWITCH bool release_believed = false;
    SGPR_OWNERSHIP_SWITCH bool loser_stays_registered = false;
    SGPR_OWNERSHIP_SWITCH bool error_is_not_done = false;
    SGPR_OWNERSHIP_SWITCH bool own_stale_keys_stay = false;
    SGPR_OWNERSHIP_SWITCH bool any_type_is_ours = false;
    // What a careless defence or challenge would do.
    SGPR_OWNERSHIP_SWITCH bool slow_defence = false;
    SGPR_OWNERSHIP_SWITCH bool short_challenge = false;
    SGPR_OWNERSHIP_SWITCH bool challengers_stay = false;
    SGPR_OWNERSHIP_SWITCH bool belief_from_answer = false;
    SGPR_OWNERSHIP_SWITCH bool belief_beside_challenger = false;
    SGPR_OWNERSHIP_SWITCH bool wait_from_first_registration = false;
    SGPR_OWNERSHIP_SWITCH bool returned_path_unchecked = false;
    SGPR_OWNERSHIP_SWITCH bool challenger_registers_again = false;
    SGPR_OWNERSHIP_SWITCH bool others_stay_registered = false;
    SGPR_OWNERSHIP_SWITCH bool foreign_is_ours = false;
};

#undef SGPR_OWNERSHIP_SWITCH

} // namespace sgpr
