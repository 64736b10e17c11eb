// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/message_protection.hpp"
#include "bridge/auth/ntlm_crypto.hpp"

#include <cstdint>
#include <nettle/arcfour.h>
#include <nettle/hmac.h>

namespace bridge::auth::ntlm {

enum class side { initiator, acceptor };

/// Message protection with extended session security, key exchange and 128-bit keys
/// (MS-NLMP 3.4.4.2): two RC4 states that run over the whole connection, two sequence counters. The
/// MAC covers the PDU without its token, whether header signing was negotiated or not.
class session final : public message_protection {
public:
    static constexpr std::size_t token_length = 16;

    session(const key16& exported_session_key, side ours);
    ~session() override;

    /// It takes number 0 of its direction; the cipher starts afresh afterwards but the counter goes
    /// on (MS-SPNG 3.3.5.1).
    byte_string make_mic(bytes_view data) override;

private:
    struct direction {
        key16 seal_key;
        arcfour_ctx cipher;
        hmac_md5_ctx mac;
        std::uint32_t next = 0;
    };

    [[nodiscard]] std::size_t size_at(protection_level) const override { return token_length; }
    bool write(const protected_pdu& message) override;
    bool read(const protected_pdu& message) override;
    bool verify_mic(bytes_view data, bytes_view mic) override;

    static void start(direction& way, const key16& key, bool client_to_server);
    static void write_token(direction& way, bytes_view signed_part, std::span<std::byte> body,
                            std::span<std::byte> token);
    bool check_token(bytes_view signed_part, bytes_view token);

    direction out_;
    direction in_;
};

} // namespace bridge::auth::ntlm
