// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/addresses.hpp"

#include "bridge/model/facts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>

namespace bridge::model {

std::optional<ip_address> parse_ip(std::string_view text) {
    const std::string ended(text);
    ip_address made;
    if (inet_pton(AF_INET, ended.c_str(), made.bytes.data()) == 1)
        return made;
    made.v6 = true;
    if (inet_pton(AF_INET6, ended.c_str(), made.bytes.data()) == 1)
        return made;
    return std::nullopt;
}

std::string to_string(const ip_address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::uint8_t bits_of(const ip_address& address) {
    return address.v6 ? 128 : 32;
}

ip_address subnet_of(ip_address address, std::uint8_t prefix_length) {
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        const std::size_t first = i * 8;
        if (first >= prefix_length)
            address.bytes[i] = 0;
        else if (first + 8 > prefix_length)
            address.bytes[i] &= static_cast<std::uint8_t>(0xFF00U >> (prefix_length - first));
    }
    return address;
}

std::string mask_text(std::uint8_t prefix_length) {
    ip_address all;
    std::fill_n(all.bytes.begin(), 4, std::uint8_t{0xFF});
    return to_string(subnet_of(all, std::min<std::uint8_t>(prefix_length, 32)));
}

std::optional<std::uint8_t> prefix_of_mask(std::string_view text) {
    if (const auto number = parse_number(text))
        return *number <= 128 ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
    const auto mask = parse_ip(text);
    if (!mask || mask->v6)
        return std::nullopt;
    std::uint8_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length = static_cast<std::uint8_t>(length + std::popcount(mask->bytes[i]));
    return mask_text(length) == to_string(*mask) ? std::optional(length) : std::nullopt;
}

} // namespace bridge::model
