// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/account_source.hpp"

namespace bridge::auth {

/// Domain accounts through winbindd (libwbclient). Needs winbindd's privileged pipe: root or the
/// group winbindd_priv. Blocks for as long as a domain controller takes.
class winbind_source final : public account_source {
public:
    attempt_result verify(const ntlm_attempt& attempt) const override;
};

/// Adds the BUILTIN groups (S-1-5-32) of this machine that have one of the SIDs as a member;
/// nothing when winbindd does not answer.
void add_builtin_aliases(std::vector<win32::sid>& sids);

} // namespace bridge::auth
