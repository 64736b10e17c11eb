// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// The frame of a message: what writer and reader agree on.
namespace bridge::registry::form {

inline constexpr std::uint32_t magic = 0x47455243; // "CREG"
inline constexpr std::size_t length_at = 64;       ///< u32: bytes of the whole message
inline constexpr std::size_t check_at = 68;        ///< u32: CRC-32 of everything but itself
inline constexpr std::size_t header_bytes = 72;

/// Fills in length and check sum of a message that begins with a header.
void seal(std::span<std::byte> message);

/// Whether length and check sum are right.
bool sealed(std::span<const std::byte> message);

} // namespace bridge::registry::form
