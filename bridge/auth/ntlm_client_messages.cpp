// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_client_messages.hpp"

#include "bridge/auth/utf16_bytes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace bridge::auth::ntlm {

namespace {

constexpr std::string_view signature("NTLMSSP\0", 8);
constexpr std::size_t challenge_fixed_size = 48; // without Version
constexpr std::uint64_t av_end = 0;
constexpr std::uint64_t av_flags = 6;

byte_string start(message_type type) {
    byte_string out;
    append(out, std::as_bytes(std::span(signature)));
    append_le(out, static_cast<std::uint32_t>(type), 4);
    return out;
}

} // namespace

byte_string encode_negotiate(std::uint32_t flags) {
    byte_string out = start(message_type::negotiate);
    append_le(out, flags, 4);
    append_le(out, 0, 8); // no domain
    append_le(out, 0, 8); // no workstation
    append_le(out, 0, 8); // Version
    return out;
}

std::optional<received_challenge> parse_challenge(bytes_view message) {
    if (!is_message(message, message_type::challenge) || message.size() < challenge_fixed_size)
        return std::nullopt;
    received_challenge out;
    out.flags = static_cast<std::uint32_t>(load_le(message, 20, 4));
    std::ranges::copy(message.subspan(24, challenge_size), out.challenge.begin());
    const auto pairs = slice(message, static_cast<std::size_t>(load_le(message, 44, 4)),
                             static_cast<std::size_t>(load_le(message, 40, 2)));
    if (!pairs || pairs->empty())
        return std::nullopt;
    out.target_pairs = *pairs;
    return out;
}

byte_string encode_authenticate(const outgoing_authenticate& message) {
    const std::array<byte_string, 6> payload{message.lm_response,
                                             message.nt_response,
                                             utf16_bytes(message.domain),
                                             utf16_bytes(message.user),
                                             utf16_bytes(message.workstation),
                                             message.encrypted_session_key};
    byte_string out = start(message_type::authenticate);
    std::size_t offset = mic_offset + mic_size;
    for (const byte_string& each : payload) {
        append_le(out, each.size(), 2);
        append_le(out, each.size(), 2);
        append_le(out, offset, 4);
        offset += each.size();
    }
    append_le(out, message.flags, 4);
    append_le(out, 0, 8); // Version
    out.resize(mic_offset + mic_size);
    for (const byte_string& each : payload)
        append(out, each);
    return out;
}

std::optional<byte_string> encode_v2_blob(bytes_view target_pairs, bytes_view client_challenge,
                                          bool announce_mic) {
    const auto target = parse_target_information(target_pairs);
    if (!target)
        return std::nullopt;
    byte_string out;
    append_le(out, 0x0101, 8); // RespType, HiRespType, reserved
    append_le(out, target->timestamp.value_or(file_time_now()), 8);
    append(out, client_challenge);
    append_le(out, 0, 4);
    while (load_le(target_pairs, 0, 2) != av_end) { // parsed above, so the bounds hold
        const std::size_t size = 4 + static_cast<std::size_t>(load_le(target_pairs, 2, 2));
        if (load_le(target_pairs, 0, 2) != av_flags)
            append(out, target_pairs.first(size));
        target_pairs = target_pairs.subspan(size);
    }
    const std::uint32_t flags = announce_mic ? target->flags | target_information::mic_present
                                             : target->flags & ~target_information::mic_present;
    append_le(out, av_flags, 2);
    append_le(out, 4, 2);
    append_le(out, flags, 4);
    append_le(out, av_end, 4);
    append_le(out, 0, 4); // clients put padding behind it
    return out;
}

} // namespace bridge::auth::ntlm
