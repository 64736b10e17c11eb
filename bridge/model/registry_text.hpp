// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The registry as text for people and for diff: sorted, a line a value, without times.
///
///     clusbridge registry 1
///     key
///       "" = sz "value of the root"
///     key Resources\0c0ffee0-...
///       descriptor "O:BAG:BAD:(A;CI;KA;;;BA)"
///       "Name" = sz "Web Site"
///       "Flags" = dword 1
///       "Owners" = multi_sz "1" "2"
///       "Key" = binary hex:00ff
///
/// Strings know the escapes \\ \" \n \r \t \u{hexadecimal}. A path that a plain line cannot show is
/// a string too. Data that is not exactly what its type's text stands for is "hex:".
namespace bridge::model {

inline constexpr std::size_t max_registry_text = 256U << 20;

std::string dump_text(const registry_tree& tree);

/// A tree, or where the text is wrong. All times in the tree are 0.
struct parsed_registry {
    std::optional<registry_tree> tree;
    std::size_t line = 0; ///< from 1
    std::string error;
};

/// Reads what dump_text() writes, from anybody; blank lines and lines that begin with '#' are
/// skipped, keys may come in any order and need not name those above them.
parsed_registry parse_text(std::string_view text);

/// Commands that make `from` show the text of `to`: deletions first. A key whose spelling differs
/// is made anew.
std::vector<registry_command> difference(const registry_tree& from, const registry_tree& to);

} // namespace bridge::model
