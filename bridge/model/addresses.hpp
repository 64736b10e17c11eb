// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// IP addresses as text, without any I/O.
namespace bridge::model {

struct ip_address {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{}; ///< network order; the first four for IPv4

    bool operator==(const ip_address&) const = default;
};

/// Dotted or colon form without port or scope; nullopt for anything else.
std::optional<ip_address> parse_ip(std::string_view text);
std::string to_string(const ip_address& address);

/// Number of bits in the family's addresses.
std::uint8_t bits_of(const ip_address& address);
/// The address with everything after the prefix cleared.
ip_address subnet_of(ip_address address, std::uint8_t prefix_length);

/// 24 -> "255.255.255.0".
std::string mask_text(std::uint8_t prefix_length);
/// "255.255.255.0" or "24" -> 24; nullopt for a mask with holes.
std::optional<std::uint8_t> prefix_of_mask(std::string_view text);

} // namespace bridge::model
