// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/gss_handles.hpp"
#include "bridge/auth/local_rights.hpp"
#include "bridge/auth/mechanism_context.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace bridge::auth::kerberos {

/// What every context of an acceptor shares; outlives them and does not change.
struct acceptor_settings {
    std::filesystem::path keytab;
    std::optional<std::string> replay_cache;
    std::optional<std::filesystem::path> accounts_file; ///< principals mapped by hand
    bool winbind = false;                               ///< expand BUILTIN groups
    local_rights rights;
};

/// Server side of Kerberos in DCE style (MS-KILE 3.4.5), strictly through GSSAPI's krb5 mechanism.
/// Every principal of the keytab is served. A ticket without logon information proves a name and no
/// groups; only an accounts-file entry for the principal gives it some.
class context final : public mechanism_context {
public:
    explicit context(const acceptor_settings& settings);

    step_result step(bytes_view token) override;

private:
    enum class state { wants_request, wants_reply, done, dead };

    bool acquire(std::string& why);
    step_result advance(bytes_view token);
    step_result complete(OM_uint32 flags, gss_name_t client);
    step_result refuse(std::string reason);

    const acceptor_settings& settings_;
    state state_ = state::wants_request;
    gss::credential credential_;
    std::unique_ptr<gss::context> context_; ///< while the exchange goes on
};

} // namespace bridge::auth::kerberos
