// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/identity.hpp"

#include <algorithm>

namespace bridge::auth {

std::string display_name(const identity& who) {
    if (who.domain.empty())
        return who.account;
    return who.domain + '\\' + who.account;
}

void add_sid(std::vector<win32::sid>& sids, const win32::sid& value) {
    if (std::find(sids.begin(), sids.end(), value) == sids.end())
        sids.push_back(value);
}

} // namespace bridge::auth
