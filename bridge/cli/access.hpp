// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace bridge::cli {

/// `clusbridge access show, set, reset`: the cluster security descriptor. Whichever command runs
/// puts its exit status into `status`, which outlives `app`'s parsing.
void add_access_commands(CLI::App& app, int& status);

} // namespace bridge::cli
