// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sgpr {

/// `width` bytes from `at` on, most significant first; what lies past the end counts as 0, so no
/// read leaves `raw`.
[[nodiscard]] inline std::uint64_t big_endian(byte_view raw, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = (value << 8) | (at + i < raw.size() ? raw[at + i] : 0U);
    }
    return value;
}

[[nodiscard]] inline std::uint8_t u8(byte_view raw, std::size_t at) {
    return static_cast<std::uint8_t>(big_endian(raw, at, 1));
}
[[nodiscard]] inline std::uint16_t u16(byte_view raw, std::size_t at) {
    return static_cast<std::uint16_t>(big_endian(raw, at, 2));
}
[[nodiscard]] inline std::uint32_t u32(byte_view raw, std::size_t at) {
    return static_cast<std::uint32_t>(big_endian(raw, at, 4));
}
[[nodiscard]] inline std::uint64_t u64(byte_view raw, std::size_t at) {
    return big_endian(raw, at, 8);
}

inline void append(bytes& to, std::uint64_t value, std::size_t width) {
    for (std::size_t i = width; i-- > 0;) {
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

/// `raw` from `at` on, at most `count` bytes, none if `at` is past the end.
[[nodiscard]] inline byte_view part(byte_view raw, std::size_t at, std::size_t count = SIZE_MAX) {
    at = std::min(at, raw.size());
    return raw.subspan(at, std::min(count, raw.size() - at));
}

/// Device text: printable ASCII as it is, anything else '?', blanks and zeros at both ends removed.
[[nodiscard]] inline std::string device_text(byte_view raw) {
    std::string all;
    for (const auto c : raw) {
        all += c == 0 ? ' ' : c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
    }
    const auto first = all.find_first_not_of(' ');
    return first == std::string::npos ? std::string()
                                      : all.substr(first, all.find_last_not_of(' ') - first + 1);
}

[[nodiscard]] inline std::string hex(byte_view raw) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string all;
    for (const auto byte : raw) {
        all += digits[byte >> 4];
        all += digits[byte & 15];
    }
    return all;
}

[[nodiscard]] inline std::string hex(std::uint64_t value, std::size_t width) {
    bytes raw;
    append(raw, value, width);
    return hex(raw);
}

} // namespace sgpr
