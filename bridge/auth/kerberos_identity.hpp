// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/kerberos_context.hpp"

namespace bridge::auth::kerberos {

/// The identity of a client name of a complete context, with groups; nullopt when the name or its
/// logon information cannot be trusted. `note` receives text for the log.
std::optional<identity> identify(gss_name_t client, const acceptor_settings& settings,
                                 std::string& note);

} // namespace bridge::auth::kerberos
