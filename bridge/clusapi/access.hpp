// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/identity.hpp"
#include "bridge/win32/access_rights.hpp"
#include "bridge/win32/result.hpp"

#include <cstdint>

/// Who may do what (MS-CMRP 3.1.4): three levels, decided by the cluster security descriptor.
namespace bridge::clusapi {

class security_source;

/// In ascending order: each level includes those before it.
enum class access_level : std::uint8_t {
    none,
    read,
    backup, ///< read with backup privilege; comes with read, cannot be asked for
    all,
};

/// The best level that the cluster security descriptor, as it is now, and backup privilege give.
access_level level_of(const security_source& security, const auth::identity& who);

/// The level to store in a handle opened with `desired`. ERROR_ACCESS_DENIED when that exceeds what
/// the caller may have; ERROR_INVALID_PARAMETER for change without read. Rights beyond read and
/// change are checked against the cluster security descriptor too.
win32::result<access_level> grant(const security_source& security, const auth::identity& who,
                                  win32::access_mask desired);

/// The level as lpdwGrantedAccess tells it: GENERIC_ALL or GENERIC_READ.
win32::access_mask granted_mask(access_level level);

/// Member of Administrators or Backup Operators: what holds the backup privilege.
bool has_backup_privilege(const auth::identity& who);

} // namespace bridge::clusapi
