// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

/// The rows that keep a tree: one for each key that ever changed (the root's while it is blank may
/// be missing), one for each value, one for the number of the next key. A deleted key takes its own
/// row and those of its values with it and changes that of its parent, whose time it changed.
namespace bridge::model::registry_rows {

/// Key of a key's row: 'K', number (big-endian, so that rows sort).
std::vector<std::byte> key_row(std::uint64_t id);
/// Key of a value's row: 'V', number of its key, folded name.
std::vector<std::byte> value_row(std::uint64_t id, std::string_view folded);

/// 'N'.
std::vector<std::byte> next_row();

std::vector<std::byte> key_content(const stored_key& key);
std::vector<std::byte> value_content(const registry_value& value);
std::vector<std::byte> next_content(std::uint64_t next);

} // namespace bridge::model::registry_rows
