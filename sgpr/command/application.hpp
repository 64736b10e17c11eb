// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command/console.hpp"

#include <string>
#include <vector>

namespace sgpr::command_line {

/// The whole command line without the program's name: usage errors are exit_usage. `with.json` is
/// set by it.
[[nodiscard]] int run(console& with, std::vector<std::string> arguments);

} // namespace sgpr::command_line
