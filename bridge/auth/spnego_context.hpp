// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/mechanism_context.hpp"
#include "bridge/auth/spnego_tokens.hpp"

#include <memory>

namespace bridge::auth::spnego {

/// Makes the contexts that SPNEGO negotiates about; outlives every context.
class mechanism_factory {
public:
    virtual ~mechanism_factory() = default;

    /// Null when the mechanism is switched off. Called with `ntlm` and `kerberos` only.
    virtual std::unique_ptr<mechanism_context> make(mechanism type) = 0;
};

/// Server side of RFC 4178 and MS-SPNG: takes the client's first mechanism that is switched on. If
/// it is not the first of the list, the optimistic token is dropped and both sides must sign the
/// list.
class context final : public security_context {
public:
    static constexpr int max_legs = 8;

    explicit context(mechanism_factory& factory);

    step_result step(bytes_view token) override;
    [[nodiscard]] std::size_t token_size(protection_level level) const override;
    bool protect(const protected_pdu& message) override;
    bool unprotect(const protected_pdu& message) override;
    [[nodiscard]] const identity& who() const override;

private:
    enum class state { wants_init, wants_response, wants_mic, done, dead };

    step_result init(bytes_view token);
    step_result respond(bytes_view token);
    step_result finish(bytes_view token);
    bool choose(const init_token& offer);
    step_result advance(bytes_view token, const std::optional<bytes_view>& mic, bool is_first);
    step_result complete(const byte_string& last_token, const std::optional<bytes_view>& mic,
                         bool is_first);
    step_result refuse(std::string reason);

    mechanism_factory& factory_;
    state state_ = state::wants_init;
    int legs_ = 0;
    bool mic_required_ = false;
    byte_string mechanism_list_;
    byte_string chosen_oid_;
    std::unique_ptr<mechanism_context> inner_;
};

} // namespace bridge::auth::spnego
