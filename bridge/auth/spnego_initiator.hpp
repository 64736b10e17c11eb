// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/mechanism_initiator.hpp"
#include "bridge/auth/spnego_tokens.hpp"

#include <memory>
#include <vector>

namespace bridge::auth::spnego {

/// Client side of RFC 4178 for one mechanism. Signs the mechanism list with the last token, and
/// insists on the server's signature when the server asked for one.
class initiator final : public security_initiator {
public:
    /// `oid` names the mechanism of `inner`. `preferred` are mechanisms to offer before it, which
    /// are never used; with them there is no optimistic token.
    initiator(bytes_view oid, std::unique_ptr<mechanism_initiator> inner,
              const std::vector<bytes_view>& preferred = {});

    step_result step(bytes_view token) override;
    [[nodiscard]] std::size_t token_size(protection_level level) const override;
    bool protect(const protected_pdu& message) override;
    bool unprotect(const protected_pdu& message) override;

private:
    enum class state { start, negotiating, wants_end, done, dead };

    step_result start();
    step_result advance(bytes_view inner_token);
    step_result finish(const response_token& response);
    step_result refuse(std::string reason);

    bytes_view oid_;
    std::unique_ptr<mechanism_initiator> inner_;
    bool is_first_choice_;
    bool mic_required_ = false;
    byte_string mechanism_list_;
    state state_ = state::start;
};

} // namespace bridge::auth::spnego
