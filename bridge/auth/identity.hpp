// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/sid.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::auth {

/// auth_type of a security trailer (MS-RPCE 2.2.1.1.7).
enum class mechanism : std::uint8_t { none = 0, spnego = 9, ntlm = 10, kerberos = 16 };

/// auth_level of a security trailer (MS-RPCE 2.2.1.1.8).
enum class protection_level : std::uint8_t {
    unset = 0,
    none = 1,
    connect = 2,
    call = 3,
    packet = 4,
    integrity = 5,
    privacy = 6,
};

/// Whom a completed security context proved. Names are UTF-8 and as the authority spells them.
struct identity {
    std::string account;
    std::string domain;
    mechanism proved_by = mechanism::none;
    /// The user first (when it has one), then its groups; no duplicates.
    std::vector<win32::sid> sids;
};

/// "DOMAIN\account", or the account alone; for logs, so made printable.
std::string display_name(const identity& who);

/// A text of a peer as it may go into a log: control characters become '?', and it is cut at
/// `max_printable` bytes.
inline constexpr std::size_t max_printable = 256;
std::string printable(std::string_view text);

/// Appends `value` unless the list has it.
void add_sid(std::vector<win32::sid>& sids, const win32::sid& value);

} // namespace bridge::auth
