// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/gss_handles.hpp"
#include "bridge/auth/message_protection.hpp"

#include <memory>

/// PDU protection over an established krb5 context; the same for both sides (MS-RPCE 3.3.1.5.2.2).
namespace bridge::auth::kerberos {

class pdu_protection final : public message_protection {
public:
    /// `context` is complete.
    explicit pdu_protection(std::unique_ptr<gss::context> context);

    byte_string make_mic(bytes_view data) override;

private:
    [[nodiscard]] std::size_t size_at(protection_level level) const override;
    bool write(const protected_pdu& message) override;
    bool read(const protected_pdu& message) override;
    bool verify_mic(bytes_view data, bytes_view mic) override;

    bool wrap(const protected_pdu& message, std::size_t token_at);
    bool unwrap(const protected_pdu& message, std::size_t token_at);
    bool sign(const protected_pdu& message, std::size_t token_at);
    bool verify(const protected_pdu& message, std::size_t token_at);

    std::unique_ptr<gss::context> owned_;
    gss_ctx_id_t context_;
    std::size_t sealed_size_;
    std::size_t signed_size_;
};

} // namespace bridge::auth::kerberos
