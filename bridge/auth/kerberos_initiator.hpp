// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/kerberos_pdu.hpp"
#include "bridge/auth/mechanism_initiator.hpp"

#include <optional>
#include <string>

namespace bridge::auth::kerberos {

/// Client side of Kerberos in DCE style with the default credential cache. The second answer of
/// `step` is `done` with the last token.
class initiator final : public mechanism_initiator {
public:
    /// `target` is "service@host".
    explicit initiator(const std::string& target);

    step_result step(bytes_view token) override;
    [[nodiscard]] std::size_t token_size(protection_level level) const override;
    bool protect(const protected_pdu& message) override;
    bool unprotect(const protected_pdu& message) override;
    byte_string make_mic(bytes_view data) override;
    bool check_mic(bytes_view data, bytes_view mic) override;

private:
    gss::name target_;
    gss::context context_;
    std::optional<pdu_protection> protection_;
    bool dead_ = false;
};

} // namespace bridge::auth::kerberos
