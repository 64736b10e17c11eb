// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bridge::auth {

using bytes_view = std::span<const std::byte>;
using byte_string = std::vector<std::byte>;

/// Bytes as the crypto library takes them.
inline const std::uint8_t* u8(const std::byte* bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes);
}
inline std::uint8_t* u8(std::byte* bytes) {
    return reinterpret_cast<std::uint8_t*>(bytes);
}

/// Little-endian integer of `size` (at most 8) bytes at `at`; the caller has checked the bounds.
inline std::uint64_t load_le(bytes_view in, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;)
        value = value << 8 | std::to_integer<std::uint64_t>(in[at + i]);
    return value;
}

inline void append_le(byte_string& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

inline void append(byte_string& out, bytes_view more) {
    out.insert(out.end(), more.begin(), more.end());
}

/// The part [at, at + size) of `in`; nullopt when it does not lie inside (no sum can wrap).
inline std::optional<bytes_view> slice(bytes_view in, std::size_t at, std::size_t size) {
    if (at > in.size() || size > in.size() - at)
        return std::nullopt;
    return in.subspan(at, size);
}

} // namespace bridge::auth
