// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sgpr::guards {

/// Adds the subcommand `guard` with its verbs to `to`. `finished` gets the exit status (`status` in
/// guard_options.hpp).
void add_guard(CLI::App& to, std::function<void(int)> finished);

} // namespace sgpr::guards
