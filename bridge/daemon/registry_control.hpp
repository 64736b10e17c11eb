// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/control_socket.hpp"
#include "bridge/ports/registry.hpp"
#include "bridge/registry/store_backup.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace bridge::registry {
class replica;
class sqlite_store;
} // namespace bridge::registry

/// The registry's commands on the control socket. Errors are control_error()s with the codes
/// bad_argument, not_active, busy, disk_full, tree_full, too_large, invalid, not_found, undecided,
/// refused and failed.
///
/// registry.status        -> state, reason, epoch, last, committed, lag, keys, values, bytes,
///                           limit_bytes, digest, file, members [{node, voter, in_core, index}]
/// registry.backup        path (absolute), stale (false) -> path, index, stale
///                        With `stale` a registry that is not active is backed up as it is here.
/// registry.confirm_dead  node -> as registry.status
/// registry.force         yes (must be true) -> as registry.status
/// registry.commit        batch (hexadecimal, of a restore: registry/restore.hpp) -> index, changes
namespace bridge::daemon {

struct registry_operations {
    ports::registry* registry = nullptr;
    std::filesystem::path file; ///< the store
    /// replica::flush_rows
    std::function<std::uint64_t()> flush_rows;
    /// sqlite_store::backup_to
    std::function<void(std::filesystem::path, std::uint64_t, registry::backup_completion)> backup;
    std::function<void(std::uint32_t)> confirm_dead;
    std::function<void()> force;
    /// For the audit: who changed what.
    std::function<void(std::string_view)> log;
};

/// What `with` refers to outlives the control socket.
void register_registry_commands(control_socket& control, registry_operations with);

/// The same for the daemon's own registry, whose store is `file`. The audit goes to
/// the control socket's log.
void register_registry_commands(control_socket& control, registry::replica& replica,
                                registry::sqlite_store& store, const std::filesystem::path& file);

} // namespace bridge::daemon
