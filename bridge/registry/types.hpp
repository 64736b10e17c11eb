// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

/// The vocabulary of replication: what identifies members, epochs, operations and histories.
namespace bridge::registry {

using node_id = std::uint32_t;                  ///< corosync's
using random_id = std::array<std::byte, 16>;    ///< all zero: none
using history_hash = std::array<std::byte, 32>; ///< SHA-256 over everything up to an entry
using shared_bytes = std::shared_ptr<const std::vector<std::byte>>;

/// A configuration of the group. Pairs are ordered; two coordinators never share one.
struct epoch_id {
    std::uint64_t number = 0;
    node_id coordinator = 0;

    auto operator<=>(const epoch_id&) const = default;
};

/// One process in the group as the transport knows it.
struct process_id {
    node_id node = 0;
    std::uint32_t pid = 0;

    auto operator<=>(const process_id&) const = default;
};

/// Who counts: a node together with the store that it had. A wiped node is another voter.
struct voter {
    node_id node = 0;
    random_id store{};

    auto operator<=>(const voter&) const = default;
};

/// The incarnation (one connection to the group) that a voter had when it was last in a core.
struct life {
    node_id node = 0;
    random_id incarnation{};

    auto operator<=>(const life&) const = default;
};

/// Names one client operation for ever: a repeat is recognised.
struct operation_id {
    node_id node = 0;
    random_id incarnation{};
    std::uint64_t sequence = 0; ///< from 1

    auto operator<=>(const operation_id&) const = default;
};

/// hash[i] = SHA-256(hash[i-1] || epoch || operation || kind || body).
struct log_entry {
    std::uint64_t index = 0; ///< from 1
    epoch_id epoch;
    operation_id operation;
    std::uint8_t kind = 0; ///< 0: body for the replicated state; others belong to the machine
    history_hash hash{};
    shared_bytes body; ///< never null
};

/// Everything that survives a crash. A blank store has no lineage.
struct durable_state {
    random_id store{};
    random_id lineage{}; ///< one registry from its bootstrap on; a forced restart begins another
    epoch_id promised;
    epoch_id installed;
    std::vector<node_id> core;       ///< of the installed epoch, sorted
    std::vector<life> lives;         ///< sorted by node
    std::vector<voter> voters;       ///< of the installed epoch, sorted
    std::vector<voter> known_voters; ///< of the last epoch seen active
    std::uint32_t level = 1;         ///< meaning of entries
    std::uint64_t trimmed = 0;       ///< entries up to this index are no longer in the log
    history_hash trimmed_hash{};
    std::uint64_t applied = 0;  ///< index whose effects the tables hold; >= trimmed
    std::vector<log_entry> log; ///< trimmed + 1 ...
};

} // namespace bridge::registry
