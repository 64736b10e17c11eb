// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"
#include "bridge/registry/sqlite_database.hpp"
#include "bridge/registry/store_meta.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bridge::registry {

/// All that a file holds, checked.
struct loaded_store {
    store_meta meta; ///< meta.state.log is complete
    std::vector<row_change> rows;
};

enum class load_what : std::uint8_t {
    everything,
    no_rows, ///< all is checked, the rows are not kept
};

/// Reads and checks a file with the current schema: SQLite's own check of its structure, check sums
/// of meta and rows, their number and sum, the log's chain of hashes from the one before its
/// beginning to the recorded end, the order trimmed <= applied <= last.
/// Returns what is damaged; nullopt: fine, or reading failed (database::failure, whose is_damage
/// says which kind).
[[nodiscard]] std::optional<std::string> load_store(database& db, load_what what,
                                                    loaded_store& into);

} // namespace bridge::registry
