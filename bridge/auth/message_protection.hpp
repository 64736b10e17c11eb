// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/auth/wire_bytes.hpp"

#include <cstddef>

namespace bridge::auth {

/// Protects messages with the key that an exchange left; the same on both sides. Any failure ends
/// it for good. Not thread-safe.
class message_protection {
public:
    message_protection() = default;
    message_protection(const message_protection&) = delete;
    message_protection& operator=(const message_protection&) = delete;
    virtual ~message_protection() = default;

    /// Bytes of the token of a PDU at this level; 0 at levels that protect nothing.
    [[nodiscard]] std::size_t token_size(protection_level level) const;

    /// As in `security_context`. Levels that protect nothing leave the PDU as it is.
    bool protect(const protected_pdu& message);
    bool unprotect(const protected_pdu& message);

    /// Signature of a SPNEGO mechanism list (RFC 4178 5); only before the first PDU. Empty on
    /// failure.
    virtual byte_string make_mic(bytes_view data) = 0;
    bool check_mic(bytes_view data, bytes_view mic);

private:
    /// The level protects something in what follows.
    [[nodiscard]] virtual std::size_t size_at(protection_level level) const = 0;
    virtual bool write(const protected_pdu& message) = 0;
    virtual bool read(const protected_pdu& message) = 0;
    virtual bool verify_mic(bytes_view data, bytes_view mic) = 0;

    bool broken_ = false;
};

} // namespace bridge::auth
