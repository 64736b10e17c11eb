// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/identity.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bridge::auth {

/// Answer to one leg of an authentication exchange.
struct step_result {
    enum class outcome {
        more,    ///< another leg has to come; `token` is for the peer
        done,    ///< the context protects messages from now on; `token` may be empty
        refused, ///< the context is dead; the peer learns nothing but that
    };
    outcome state = outcome::refused;
    std::vector<std::byte> token;
    std::string reason; ///< for the log only
};

/// One PDU whose lengths are final, as a security mechanism sees it: header of `body_offset` bytes,
/// `body_length` bytes of stub and padding, the security trailer of 8 bytes, then the token to the
/// end of `pdu`.
struct protected_pdu {
    static constexpr std::size_t trailer_size = 8;

    std::span<std::byte> pdu;
    std::size_t body_offset = 0;
    std::size_t body_length = 0;
    bool header_signing = false; ///< negotiated for the connection (MS-RPCE 3.3.1.5.2.2)
    protection_level level = protection_level::privacy;
};

/// Acceptor side of one security context. Not thread-safe; `step` may block and may run on any one
/// thread at a time, never together with another call on the same object.
class security_context {
public:
    virtual ~security_context() = default;

    /// Consumes the peer's token (untrusted) and says how to go on. Not called again after `done`
    /// or `refused`.
    virtual step_result step(std::span<const std::byte> token) = 0;

    /// Bytes of the token of a protected PDU at this level. Valid after `done`.
    [[nodiscard]] virtual std::size_t token_size(protection_level level) const = 0;

    /// Signs, at level privacy also encrypts, in place, and writes the token. False: the context
    /// cannot be used any more.
    virtual bool protect(const protected_pdu& message) = 0;

    /// Verifies, at level privacy also decrypts, in place. False: the message is not what the peer
    /// sent.
    virtual bool unprotect(const protected_pdu& message) = 0;

    /// Valid after `done`.
    [[nodiscard]] virtual const identity& who() const = 0;
};

/// Makes acceptor contexts; owned by the daemon, outlives every context.
class acceptor {
public:
    virtual ~acceptor() = default;

    /// A context for a new exchange; null when the mechanism is unknown or switched off.
    virtual std::unique_ptr<security_context> accept(mechanism type) = 0;
};

} // namespace bridge::auth
