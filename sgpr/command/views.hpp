// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command/console.hpp"

#include <string>

namespace sgpr::command_line {

// Commands that only read.

exit_code list_disks(const console& with);
exit_code show_disk(const console& with, const std::string& name);

enum class reservation_view { keys, reservation, status };
exit_code show_reservations(const console& with, const std::string& name, reservation_view what);

/// "WERO by 0x...", "none"
[[nodiscard]] std::string held_text(const reservation_picture& picture);

} // namespace sgpr::command_line
