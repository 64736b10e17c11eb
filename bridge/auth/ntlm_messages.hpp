// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/wire_bytes.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

/// The three messages of MS-NLMP 2.2.1 as an acceptor sees them. Everything parsed here is hostile.
namespace bridge::auth::ntlm {

/// NegotiateFlags (MS-NLMP 2.2.2.5).
namespace flag {
inline constexpr std::uint32_t unicode = 0x00000001;
inline constexpr std::uint32_t request_target = 0x00000004;
inline constexpr std::uint32_t sign = 0x00000010;
inline constexpr std::uint32_t seal = 0x00000020;
inline constexpr std::uint32_t datagram = 0x00000040;
inline constexpr std::uint32_t ntlm = 0x00000200;
inline constexpr std::uint32_t anonymous = 0x00000800;
inline constexpr std::uint32_t always_sign = 0x00008000;
inline constexpr std::uint32_t target_is_domain = 0x00010000;
inline constexpr std::uint32_t target_is_server = 0x00020000;
inline constexpr std::uint32_t extended_session_security = 0x00080000;
inline constexpr std::uint32_t target_info = 0x00800000;
inline constexpr std::uint32_t version = 0x02000000;
inline constexpr std::uint32_t key_128 = 0x20000000;
inline constexpr std::uint32_t key_exchange = 0x40000000;
/// What every exchange needs.
inline constexpr std::uint32_t basic = unicode | extended_session_security;
/// Without these a session would be weaker than anything that is written here.
inline constexpr std::uint32_t required = basic | key_128 | key_exchange;
/// What a client asks for that means to seal; one that means to sign, or nothing, asks for less.
inline constexpr std::uint32_t sealing = sign | seal;
} // namespace flag

inline constexpr std::size_t max_message_size = 65535;
inline constexpr std::size_t max_av_pairs = 64;
/// UTF-16 units of a user, domain or computer name that a client may send.
inline constexpr std::size_t max_name_units = 256;
inline constexpr std::size_t challenge_size = 8;
inline constexpr std::size_t proof_size = 16;
/// NTLMv1 and LM responses have this length and are refused.
inline constexpr std::size_t v1_response_size = 24;
inline constexpr std::size_t mic_offset = 72;
inline constexpr std::size_t mic_size = 16;

enum class message_type : std::uint32_t { negotiate = 1, challenge = 2, authenticate = 3 };

/// True when the bytes start like an NTLM message of that type.
bool is_message(bytes_view message, message_type type);

/// NegotiateFlags of a NEGOTIATE message; its names are of no use. nullopt when malformed.
std::optional<std::uint32_t> parse_negotiate(bytes_view message);

/// What a CHALLENGE says. Empty names are left out of the target information.
struct challenge_message {
    std::uint32_t flags = 0;
    std::array<std::byte, challenge_size> challenge{};
    std::u16string target; ///< the domain, or the computer when it is in none
    std::u16string netbios_computer;
    std::u16string netbios_domain;
    std::u16string dns_computer;
    std::u16string dns_domain;
    std::uint64_t timestamp = 0; ///< FILETIME
};

byte_string encode_challenge(const challenge_message& message);

/// FILETIME of now.
std::uint64_t file_time_now();

/// AUTHENTICATE (MS-NLMP 2.2.1.3); the views point into the message.
struct authenticate_message {
    bytes_view lm_response;
    bytes_view nt_response;
    std::u16string domain;
    std::u16string user;
    std::u16string workstation;
    bytes_view encrypted_session_key;
    std::uint32_t flags = 0;
    bool has_room_for_mic = false; ///< no payload lies before the end of the MIC field
};

/// nullopt when a field lies outside the message or in its fixed part, or when text has an odd
/// length. Text is taken as UTF-16, so the flags must be checked too.
std::optional<authenticate_message> parse_authenticate(bytes_view message);

/// The attribute list of an NTLMv2 response or of a CHALLENGE (MS-NLMP 2.2.2.1).
struct target_information {
    std::optional<std::u16string> netbios_computer;
    std::optional<std::u16string> netbios_domain;
    std::uint32_t flags = 0;
    std::optional<std::uint64_t> timestamp;

    static constexpr std::uint32_t mic_present = 0x00000002;
};

/// nullopt without an end mark, for a pair that leaves the bytes, or for a wrong size of a known
/// one.
std::optional<target_information> parse_target_information(bytes_view pairs);

/// An NTLMv2 response (MS-NLMP 2.2.2.8); the views point into it.
struct v2_response {
    bytes_view proof;
    bytes_view blob; ///< all bytes after the proof
    std::uint64_t timestamp = 0;
    target_information target;
};

std::optional<v2_response> parse_v2_response(bytes_view nt_response);

} // namespace bridge::auth::ntlm
