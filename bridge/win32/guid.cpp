// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/guid.hpp"

#include "bridge/win32/invariant.hpp"

#include <cerrno>
#include <cstdio>
#include <nettle/sha1.h>
#include <sys/random.h>

namespace bridge::win32 {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

guid from_network_bytes(std::span<const std::uint8_t, 16> bytes) {
    guid value;
    value.data1 = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                  std::uint32_t{bytes[2]} << 8 | bytes[3];
    value.data2 = static_cast<std::uint16_t>(bytes[4] << 8 | bytes[5]);
    value.data3 = static_cast<std::uint16_t>(bytes[6] << 8 | bytes[7]);
    for (std::size_t i = 0; i < value.data4.size(); ++i) {
        value.data4[i] = bytes[8 + i];
    }
    return value;
}

/// Sets the version and the variant (RFC 4122 4.1).
guid stamped(std::array<std::uint8_t, 16> bytes, unsigned version) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | version << 4);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
    return from_network_bytes(bytes);
}

} // namespace

std::string to_string(const guid& value) {
    std::array<char, 37> text{};
    std::snprintf(text.data(), text.size(), "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                  value.data1, value.data2, value.data3, value.data4[0], value.data4[1],
                  value.data4[2], value.data4[3], value.data4[4], value.data4[5], value.data4[6],
                  value.data4[7]);
    return std::string(text.data(), text.size() - 1);
}

std::optional<guid> parse_guid(std::string_view text) {
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, 36);
    }
    if (text.size() != 36) {
        return std::nullopt;
    }
    std::array<std::uint8_t, 16> bytes{};
    std::size_t nibbles = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-') {
                return std::nullopt;
            }
            continue;
        }
        const int digit = hex_digit(text[i]);
        if (digit < 0) {
            return std::nullopt;
        }
        auto& byte = bytes[nibbles / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | digit);
        ++nibbles;
    }
    return from_network_bytes(bytes);
}

std::array<std::byte, 16> network_bytes(const guid& value) {
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[i] = static_cast<std::byte>(value.data1 >> (24 - 8 * i));
    }
    bytes[4] = static_cast<std::byte>(value.data2 >> 8);
    bytes[5] = static_cast<std::byte>(value.data2);
    bytes[6] = static_cast<std::byte>(value.data3 >> 8);
    bytes[7] = static_cast<std::byte>(value.data3);
    for (std::size_t i = 0; i < value.data4.size(); ++i) {
        bytes[8 + i] = std::byte{value.data4[i]};
    }
    return bytes;
}

guid name_based_guid(const guid& space, std::string_view name) {
    const auto prefix = network_bytes(space);
    sha1_ctx hash;
    sha1_init(&hash);
    sha1_update(&hash, prefix.size(), reinterpret_cast<const std::uint8_t*>(prefix.data()));
    sha1_update(&hash, name.size(), reinterpret_cast<const std::uint8_t*>(name.data()));
    std::array<std::uint8_t, 16> digest{};
    sha1_digest(&hash, digest.size(), digest.data());
    return stamped(digest, 5);
}

guid random_guid() {
    std::array<std::uint8_t, 16> bytes{};
    ssize_t got = 0;
    do {
        got = getrandom(bytes.data(), bytes.size(), 0);
    } while (got < 0 && errno == EINTR);
    // Up to 256 bytes are never delivered in part (getrandom(2)), and there is no way on without
    // them.
    BRIDGE_INVARIANT(got == static_cast<ssize_t>(bytes.size()));
    return stamped(bytes, 4);
}

} // namespace bridge::win32

std::size_t
std::hash<bridge::win32::guid>::operator()(const bridge::win32::guid& value) const noexcept {
    std::uint64_t low = 0;
    for (const auto byte : value.data4) {
        low = low << 8 | byte;
    }
    const std::uint64_t high =
        std::uint64_t{value.data1} << 32 | std::uint64_t{value.data2} << 16 | value.data3;
    // Random and name-based GUIDs are spread already; the odd factor keeps counted ones apart.
    return static_cast<std::size_t>((high ^ low * 0x9E3779B97F4A7C15ULL) * 0xD6E8FEB86659FD93ULL);
}
