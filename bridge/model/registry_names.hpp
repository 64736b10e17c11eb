// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <string_view>
#include <vector>

/// What the registry takes for a name, and how it hashes rows.
namespace bridge::model {

/// Every limit of a path: well-formed UTF-8, components of 1 to 255 UTF-16 units without NUL, depth
/// and length. "" is the root's and fine. registry_errc::invalid or too_large otherwise.
registry_errc check_path(std::string_view path);

registry_errc check_component(std::string_view name);
registry_errc check_value_name(std::string_view name);
registry_errc check_value(const registry_value& value);
registry_errc check_descriptor(const descriptor_bytes& descriptor);

/// The number of the root, in every tree, and the last that any key may have.
inline constexpr std::uint64_t root_id = 1;
inline constexpr std::uint64_t last_id = std::uint64_t{1} << 62;

bool known_type(std::uint32_t type);

/// The parts between backslashes; none for "".
std::vector<std::string_view> components(std::string_view path);

/// The place of a key below the place of its parent.
registry_digest place_of(const registry_digest& parent, std::string_view folded);
registry_digest key_hash(const registry_digest& place, const stored_key& key);
registry_digest value_hash(const registry_digest& place, const registry_value& value);

} // namespace bridge::model
