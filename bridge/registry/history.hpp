// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/messages.hpp"
#include "bridge/registry/types.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Histories: entries whose hashes name all that came before.
namespace bridge::registry {

/// SHA-256(before || epoch || operation || kind || body), integers little-endian.
history_hash hash_entry(const history_hash& before, const log_entry& entry);

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
