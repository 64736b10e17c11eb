// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/wire_bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bridge::auth {

/// UTF-16LE bytes of the text, without a terminator.
inline byte_string utf16_bytes(std::u16string_view text) {
    byte_string out;
    out.reserve(text.size() * 2);
    for (const char16_t unit : text)
        append_le(out, unit, 2);
    return out;
}

/// Text of UTF-16LE bytes; nullopt for an odd length.
inline std::optional<std::u16string> utf16_from_bytes(bytes_view bytes) {
    if (bytes.size() % 2 != 0)
        return std::nullopt;
    std::u16string out;
    out.reserve(bytes.size() / 2);
    for (std::size_t at = 0; at < bytes.size(); at += 2)
        out.push_back(static_cast<char16_t>(load_le(bytes, at, 2)));
    return out;
}

} // namespace bridge::auth
