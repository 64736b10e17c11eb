// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/wire_bytes.hpp"
#include "bridge/win32/sid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bridge::auth {

/// What a domain controller says about a user in its ticket (MS-PAC 2.5).
struct logon_information {
    std::u16string account; ///< EffectiveName
    std::u16string domain;  ///< LogonDomainName
    /// The user, its groups of the account domain, other SIDs and resource groups; enabled ones
    /// only. SIDs that only this machine may hand out (BUILTIN, SYSTEM, ...) are left out.
    std::vector<win32::sid> sids;

    static constexpr std::size_t max_size = 65535;
    static constexpr std::uint32_t max_groups = 4096; ///< of each of the three lists
};

/// Reads the logon-information buffer of a PAC: KERB_VALIDATION_INFO as a serialized type (MS-RPCE
/// 2.2.6.1). The KDC has signed it, but it is read like any hostile input: nullopt when a count, a
/// length or a pointer does not add up.
std::optional<logon_information> parse_logon_information(bytes_view buffer);

} // namespace bridge::auth
