// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/contract/sgpr/rig.hpp"

namespace contract {

/// The deviations of Linux' own target (LIO, 6.1), whatever way leads to it.
inline const std::set<deviation> of_lio{
    deviation::not_ready_if_unregistered, deviation::conflict_on_wrong_release,
    deviation::release_needs_no_key, deviation::capacity_conflicts};

/// What comes to it with iSCSI.
inline const std::set<deviation> of_lio_sessions{deviation::node_may_write,
                                                 deviation::node_shares_attentions};

/// The user-space target tgt (1.0.85).
inline const std::set<deviation> of_tgt{
    deviation::no_full_status,       deviation::no_preempt_and_abort,
    deviation::no_persistence,       deviation::no_move,
    deviation::no_target_port,       deviation::release_needs_no_key,
    deviation::reserve_needs_no_key, deviation::preempts_as_clear,
    deviation::release_tells_wrongly};

[[nodiscard]] inline std::set<deviation> with(std::set<deviation> all, std::set<deviation> more) {
    all.merge(more);
    return all;
}

} // namespace contract
