// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_messages.hpp"

#include "bridge/auth/utf16_bytes.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace bridge::auth::ntlm {

namespace {

constexpr std::string_view signature("NTLMSSP\0", 8);
constexpr std::size_t negotiate_least_size = 32; // without Version
constexpr std::size_t authenticate_least_size = 64;
constexpr std::size_t v2_blob_fixed_size = 28;

/// AvId (MS-NLMP 2.2.2.1).
enum class av_id : std::uint16_t {
    end = 0,
    netbios_computer = 1,
    netbios_domain = 2,
    dns_computer = 3,
    dns_domain = 4,
    flags = 6,
    timestamp = 7,
};

void append_signature(byte_string& out, message_type type) {
    append(out, std::as_bytes(std::span(signature)));
    append_le(out, static_cast<std::uint32_t>(type), 4);
}

void append_av(byte_string& out, av_id id, bytes_view value) {
    append_le(out, static_cast<std::uint16_t>(id), 2);
    append_le(out, value.size(), 2);
    append(out, value);
}

void append_av_name(byte_string& out, av_id id, const std::u16string& name) {
    if (!name.empty())
        append_av(out, id, utf16_bytes(name));
}

byte_string target_pairs(const challenge_message& message) {
    byte_string out;
    append_av_name(out, av_id::netbios_domain, message.netbios_domain);
    append_av_name(out, av_id::netbios_computer, message.netbios_computer);
    append_av_name(out, av_id::dns_domain, message.dns_domain);
    append_av_name(out, av_id::dns_computer, message.dns_computer);
    byte_string time;
    append_le(time, message.timestamp, 8);
    append_av(out, av_id::timestamp, time);
    append_av(out, av_id::end, {});
    return out;
}

void append_field(byte_string& out, std::size_t size, std::size_t offset) {
    append_le(out, size, 2);
    append_le(out, size, 2);
    append_le(out, offset, 4);
}

/// Reads the length and offset at `at`. An empty field may point anywhere.
std::optional<bytes_view> read_field(bytes_view message, std::size_t at, std::size_t& lowest) {
    const auto size = static_cast<std::size_t>(load_le(message, at, 2));
    const auto offset = static_cast<std::size_t>(load_le(message, at + 4, 4));
    if (size == 0)
        return bytes_view{};
    if (offset < authenticate_least_size)
        return std::nullopt;
    lowest = std::min(lowest, offset);
    return slice(message, offset, size);
}

bool read_text(bytes_view message, std::size_t at, std::size_t& lowest, std::u16string& out) {
    const auto field = read_field(message, at, lowest);
    auto text = field ? utf16_from_bytes(*field) : std::nullopt;
    if (!text)
        return false;
    out = std::move(*text);
    return true;
}

/// False when the size of a known attribute is wrong.
bool take_pair(av_id id, bytes_view value, target_information& out) {
    switch (id) {
    case av_id::netbios_computer:
        out.netbios_computer = utf16_from_bytes(value);
        return out.netbios_computer.has_value();
    case av_id::netbios_domain:
        out.netbios_domain = utf16_from_bytes(value);
        return out.netbios_domain.has_value();
    case av_id::flags:
        if (value.size() != 4)
            return false;
        // Several of them could hide the one that announces a MIC: all count.
        out.flags |= static_cast<std::uint32_t>(load_le(value, 0, 4));
        return true;
    case av_id::timestamp:
        if (value.size() != 8)
            return false;
        out.timestamp = load_le(value, 0, 8);
        return true;
    default:
        return true;
    }
}

} // namespace

bool is_message(bytes_view message, message_type type) {
    return message.size() >= signature.size() + 4 && message.size() <= max_message_size &&
           std::ranges::equal(message.first(signature.size()),
                              std::as_bytes(std::span(signature))) &&
           load_le(message, signature.size(), 4) == static_cast<std::uint32_t>(type);
}

std::optional<std::uint32_t> parse_negotiate(bytes_view message) {
    if (!is_message(message, message_type::negotiate) || message.size() < negotiate_least_size)
        return std::nullopt;
    return static_cast<std::uint32_t>(load_le(message, 12, 4));
}

byte_string encode_challenge(const challenge_message& message) {
    constexpr std::size_t fixed_size = 56;
    const byte_string target = utf16_bytes(message.target);
    const byte_string pairs = target_pairs(message);
    byte_string out;
    append_signature(out, message_type::challenge);
    append_field(out, target.size(), fixed_size);
    append_le(out, message.flags, 4);
    append(out, message.challenge);
    append_le(out, 0, 8); // Reserved
    append_field(out, pairs.size(), fixed_size + target.size());
    // Version (MS-NLMP 2.2.2.10): for debugging only; the revision says NTLMv2 session security.
    const bool tell = (message.flags & flag::version) != 0;
    append_le(out, tell ? 0x0f00'0000'0000'0106 : 0, 8);
    append(out, target);
    append(out, pairs);
    return out;
}

std::uint64_t file_time_now() {
    using namespace std::chrono;
    constexpr std::uint64_t from_1601_to_1970 = 116'444'736'000'000'000;
    const auto since = duration_cast<nanoseconds>(system_clock::now().time_since_epoch());
    return from_1601_to_1970 + static_cast<std::uint64_t>(since.count()) / 100;
}

std::optional<authenticate_message> parse_authenticate(bytes_view message) {
    if (!is_message(message, message_type::authenticate) ||
        message.size() < authenticate_least_size)
        return std::nullopt;
    authenticate_message out;
    std::size_t lowest = message.size();
    const auto lm = read_field(message, 12, lowest);
    const auto nt = read_field(message, 20, lowest);
    const auto key = read_field(message, 52, lowest);
    if (!lm || !nt || !key || !read_text(message, 28, lowest, out.domain) ||
        !read_text(message, 36, lowest, out.user) ||
        !read_text(message, 44, lowest, out.workstation))
        return std::nullopt;
    out.lm_response = *lm;
    out.nt_response = *nt;
    out.encrypted_session_key = *key;
    out.flags = static_cast<std::uint32_t>(load_le(message, 60, 4));
    out.has_room_for_mic = lowest >= mic_offset + mic_size;
    return out;
}

std::optional<target_information> parse_target_information(bytes_view pairs) {
    target_information out;
    for (std::size_t count = 0; count < max_av_pairs; ++count) {
        if (pairs.size() < 4)
            return std::nullopt;
        const auto id = static_cast<av_id>(load_le(pairs, 0, 2));
        const auto value = slice(pairs, 4, static_cast<std::size_t>(load_le(pairs, 2, 2)));
        if (!value)
            return std::nullopt;
        if (id == av_id::end)
            return out; // clients put padding behind it
        if (!take_pair(id, *value, out))
            return std::nullopt;
        pairs = pairs.subspan(4 + value->size());
    }
    return std::nullopt;
}

std::optional<v2_response> parse_v2_response(bytes_view nt_response) {
    if (nt_response.size() < proof_size + v2_blob_fixed_size + 4)
        return std::nullopt;
    v2_response out;
    out.proof = nt_response.first(proof_size);
    out.blob = nt_response.subspan(proof_size);
    constexpr std::uint64_t response_types = 0x0101; // RespType and HiRespType
    if (load_le(out.blob, 0, 2) != response_types)
        return std::nullopt;
    out.timestamp = load_le(out.blob, 8, 8);
    auto target = parse_target_information(out.blob.subspan(v2_blob_fixed_size));
    if (!target)
        return std::nullopt;
    out.target = std::move(*target);
    return out;
}

} // namespace bridge::auth::ntlm
