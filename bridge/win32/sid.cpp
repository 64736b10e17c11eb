// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/sid.hpp"

#include "bridge/win32/invariant.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace bridge::win32 {
namespace {

constexpr std::byte revision{1};
constexpr std::size_t fixed_size = 8;
constexpr std::uint64_t authority_limit = std::uint64_t{1} << 48;

/// Takes the number at the front of `text`, at most `digits` long; nullopt if there is none.
std::optional<std::uint64_t> take_number(std::string_view& text, int base, std::size_t digits) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, base);
    const auto length = static_cast<std::size_t>(parsed.ptr - text.data());
    if (parsed.ec != std::errc{} || length > digits) {
        return std::nullopt;
    }
    text.remove_prefix(length);
    return value;
}

std::optional<std::uint64_t> take_authority(std::string_view& text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        return take_number(text, 16, 12);
    }
    return take_number(text, 10, 15);
}

} // namespace

std::string to_string(const sid& value) {
    std::array<char, 24> head{};
    std::snprintf(head.data(), head.size(),
                  value.authority >> 32 != 0 ? "S-1-0x%012llX" : "S-1-%llu",
                  static_cast<unsigned long long>(value.authority));
    std::string text = head.data();
    for (const auto part : value.sub_authorities) {
        text += '-';
        text += std::to_string(part);
    }
    return text;
}

std::optional<sid> parse_sid(std::string_view text) {
    if (!text.starts_with("S-1-") && !text.starts_with("s-1-")) {
        return std::nullopt;
    }
    text.remove_prefix(4);
    const auto authority = take_authority(text);
    if (!authority || *authority >= authority_limit) {
        return std::nullopt;
    }
    sid value;
    value.authority = *authority;
    while (!text.empty()) {
        if (text.front() != '-' || value.sub_authorities.size() == sid::max_sub_authorities) {
            return std::nullopt;
        }
        text.remove_prefix(1);
        const auto part = take_number(text, 10, 10);
        if (!part || *part > std::numeric_limits<std::uint32_t>::max()) {
            return std::nullopt;
        }
        value.sub_authorities.push_back(static_cast<std::uint32_t>(*part));
    }
    if (value.sub_authorities.empty()) {
        return std::nullopt; // the grammar wants one at least (MS-DTYP 2.4.2.1)
    }
    return value;
}

void append_bytes(const sid& value, std::vector<std::byte>& out) {
    BRIDGE_INVARIANT(value.sub_authorities.size() <= sid::max_sub_authorities);
    BRIDGE_INVARIANT(value.authority < authority_limit);
    out.push_back(revision);
    out.push_back(static_cast<std::byte>(value.sub_authorities.size()));
    for (int shift = 40; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::byte>(value.authority >> shift));
    }
    for (const auto part : value.sub_authorities) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.push_back(static_cast<std::byte>(part >> shift));
        }
    }
}

std::optional<sid> read_sid(std::span<const std::byte> bytes, std::size_t& used) {
    if (bytes.size() < fixed_size || bytes[0] != revision) {
        return std::nullopt;
    }
    const auto count = std::to_integer<std::size_t>(bytes[1]);
    const auto size = fixed_size + 4 * count;
    if (count > sid::max_sub_authorities || bytes.size() < size) {
        return std::nullopt;
    }
    sid value;
    for (std::size_t i = 2; i < fixed_size; ++i) {
        value.authority = value.authority << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    }
    value.sub_authorities.reserve(count);
    for (std::size_t at = fixed_size; at < size; at += 4) {
        std::uint32_t part = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            part |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
        }
        value.sub_authorities.push_back(part);
    }
    used = size;
    return value;
}

} // namespace bridge::win32
