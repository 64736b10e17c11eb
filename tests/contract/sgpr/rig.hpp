// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/path.hpp"

#include <functional>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace contract {

/// Where a target does something else than SPC-4 says. A rig names each that its target has; the
/// contract then expects the deviation, so that a target which mends it fails the contract too.
enum class deviation {
    no_full_status,            ///< READ FULL STATUS is unsupported
    no_preempt_and_abort,      ///< PREEMPT AND ABORT is unsupported
    no_persistence,            ///< APTPL is refused, PTPL_C is 0
    no_move,                   ///< REGISTER AND MOVE is unsupported
    no_target_port,            ///< page 83h does not tell the relative target port
    preempt_and_abort_hangs,   ///< it never ends: must not be sent
    not_ready_if_unregistered, ///< RESERVE of the unregistered: NOT READY
    conflict_on_wrong_release, ///< RELEASE with another type: RESERVATION CONFLICT
    release_needs_no_key,      ///< RELEASE of one that holds nothing: GOOD with whatever key
    reserve_needs_no_key,      ///< RESERVE where nothing is held: GOOD with whatever key
    preempts_as_clear,         ///< PREEMPT: 2A/03 for whose registration goes, not 2A/05
    release_tells_wrongly,     ///< types 5 to 8: nobody; 1 and 3: who released, if there are others
    capacity_conflicts,        ///< READ CAPACITY conflicts with exclusive access of others
    node_may_write,            ///< sessions of an iSCSI node may do what another of the node may
    node_shares_attentions,    ///< the first session of an iSCSI node gets all its attentions
};

enum class side { a, b };

/// One logical unit that two initiators share. Whatever is on it is lost.
class rig {
public:
    rig() = default;
    rig(const rig&) = delete;
    rig& operator=(const rig&) = delete;
    virtual ~rig() = default;

    /// All paths of one initiator, opened anew; at least one.
    [[nodiscard]] virtual std::vector<std::unique_ptr<sgpr::path>> open(side whose) = 0;
    [[nodiscard]] bool has(deviation which) const { return deviations.contains(which); }

    std::set<deviation> deviations;
};

struct rig_choice {
    std::string name;
    std::function<std::unique_ptr<rig>()> make;
};

inline void PrintTo(const rig_choice& choice, std::ostream* to) {
    *to << choice.name;
}

/// What the executable runs the contract on; each executable has its own.
[[nodiscard]] std::vector<rig_choice> rigs();

} // namespace contract
