// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/types.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The small state of a store as named values, and the check sums of its rows.
namespace bridge::registry {

/// Where log and rows stand. It anchors both: a lost page, whose remains are right in themselves,
/// shows as a difference to this.
struct store_position {
    std::uint64_t trimmed = 0;
    history_hash trimmed_hash{};
    std::uint64_t applied = 0;
    std::uint64_t last = 0; ///< last entry of the log; `trimmed` when it is empty
    history_hash last_hash{};
    std::uint64_t rows = 0;
    std::uint64_t rows_sum = 0; ///< of the rows' check sums, modulo 2^64

    bool operator==(const store_position&) const = default;
};

/// All of the table `meta`. Of `state` the log is not used; trimmed, trimmed_hash and applied are
/// those of `where`.
struct store_meta {
    durable_state state;
    store_position where;
};

/// Names in the table.
enum class meta_name : std::uint8_t {
    store,
    lineage,
    promised,
    installed,
    core,
    lives,
    voters,
    known_voters,
    level,
    position,
};
inline constexpr std::size_t meta_names = 10;

[[nodiscard]] std::string_view to_text(meta_name name);
[[nodiscard]] std::optional<meta_name> meta_name_of(std::string_view text);

/// The value's bytes: little-endian numbers, ids as they are, a list as its count (32 bits) and its
/// elements.
[[nodiscard]] std::vector<std::byte> encode(meta_name name, const store_meta& from);

/// Takes a value over; false when it is malformed.
[[nodiscard]] bool decode(meta_name name, std::span<const std::byte> bytes, store_meta& into);

/// Longest list in the table: nobody has more members.
inline constexpr std::uint32_t max_meta_list = 1024;

/// CRC-32 over the name's length (32 bits, little-endian), the name and the value.
[[nodiscard]] std::uint32_t check_sum(std::span<const std::byte> name,
                                      std::span<const std::byte> value);

} // namespace bridge::registry
