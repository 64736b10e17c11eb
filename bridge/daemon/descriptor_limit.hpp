// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace bridge::daemon {

/// What opens and closes descriptors while it serves, beside connections of clients; the most that
/// each may have open at once above what it holds once everything is up.
struct passing_descriptors {
    std::uint64_t log_ons = 0; ///< legs that run at once: accounts file, keytab, replay cache,
                               ///< winbind, name service
    std::uint64_t control_connections = 0;
    std::uint64_t store = 8;    ///< journals, temporary files, a backup with its own, folders
    std::uint64_t agents = 4;   ///< a folder and the pipe to the agent that is asked
    std::uint64_t services = 8; ///< shared memory while corosync or Pacemaker is connected again
    std::uint64_t refusals = 1; ///< a connection that is accepted to be closed

    [[nodiscard]] std::uint64_t all() const {
        return log_ons + control_connections + store + agents + services + refusals;
    }
};

/// One leg of an authentication exchange has at most so many open.
inline constexpr std::uint64_t descriptors_of_a_log_on = 8;

/// Raises the number of descriptors that this process may open to the most that it may ask for
/// (RLIMIT_NOFILE, soft to hard). Returns what is allowed from now on.
std::uint64_t raise_descriptor_limit();

/// Descriptors that this process may open (RLIMIT_NOFILE); 0 when that cannot be asked.
std::uint64_t allowed_descriptors();

/// Descriptors that this process has open; nullopt without /proc.
std::optional<std::uint64_t> open_descriptors();

/// Connections that leave everything else its descriptors: of `allowed`, without the `open` ones
/// and `reserve`. At least 1.
std::size_t connections_within(std::uint64_t allowed, std::uint64_t open, std::uint64_t reserve);

} // namespace bridge::daemon
