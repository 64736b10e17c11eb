// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"

#include <memory>
#include <string>

namespace bridge::auth {

/// Client side of one security context; the mirror of `security_context` and under the same rules.
class security_initiator {
public:
    virtual ~security_initiator() = default;

    /// The first call gets an empty token. After `done` a non-empty token still goes to the peer.
    virtual step_result step(std::span<const std::byte> token) = 0;

    [[nodiscard]] virtual std::size_t token_size(protection_level level) const = 0;
    virtual bool protect(const protected_pdu& message) = 0;
    virtual bool unprotect(const protected_pdu& message) = 0;
};

/// Whom a client claims to be. Names are UTF-8.
struct client_credentials {
    std::string user;     ///< NTLM only; Kerberos takes the default credential cache
    std::string domain;   ///< NTLM only
    std::string password; ///< NTLM only
    /// Kerberos only: "service@host" of the server.
    std::string target;
};

/// An initiator for ntlm or kerberos, or for `inner` inside SPNEGO; null for anything else.
std::unique_ptr<security_initiator> make_initiator(mechanism type,
                                                   const client_credentials& credentials,
                                                   mechanism inner = mechanism::ntlm);

} // namespace bridge::auth
