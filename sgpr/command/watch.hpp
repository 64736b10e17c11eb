// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command/console.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace sgpr::command_line {

struct watch_request {
    std::string disk{};
    std::chrono::milliseconds interval{1000};
    std::uint64_t reads = 0; ///< then it ends; 0: when it is stopped
};

/// Prints keys that come and go, the reservation and the generation whenever they change.
exit_code watch_disk(const console& with, const watch_request& what);

} // namespace sgpr::command_line
