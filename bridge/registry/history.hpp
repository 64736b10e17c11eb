// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/types.hpp"

/// The chain of hashes that names a history: two logs with the same hash at an index are equal up
/// to it.
namespace bridge::registry {

/// Hash of the history `before` with `entry` behind it:
/// SHA-256(before || epoch number LE64 || epoch coordinator LE32 || operation node LE32 ||
/// operation incarnation (16 bytes) || operation sequence LE64 || kind || body).
/// The entry's index and its `hash` are not read: where an entry stands follows from what is before
/// it. The history without entries has the hash of zeros.
[[nodiscard]] history_hash extend(const history_hash& before, const log_entry& entry);

} // namespace bridge::registry
