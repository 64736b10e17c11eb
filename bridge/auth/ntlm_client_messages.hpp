// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/ntlm_messages.hpp"

/// The messages of MS-NLMP 2.2.1 as a client sees them.
namespace bridge::auth::ntlm {

byte_string encode_negotiate(std::uint32_t flags);

/// What a client takes from a CHALLENGE.
struct received_challenge {
    std::uint32_t flags = 0;
    std::array<std::byte, challenge_size> challenge{};
    bytes_view target_pairs; ///< raw attribute list; points into the message
};

/// nullopt unless the message has target information inside its bounds.
std::optional<received_challenge> parse_challenge(bytes_view message);

/// An AUTHENTICATE to be encoded; the MIC field is left as zeros.
struct outgoing_authenticate {
    byte_string lm_response;
    byte_string nt_response;
    std::u16string domain;
    std::u16string user;
    std::u16string workstation;
    byte_string encrypted_session_key;
    std::uint32_t flags = 0;
};

byte_string encode_authenticate(const outgoing_authenticate& message);

/// The bytes of an NTLMv2 response that follow its proof: the server's attribute list, with the bit
/// that announces a MIC when `announce_mic`. nullopt when the list is malformed.
std::optional<byte_string> encode_v2_blob(bytes_view target_pairs, bytes_view client_challenge,
                                          bool announce_mic);

} // namespace bridge::auth::ntlm
