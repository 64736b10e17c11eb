// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace bridge::win32 {

/// A moment as a count of 100 ns since 1 January 1601, UTC (MS-DTYP 2.3.3).
struct filetime {
    std::uint64_t ticks = 0;

    auto operator<=>(const filetime&) const = default;
};

/// The two halves as they go on the wire, dwLowDateTime and dwHighDateTime.
constexpr std::uint32_t low_part(filetime value) {
    return static_cast<std::uint32_t>(value.ticks);
}
constexpr std::uint32_t high_part(filetime value) {
    return static_cast<std::uint32_t>(value.ticks >> 32);
}
constexpr filetime make_filetime(std::uint32_t low, std::uint32_t high) {
    return {std::uint64_t{high} << 32 | low};
}

/// Rounds down to 100 ns; moments before 1601 become 0.
filetime to_filetime(std::chrono::system_clock::time_point moment);

/// Moments that the clock cannot hold (its nanoseconds end in 2262) become its nearest bound.
std::chrono::system_clock::time_point to_time_point(filetime value);

} // namespace bridge::win32
