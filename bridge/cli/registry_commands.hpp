// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/cli/control_client.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

/// What `clusbridge registry ...` does; each returns the exit status (exit_codes.hpp).
namespace bridge::cli {

/// Where a command reads and writes, so that tests can stand there.
struct console {
    std::istream& in;
    std::ostream& out; ///< what was asked for
    std::ostream& err; ///< everything else
    /// Asks the user, yes or no; nullopt: there is no terminal to ask on.
    std::function<std::optional<bool>(const std::string& question)> confirm;
};

exit_code registry_status(const control_client& daemon, const console& with, bool as_json);

/// `stale`: also when the registry is not active, as far as this node knows it.
exit_code registry_backup(const control_client& daemon, const console& with,
                          const std::filesystem::path& file, bool stale);

/// The text of `source` (registry_source.hpp) into the file `out`, or to the console when that is
/// empty.
exit_code registry_dump(const control_client& daemon, const console& with,
                        const std::string& source, const std::filesystem::path& out, bool stale);

/// 0: equal, 1: different, more: trouble.
exit_code registry_diff(const control_client& daemon, const console& with,
                        const std::string& before, const std::string& after, bool stale);

/// Shows what would change, asks unless `yes`, then replaces the registry of the whole cluster.
exit_code registry_restore(const control_client& daemon, const console& with,
                           const std::string& source, bool yes);

exit_code registry_confirm_dead(const control_client& daemon, const console& with,
                                std::uint32_t node, bool yes);

exit_code registry_force(const control_client& daemon, const console& with, bool yes);

} // namespace bridge::cli
