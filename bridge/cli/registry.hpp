// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

namespace bridge::cli {

/// `clusbridge registry ...`: the replicated cluster registry, through the daemon of this node. The
/// chosen command's exit status is left in `status` (Pacemaker's numbers).
void add_registry_commands(CLI::App& app, int& status);

} // namespace bridge::cli
