// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/identity.hpp"

#include <algorithm>

namespace bridge::auth {

std::string display_name(const identity& who) {
    if (who.domain.empty())
        return printable(who.account);
    return printable(who.domain) + '\\' + printable(who.account);
}

std::string printable(std::string_view text) {
    std::string out(text.substr(0, max_printable));
    for (char& each : out)
        if (static_cast<unsigned char>(each) < 0x20 || each == 0x7f)
            each = '?';
    return out;
}

void add_sid(std::vector<win32::sid>& sids, const win32::sid& value) {
    if (std::find(sids.begin(), sids.end(), value) == sids.end())
        sids.push_back(value);
}

} // namespace bridge::auth
