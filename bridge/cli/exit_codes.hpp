// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bridge::cli {

/// Exit statuses as Pacemaker's commands use them.
enum exit_code : int {
    exit_ok = 0,
    exit_error = 1,
    exit_bad_parameter = 2,
    exit_privileges = 4, ///< this user may not
    exit_usage = 64,
    exit_data = 65,          ///< a file that is damaged or something else
    exit_no_input = 66,      ///< a file that cannot be read
    exit_unavailable = 69,   ///< the daemon does not answer
    exit_software = 70,      ///< our bug
    exit_cannot_create = 73, ///< a file that cannot be written
    exit_try_again = 75,
    exit_protocol = 76,
    exit_refused = 77,       ///< by the daemon
    exit_disconnected = 102, ///< before the answer came
    exit_no_such_object = 105,
    exit_no_quorum = 106,
    exit_needs_force = 107,
    exit_unknown_outcome = 112,
    exit_timeout = 124,
};

} // namespace bridge::cli
