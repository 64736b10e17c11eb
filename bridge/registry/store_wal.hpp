// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <istream>
#include <optional>
#include <string>

namespace bridge::registry {

/// Looks for damage in a write-ahead log (sqlite.org/fileformat2.html, section 4) before SQLite
/// opens it. SQLite ends the log at the first frame that does not verify, silently: right after a
/// power cut, whose victim is the transaction that was being written, but a flipped byte in an
/// older frame would roll back transactions that were on the disk long ago. The two differ in what
/// follows: nothing is written behind a transaction before it is synchronised.
///
/// Returns what is wrong; nullopt: nothing that can be seen (also when there is no such file).
/// Not seen: damage in the newest transaction, which looks like a torn write. The file must not be
/// in use.
[[nodiscard]] std::optional<std::string> wal_damage(const std::string& path);
[[nodiscard]] std::optional<std::string> wal_damage(std::istream& file);

} // namespace bridge::registry
