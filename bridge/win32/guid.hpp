// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bridge::win32 {

/// A GUID in its field layout (MS-DTYP 2.3.4.2); on the wire each field has the sender's byte
/// order.
struct guid {
    std::uint32_t data1 = 0;
    std::uint16_t data2 = 0;
    std::uint16_t data3 = 0;
    std::array<std::uint8_t, 8> data4{};

    auto operator<=>(const guid&) const = default;
    [[nodiscard]] bool is_null() const { return *this == guid{}; }
};

/// Lower-case text without braces: "b97db8b2-4c63-11cf-bff6-08002be23f2f".
std::string to_string(const guid& value);

/// Accepts that text in either case, with or without braces; anything else is nullopt.
std::optional<guid> parse_guid(std::string_view text);

/// The 16 bytes in network order (RFC 4122), as hash input for name-based UUIDs.
std::array<std::byte, 16> network_bytes(const guid& value);

/// Name-based UUID, version 5 (RFC 4122 4.3).
guid name_based_guid(const guid& space, std::string_view name);

/// Random UUID, version 4, from the system's random source.
guid random_guid();

} // namespace bridge::win32

template <>
struct std::hash<bridge::win32::guid> {
    std::size_t operator()(const bridge::win32::guid& value) const noexcept;
};
