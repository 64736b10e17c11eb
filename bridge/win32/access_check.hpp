// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/access_rights.hpp"
#include "bridge/win32/result.hpp"
#include "bridge/win32/security_descriptor.hpp"
#include "bridge/win32/sid.hpp"

#include <span>

namespace bridge::win32 {

/// Who asks (MS-DTYP 2.5.2), for the length of one call: the user's SID first, then its groups.
struct token {
    std::span<const sid> sids;
    bool security_privilege = false;       ///< SeSecurityPrivilege: the SACL
    bool take_ownership_privilege = false; ///< SeTakeOwnershipPrivilege: WRITE_OWNER
};

/// The access check of MS-DTYP 2.5.3.2. The mask granted: `desired` with its generic rights mapped,
/// or for MAXIMUM_ALLOWED everything that can be had. ERROR_ACCESS_DENIED if a right is missing,
/// ERROR_PRIVILEGE_NOT_HELD if ACCESS_SYSTEM_SECURITY is what is missing.
///
/// - The first entry that names a right and a SID of the token decides that right.
/// - The owner has READ_CONTROL and WRITE_DAC unless an entry for OWNER RIGHTS (S-1-3-4) says what
///   the owner has.
/// - Generic rights in an entry count as mapped. Entries for one type of child or property do not
///   count: no object here has those.
/// - The condition of a callback entry is not evaluated, it counts as unknown: such an entry denies
///   but never grants.
result<access_mask> check_access(const security_descriptor& object, const token& who,
                                 access_mask desired, const generic_mapping& mapping);

} // namespace bridge::win32
