// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/account_source.hpp"
#include "bridge/auth/local_rights.hpp"
#include "bridge/auth/mechanism_context.hpp"
#include "bridge/auth/ntlm_crypto.hpp"
#include "bridge/auth/ntlm_messages.hpp"

#include <memory>
#include <vector>

namespace bridge::auth::ntlm {

/// What every context of an acceptor shares; outlives them and does not change.
struct acceptor_settings {
    std::u16string netbios_computer;
    std::u16string netbios_domain; ///< empty: the computer is in none
    std::u16string dns_computer;
    std::u16string dns_domain;
    local_rights rights;
    /// Let clients without an account in, as the identity without a name (ANONYMOUS LOGON).
    bool allow_anonymous = false;
    /// Asked in this order until one knows the account.
    std::vector<std::unique_ptr<account_source>> sources;
};

/// Server side of NTLM (MS-NLMP 3.2.5.2). Refuses anonymous logon unless it is allowed, NTLMv1 and
/// LM responses, and exchanges without extended session security, key exchange and 128-bit keys. A
/// client that did not ask for sealing has no token for level privacy, one that did not ask for
/// signing protects nothing.
class context final : public mechanism_context {
public:
    explicit context(const acceptor_settings& settings);

    step_result step(bytes_view token) override;

private:
    enum class state { wants_negotiate, wants_authenticate, done, dead };

    step_result negotiate(bytes_view token);
    step_result authenticate(bytes_view token);
    step_result log_on(const authenticate_message& message, const v2_response& response,
                       bytes_view token);
    step_result log_on_nobody(const authenticate_message& message);
    step_result finish(const authenticate_message& message, const key16& exported, identity who);
    [[nodiscard]] attempt_result ask_sources(const authenticate_message& message) const;
    [[nodiscard]] bool is_own_target(const target_information& target) const;
    [[nodiscard]] bool has_valid_mic(const key16& exported, bytes_view token) const;
    step_result refuse(std::string reason);

    const acceptor_settings& settings_;
    state state_ = state::wants_negotiate;
    byte_string negotiate_;
    byte_string challenge_message_;
    std::array<std::byte, challenge_size> challenge_{};
};

} // namespace bridge::auth::ntlm
