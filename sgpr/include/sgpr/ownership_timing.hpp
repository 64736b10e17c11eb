// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace sgpr {

/// The times of challenge and defence, one inequality:
///
///     lost_after * (1 + drift) + reaction  <=  challenge * (1 - drift)
///
/// An owner's belief reaches from the *begin* s of a look that showed the disk to be its own and
/// nobody else registered, to s + lost_after. A challenger that was not yet seen registered at some
/// r >= s, the moment at which the target answered at the earliest. It counts its wait from the
/// moment at which it knows that its *last* registration is there, so that it preempts at
/// r + challenge at the earliest; a registration that is found gone ends the challenge. Between the
/// end of the belief and the preemption the owner has `reaction` to stop its host's writes. Clocks
/// are never compared, only their rates: `drift` is by how much one may be fast or slow.
///
/// A look that shows a challenger does not prolong the belief until another look shows it removed.
/// What the owner sends after it was preempted is refused by the target, whatever it believes.
struct ownership_timing {
    using milliseconds = std::chrono::milliseconds;

    milliseconds period{3000};     ///< between looks of the defence
    milliseconds lost_after{6000}; ///< two periods: both looks within were missed
    milliseconds challenge{7000};  ///< a challenger's wait
    milliseconds reaction{800};    ///< to stop the writes of a host whose ownership is lost
    milliseconds command{3000};    ///< at most, of one SCSI command
    milliseconds retry{250};       ///< after a look that failed on every path
    milliseconds watch{1000};      ///< between a challenger's looks
    milliseconds give_up{30000};   ///< of an acquisition
    int drift_permille = 5;

    /// Whether the inequality holds, and the defence looks often enough.
    [[nodiscard]] constexpr bool safe() const {
        return lost_after * (1000 + drift_permille) + reaction * 1000 <=
                   challenge * (1000 - drift_permille) &&
               2 * period <= lost_after && command <= period && period.count() > 0;
    }
};

static_assert(ownership_timing{}.safe());

} // namespace sgpr
