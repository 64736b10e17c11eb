// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bridge::cli {

/// Exit statuses as Pacemaker's commands use them.
enum exit_code : int {
    exit_ok = 0,
    exit_error = 1,
    exit_bad_parameter = 2,
    exit_usage = 64,
    exit_no_such_object = 105,
};

} // namespace bridge::cli
