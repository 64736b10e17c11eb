// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/der.hpp"

namespace bridge::auth::der {

namespace {

constexpr std::uint8_t high_tag_mask = 0x1f;
constexpr std::size_t most_length_bytes = 3; // 16 MiB is more than any token may have

/// The length at in[1]; `header` receives the bytes of tag and length. nullopt for an indefinite,
/// overlong or padded length.
std::optional<std::size_t> read_length(bytes_view in, std::size_t& header) {
    if (in.size() < 2)
        return std::nullopt;
    const auto first = std::to_integer<std::size_t>(in[1]);
    header = 2;
    if (first < 0x80)
        return first;
    const std::size_t count = first & 0x7f;
    if (count == 0 || count > most_length_bytes || in.size() < 2 + count)
        return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < count; ++i)
        length = length << 8 | std::to_integer<std::size_t>(in[2 + i]);
    const std::size_t least = count == 1 ? 0x80 : std::size_t{1} << (8 * (count - 1));
    header += count;
    return length < least ? std::nullopt : std::optional(length);
}

} // namespace

std::optional<element> take(bytes_view& in) {
    std::size_t header = 0;
    const auto length = read_length(in, header);
    if (!length || (std::to_integer<unsigned>(in[0]) & high_tag_mask) == high_tag_mask)
        return std::nullopt;
    const auto content = slice(in, header, *length);
    if (!content)
        return std::nullopt;
    const element out{std::to_integer<std::uint8_t>(in[0]), *content, in.first(header + *length)};
    in = in.subspan(out.whole.size());
    return out;
}

std::optional<element> take(bytes_view& in, std::uint8_t tag) {
    return next_is(in, tag) ? take(in) : std::nullopt;
}

std::optional<bytes_view> only(bytes_view in, std::uint8_t tag) {
    const auto found = take(in, tag);
    return found && in.empty() ? std::optional(found->content) : std::nullopt;
}

bool next_is(bytes_view in, std::uint8_t tag) {
    return !in.empty() && std::to_integer<std::uint8_t>(in[0]) == tag;
}

byte_string wrap(std::uint8_t tag, bytes_view content) {
    byte_string out{static_cast<std::byte>(tag)};
    const std::size_t length = content.size();
    if (length < 0x80) {
        out.push_back(static_cast<std::byte>(length));
    } else {
        const std::size_t count = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
        out.push_back(static_cast<std::byte>(0x80 | count));
        for (std::size_t i = count; i-- > 0;)
            out.push_back(static_cast<std::byte>(length >> (8 * i)));
    }
    append(out, content);
    return out;
}

} // namespace bridge::auth::der
