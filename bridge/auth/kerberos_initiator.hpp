// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/gss_handles.hpp"
#include "bridge/auth/mechanism_initiator.hpp"

#include <memory>
#include <string>

namespace bridge::auth::kerberos {

/// Client side of Kerberos in DCE style with the default credential cache. The second answer of
/// `step` is `done` with the last token.
class initiator final : public mechanism_initiator {
public:
    /// `target` is "service@host".
    explicit initiator(const std::string& target);

    step_result step(bytes_view token) override;

private:
    gss::name target_;
    std::unique_ptr<gss::context> context_; ///< while the exchange goes on
    bool dead_ = false;
};

} // namespace bridge::auth::kerberos
