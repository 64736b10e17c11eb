// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/failure.hpp"

namespace sgpr::command_line {

/// Exit statuses as Pacemaker's commands use them (docs/man/sgpr.8 lists them too).
enum exit_code : int {
    exit_ok = 0,
    exit_error = 1, ///< also: the disk does not show what was asked for
    exit_bad_parameter = 2,
    exit_unsupported = 3, ///< the device cannot do this
    exit_privileges = 4,
    exit_usage = 64,
    exit_unavailable = 69, ///< no path to the disk answers
    exit_try_again = 75,   ///< the device is busy
    exit_protocol = 76,    ///< the device's data contradict themselves
    exit_refused = 77,     ///< by a reservation, or for want of a registration
    exit_no_such_object = 105,
    exit_needs_force = 107,     ///< dangerous: --yes or another option is missing
    exit_unknown_outcome = 112, ///< sent, and nobody knows what became of it
    exit_timeout = 124,
};

/// Total over errc.
[[nodiscard]] exit_code status_of(const failure& problem);

} // namespace sgpr::command_line
