// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/guid.hpp"

#include <compare>
#include <cstdint>

namespace bridge::dcerpc {

/// p_syntax_id_t: an interface or a transfer syntax with its version (C706 12.6.3.1).
struct syntax_id {
    win32::guid uuid;
    std::uint16_t major_version = 0;
    std::uint16_t minor_version = 0;

    auto operator<=>(const syntax_id&) const = default;
};

inline constexpr syntax_id ndr_syntax{
    {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, 2, 0};
inline constexpr syntax_id ndr64_syntax{
    {0x71710533, 0xbeba, 0x4937, {0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36}}, 1, 0};

/// The transfer syntax agreed for a presentation context.
enum class transfer_syntax : std::uint8_t { ndr, ndr64 };

} // namespace bridge::dcerpc
