// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/accounts.hpp"
#include "bridge/auth/identity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bridge::auth {

/// How names of this machine become SIDs.
struct local_rights {
    win32::sid machine_sid; ///< S-1-5-21-x-y-z; RIDs of local accounts follow it
    std::vector<std::string> admin_unix_groups; ///< members count as BUILTIN\Administrators
    std::vector<win32::sid> administrators;     ///< bearers count as BUILTIN\Administrators
};

/// S-1-5-21-x-y-z out of a stable name (the cluster's or the machine's); the same name gives the
/// same SID on every node.
win32::sid derive_machine_sid(std::string_view name);

/// Well-known SIDs (MS-DTYP 2.4.2.4).
win32::sid builtin_administrators();
win32::sid builtin_users();
win32::sid builtin_backup_operators();

/// Names of the groups of a Unix account, the primary one first; empty when there is no such
/// account. May block in a name service.
std::vector<std::string> unix_groups_of(const std::string& login);

/// SIDs an entry of the accounts file stands for: its own, then its groups.
std::vector<win32::sid> sids_of(const account_entry& entry, const local_rights& rights);

/// Adds what every network logon has (Everyone, Authenticated Users, NETWORK) and BUILTIN groups
/// that `rights` grants to SIDs of the list.
void complete(std::vector<win32::sid>& sids, const local_rights& rights);

} // namespace bridge::auth
