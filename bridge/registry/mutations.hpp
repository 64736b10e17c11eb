// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// Rules of the protocol that the simulation breaks one by one, to see that it would notice
/// (tests/sim/registry). In the product all are constants that the compiler removes.
namespace bridge::registry {

#ifdef BRIDGE_REGISTRY_MUTATIONS
#define BRIDGE_REGISTRY_SWITCH inline static
#else
#define BRIDGE_REGISTRY_SWITCH static constexpr
#endif

struct mutations {
    BRIDGE_REGISTRY_SWITCH bool ack_on_self_delivery = false;
    BRIDGE_REGISTRY_SWITCH bool majority_ack = false;
    BRIDGE_REGISTRY_SWITCH bool count_instead_of_hash = false;
    BRIDGE_REGISTRY_SWITCH bool no_lease_wait = false;
    BRIDGE_REGISTRY_SWITCH bool lease_at_activation = false;
    BRIDGE_REGISTRY_SWITCH bool stale_epoch_proposals = false;
    BRIDGE_REGISTRY_SWITCH bool minority_view = false;
    BRIDGE_REGISTRY_SWITCH bool install_ignores_promise = false;
    BRIDGE_REGISTRY_SWITCH bool ack_before_fsync = false;
    BRIDGE_REGISTRY_SWITCH bool longest_log_wins = false;
    BRIDGE_REGISTRY_SWITCH bool shrink_without_proof = false;
    BRIDGE_REGISTRY_SWITCH bool shrink_after_restart = false;
    BRIDGE_REGISTRY_SWITCH bool proof_ignores_incarnation = false;
    BRIDGE_REGISTRY_SWITCH bool resume_after_restart = false;
    BRIDGE_REGISTRY_SWITCH bool promise_not_durable = false;
    BRIDGE_REGISTRY_SWITCH bool pending_voters_count = false;
    BRIDGE_REGISTRY_SWITCH bool proof_for_last_core_only = false;

    /// Largest electorate for which half may be enough. More than two is not checked exhaustively.
    BRIDGE_REGISTRY_SWITCH std::size_t half_rule_voters = 2;
};

#undef BRIDGE_REGISTRY_SWITCH

} // namespace bridge::registry
