// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::win32 {

/// A security identifier (MS-DTYP 2.4.2): an authority of 48 bits and at most 15 sub-authorities.
struct sid {
    static constexpr std::size_t max_sub_authorities = 15;

    std::uint64_t authority = 0;
    std::vector<std::uint32_t> sub_authorities;

    auto operator<=>(const sid&) const = default;
};

/// "S-1-5-32-544"; an authority of 2^32 or more is printed in hexadecimal (MS-DTYP 2.4.2.1).
std::string to_string(const sid& value);

/// Accepts that text; anything else is nullopt.
std::optional<sid> parse_sid(std::string_view text);

/// The packet form (MS-DTYP 2.4.2.2), little-endian.
void append_bytes(const sid& value, std::vector<std::byte>& out);

/// Reads the packet form at the start of `bytes`; `used` receives its length. nullopt if it does
/// not fit.
std::optional<sid> read_sid(std::span<const std::byte> bytes, std::size_t& used);

} // namespace bridge::win32
