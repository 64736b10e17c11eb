// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/ntlm_crypto.hpp"
#include "bridge/auth/security_context.hpp"

#include <cstdint>
#include <nettle/arcfour.h>
#include <nettle/hmac.h>

namespace bridge::auth::ntlm {

enum class side { initiator, acceptor };

/// Message protection with extended session security, key exchange and 128-bit keys
/// (MS-NLMP 3.4.4.2): two RC4 states that run over the whole connection, two sequence counters.
/// Any failure ends the session for good.
class session {
public:
    static constexpr std::size_t token_size = 16;

    /// Messages at a level above `strongest` are refused: the peers did not agree to it.
    session(const key16& exported_session_key, side ours,
            protection_level strongest = protection_level::privacy);
    session(const session&) = delete;
    session& operator=(const session&) = delete;
    ~session();

    /// Signature of a SPNEGO mechanism list. It takes number 0 of its direction; the cipher starts
    /// afresh afterwards but the counter goes on (MS-SPNG 3.3.5.1). Only before the first PDU.
    byte_string make_mic(bytes_view data);
    bool check_mic(bytes_view data, bytes_view mic);

    /// The MAC covers the PDU without its token, whether header signing was negotiated or not.
    bool protect(const protected_pdu& message);
    bool unprotect(const protected_pdu& message);

private:
    struct direction {
        key16 seal_key;
        arcfour_ctx cipher;
        hmac_md5_ctx mac;
        std::uint32_t next = 0;
    };

    static void start(direction& way, const key16& key, bool client_to_server);
    static void write_token(direction& way, bytes_view signed_part, std::span<std::byte> body,
                            std::span<std::byte> token);
    bool check_token(bytes_view signed_part, bytes_view token);

    direction out_;
    direction in_;
    protection_level strongest_;
    bool broken_ = false;
};

} // namespace bridge::auth::ntlm
