// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/identity.hpp"
#include "bridge/auth/secret.hpp"
#include "bridge/auth/wire_bytes.hpp"

#include <array>
#include <string>

namespace bridge::auth {

/// A challenge and the client's answer to it; the views live as long as the call. Both responses
/// are as sent; `nt_response` is known to be a well-formed NTLMv2 response.
struct ntlm_attempt {
    std::u16string user;
    std::u16string domain;
    std::u16string workstation;
    std::array<std::byte, 8> challenge{};
    bytes_view lm_response;
    bytes_view nt_response;
};

/// What a source says about an attempt.
struct attempt_result {
    enum class verdict {
        accepted,    ///< `who` and `session_key` are filled in
        refused,     ///< the account is this source's and the answer is wrong, or it may not log on
        not_mine,    ///< ask the next source
        unavailable, ///< the source cannot tell; no other source is asked
    };
    verdict is = verdict::refused;
    identity who;
    key16 session_key;  ///< SessionBaseKey (MS-NLMP 3.3.2)
    std::string reason; ///< for the log only
};

/// Verifies NTLMv2 answers. Calls may block and may come from several threads at once.
class account_source {
public:
    virtual ~account_source() = default;
    virtual attempt_result verify(const ntlm_attempt& attempt) const = 0;
};

} // namespace bridge::auth
