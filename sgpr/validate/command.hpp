// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sgpr::validate {

/// Adds the subcommand `validate` to `to`. `done` gets its exit status: 0 passed, perhaps with
/// warnings; 1 a test failed; 2 wrong use; 3 cancelled.
void add_validate(CLI::App& to, std::function<void(int)> done);

} // namespace sgpr::validate
