// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/syntax.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace bridge::epm {

/// A protocol tower of ncacn_ip_tcp (C706 Appendix L): what to speak, and where.
struct tower {
    dcerpc::syntax_id interface;
    dcerpc::syntax_id transfer; ///< its minor version is not looked at
    std::uint16_t port = 0;
    std::array<std::uint8_t, 4> address{};
};

/// Bytes of a tower: five floors, 75 octets.
std::vector<std::byte> encode(const tower& value);

/// Reads a tower; nullopt when it is malformed or of another protocol sequence. Floors beyond the
/// fourth may be missing.
std::optional<tower> decode_tower(std::span<const std::byte> octets);

/// "192.0.2.1" as octets; zeros for anything else, e.g. an IPv6 address, which a tower cannot name.
std::array<std::uint8_t, 4> ipv4_octets(std::string_view address);

} // namespace bridge::epm
