// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/mechanism_initiator.hpp"
#include "bridge/auth/ntlm_client_messages.hpp"
#include "bridge/auth/ntlm_crypto.hpp"

namespace bridge::auth::ntlm {

/// Client side of NTLM (MS-NLMP 3.1.5.1): NTLMv2 with a MIC, sealing and key exchange, or nothing.
class initiator final : public mechanism_initiator {
public:
    initiator(std::u16string user, std::u16string domain, const key16& nt_hash);

    step_result step(bytes_view token) override;

private:
    enum class state { start, wants_challenge, done, dead };

    step_result answer(bytes_view token);
    step_result refuse(std::string reason);

    std::u16string user_;
    std::u16string domain_;
    key16 hash_;
    state state_ = state::start;
    byte_string negotiate_;
};

} // namespace bridge::auth::ntlm
