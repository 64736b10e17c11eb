// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/wire_bytes.hpp"

#include <cstdint>
#include <optional>

/// As much of X.690 DER as SPNEGO and GSS framing need: one-byte tags, definite lengths in their
/// shortest form. Nothing recurses; each grammar asks for its own few levels.
namespace bridge::auth::der {

inline constexpr std::uint8_t octet_string = 0x04;
inline constexpr std::uint8_t object_identifier = 0x06;
inline constexpr std::uint8_t enumerated = 0x0a;
inline constexpr std::uint8_t sequence = 0x30;
inline constexpr std::uint8_t application_0 = 0x60;
inline constexpr std::uint8_t context_0 = 0xa0; ///< context_0 + n is [n], constructed

struct element {
    std::uint8_t tag = 0;
    bytes_view content;
    bytes_view whole; ///< with tag and length
};

/// Takes the first element off `in`; nullopt (and `in` untouched) when none is well-formed there.
std::optional<element> take(bytes_view& in);

/// The same, but only an element with this tag.
std::optional<element> take(bytes_view& in, std::uint8_t tag);

/// The content of the one element that fills `in`.
std::optional<bytes_view> only(bytes_view in, std::uint8_t tag);

/// True when the first byte of `in` is the tag.
bool next_is(bytes_view in, std::uint8_t tag);

/// The content inside a tag.
byte_string wrap(std::uint8_t tag, bytes_view content);

} // namespace bridge::auth::der
