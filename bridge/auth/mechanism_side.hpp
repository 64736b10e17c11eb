// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/message_protection.hpp"

#include <memory>
#include <utility>

namespace bridge::auth {

/// What both sides of a mechanism that SPNEGO can wrap have in common: nothing is protected before
/// the exchange is done, afterwards as much as the peers agreed to. `Side` is `security_context` or
/// `security_initiator`.
template <class Side>
class mechanism_side : public Side {
public:
    [[nodiscard]] std::size_t token_size(protection_level level) const final {
        // No token where there can be no seal: the level is refused as soon as the exchange is
        // done.
        const bool possible = level != protection_level::privacy || may_use(level);
        return protection_ && possible ? protection_->token_size(level) : 0;
    }
    bool protect(const protected_pdu& message) final {
        return may_use(message.level) && protection_->protect(message);
    }
    bool unprotect(const protected_pdu& message) final {
        return may_use(message.level) && protection_->unprotect(message);
    }

    /// Signs the list of offered mechanisms (RFC 4178 5). Valid after `done` and before the first
    /// PDU; empty on failure.
    byte_string make_mic(bytes_view data) {
        return protection_ ? protection_->make_mic(data) : byte_string{};
    }

    /// Valid after `done` and before the first PDU; a false answer ends the context.
    bool check_mic(bytes_view data, bytes_view mic) {
        return protection_ && protection_->check_mic(data, mic);
    }

protected:
    /// The exchange is done. `strongest` is what the client asked for.
    void protect_with(std::unique_ptr<message_protection> protection,
                      protection_level strongest = protection_level::privacy) {
        protection_ = std::move(protection);
        strongest_ = strongest;
    }
    [[nodiscard]] bool is_protected() const { return protection_ != nullptr; }

private:
    [[nodiscard]] bool may_use(protection_level level) const {
        return protection_ && level <= strongest_;
    }

    std::unique_ptr<message_protection> protection_;
    protection_level strongest_ = protection_level::connect;
};

} // namespace bridge::auth
