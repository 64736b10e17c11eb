// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/gss_handles.hpp"
#include "bridge/auth/security_context.hpp"

#include <optional>

/// PDU protection over an established krb5 context; the same for both sides (MS-RPCE 3.3.1.5.2.2).
namespace bridge::auth::kerberos {

class pdu_protection {
public:
    /// `context` is complete and outlives this.
    explicit pdu_protection(gss_ctx_id_t context);

    [[nodiscard]] std::size_t token_size(protection_level level) const;
    bool protect(const protected_pdu& message);
    bool unprotect(const protected_pdu& message);
    byte_string make_mic(bytes_view data);
    bool check_mic(bytes_view data, bytes_view mic);

private:
    bool wrap(const protected_pdu& message, std::size_t token_at);
    bool unwrap(const protected_pdu& message, std::size_t token_at);
    bool sign(const protected_pdu& message, std::size_t token_at);
    bool verify(const protected_pdu& message, std::size_t token_at);

    gss_ctx_id_t context_;
    bool broken_ = false;
    std::size_t sealed_size_ = 0;
    std::size_t signed_size_ = 0;
};

} // namespace bridge::auth::kerberos
