// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/win32/sid.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bridge::auth {

/// What a daemon's acceptor is made from. Names are UTF-8.
struct acceptor_config {
    /// Keys of the service principals; without it there is no Kerberos.
    std::optional<std::filesystem::path> keytab;
    /// Replay cache as MIT names it ("dfl:", "file2:PATH", "none:"); without it the library's
    /// choice.
    std::optional<std::string> replay_cache;
    /// The accounts file (accounts.hpp); asked first. Without it and winbind there is no NTLM.
    std::optional<std::filesystem::path> accounts_file;
    /// Ask winbindd for accounts that the file does not have.
    bool winbind = false;

    /// Let NTLM clients without an account in; `identity::account` is empty then. Interfaces with a
    /// minimum level refuse them all the same; Windows lets them ask the endpoint mapper.
    bool allow_anonymous = false;

    std::string netbios_computer; ///< at most 15 characters
    std::string netbios_domain;   ///< empty when the machine is in none
    std::string dns_computer;
    std::string dns_domain;

    /// S-1-5-21-x-y-z for accounts that have a RID only (local_rights.hpp derives one from a name).
    win32::sid machine_sid;
    /// Unix groups whose members are BUILTIN\Administrators; only for entries with `unix=login`.
    std::vector<std::string> admin_unix_groups;
    /// Bearers of these SIDs (a domain's administrators) are BUILTIN\Administrators too.
    std::vector<win32::sid> administrators;
};

/// Never null; a mechanism the configuration does not allow is never offered. Names that are not
/// UTF-8 count as empty.
std::unique_ptr<acceptor> make_acceptor(acceptor_config config);

} // namespace bridge::auth
