// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/messages.hpp"
#include "bridge/registry/types.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// The chain of hashes that names a history: two logs with the same hash at an index are equal up
/// to it.
namespace bridge::registry {

/// Hash of the history `before` with `entry` behind it:
/// SHA-256(before || epoch number LE64 || epoch coordinator LE32 || operation node LE32 ||
/// operation incarnation (16 bytes) || operation sequence LE64 || kind || body).
/// The entry's index and its `hash` are not read: where an entry stands follows from what is before
/// it. The history without entries has the hash of zeros.
[[nodiscard]] history_hash extend(const history_hash& before, const log_entry& entry);

/// SHA-256 of bytes.
history_hash hash_bytes(std::span<const std::byte> bytes);

/// The last entry of a log, or what it was trimmed to.
position last_position(const durable_state& log);

/// Whether the log still knows the hash at this index: trimmed <= index <= last.
bool knows(const durable_state& log, std::uint64_t index);

/// Hash at an index that the log knows.
const history_hash& hash_at(const durable_state& log, std::uint64_t index);

/// The entry with an index in (trimmed, last].
const log_entry& entry_at(const durable_state& log, std::uint64_t index);

} // namespace bridge::registry
