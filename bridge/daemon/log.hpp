// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace bridge::daemon {

/// Priorities as syslog(3) numbers them.
enum class log_level : int { error = 3, warning = 4, info = 6, debug = 7 };

/// A journal field beside the message, such as {"CLUSBRIDGE_USER", "DOM\\admin"}.
struct log_field {
    std::string_view name;
    std::string_view value;
};

/// "error", "warning", "info", "debug"; anything else is info.
log_level parse_log_level(std::string_view text);

/// Messages above this level are dropped from now on.
void set_log_level(log_level most_detailed);

/// Whether a message of this level would be kept; spares building one that would not.
bool logs(log_level level);

/// One message: to the journal with its fields when the service manager connected standard error to
/// it, else a line on standard error. Never throws; a message that cannot be written is lost.
void log(log_level level, std::string_view message, std::initializer_list<log_field> fields = {});

} // namespace bridge::daemon
