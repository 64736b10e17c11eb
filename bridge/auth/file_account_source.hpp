// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/account_source.hpp"
#include "bridge/auth/local_rights.hpp"

#include <filesystem>

namespace bridge::auth {

/// The accounts file (accounts.hpp); read again for every attempt, so changes count at once. An
/// entry of the client's own domain goes before one for `*`, which is an account of this machine. A
/// file that cannot be read makes the source unavailable; a file that does not exist holds nobody.
class file_account_source final : public account_source {
public:
    /// `own_name` is the domain of the accounts for `*`: what a client calls it proves nothing.
    file_account_source(std::filesystem::path path, std::string own_name, local_rights rights);
    attempt_result verify(const ntlm_attempt& attempt) const override;

private:
    std::filesystem::path path_;
    std::string own_name_;
    local_rights rights_;
};

} // namespace bridge::auth
