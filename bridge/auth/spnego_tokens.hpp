// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/wire_bytes.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// The two tokens of RFC 4178 4.2 and the framing of RFC 2743 3.1. Everything parsed is hostile;
/// the views point into the token.
namespace bridge::auth::spnego {

inline constexpr std::size_t max_token_size = 65536;
inline constexpr std::size_t max_mechanisms = 16;

/// Contents of the OBJECT IDENTIFIERs that are known here.
bytes_view oid_spnego();
bytes_view oid_kerberos();           ///< 1.2.840.113554.1.2.2
bytes_view oid_kerberos_microsoft(); ///< 1.2.840.48018.1.2.2, the same mechanism
bytes_view oid_ntlm();               ///< 1.3.6.1.4.1.311.2.2.10

bool same_oid(bytes_view a, bytes_view b);

struct init_token {
    bytes_view mechanism_list; ///< DER of the SEQUENCE: what both MICs sign
    std::vector<bytes_view> mechanisms;
    std::optional<bytes_view> token;
    std::optional<bytes_view> mic;
};

/// NegTokenInit in its GSS framing; nullopt unless every byte is accounted for.
std::optional<init_token> parse_init(bytes_view token);

enum class negotiation_state : std::uint8_t {
    completed = 0,
    incomplete = 1,
    reject = 2,
    request_mic = 3,
};

struct response_token {
    std::optional<negotiation_state> state;
    std::optional<bytes_view> mechanism;
    std::optional<bytes_view> token;
    std::optional<bytes_view> mic;
};

/// NegTokenResp; nullopt unless every byte is accounted for.
std::optional<response_token> parse_response(bytes_view token);

byte_string encode_response(const response_token& response);

/// The SEQUENCE of mechanisms, as a MIC signs it.
byte_string encode_mechanism_list(std::span<const bytes_view> mechanisms);

/// NegTokenInit around that list and an optimistic token for its first mechanism.
byte_string encode_init(bytes_view mechanism_list, bytes_view token);

/// A Kerberos message without RFC 2743 framing and token id (RFC 4121 4.1); anything else is
/// returned as it is.
bytes_view without_framing(bytes_view token);

} // namespace bridge::auth::spnego
