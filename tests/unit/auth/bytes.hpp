// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/secret.hpp"
#include "bridge/auth/wire_bytes.hpp"

#include <string>
#include <string_view>

namespace bridge::auth::test {

/// Bytes of hexadecimal digits; everything else is skipped.
inline byte_string unhex(std::string_view text) {
    byte_string out;
    int high = -1;
    for (const char c : text) {
        const std::size_t digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos)
            continue;
        if (high < 0) {
            high = static_cast<int>(digit);
        } else {
            out.push_back(static_cast<std::byte>(high * 16 + static_cast<int>(digit)));
            high = -1;
        }
    }
    return out;
}

inline std::string hex(bytes_view bytes) {
    std::string out;
    for (const std::byte each : bytes)
        for (const auto nibble : {each >> 4, each & std::byte{15}})
            out.push_back("0123456789abcdef"[std::to_integer<int>(nibble)]);
    return out;
}

inline std::string hex(const key16& key) {
    return hex(key.bytes());
}

inline key16 key_of(std::string_view digits) {
    key16 out;
    const byte_string bytes = unhex(digits);
    for (std::size_t i = 0; i < key16::length; ++i)
        out.data()[i] = std::to_integer<std::uint8_t>(bytes.at(i));
    return out;
}

inline byte_string bytes_of(std::string_view text) {
    const auto view = std::as_bytes(std::span(text));
    return {view.begin(), view.end()};
}

} // namespace bridge::auth::test
