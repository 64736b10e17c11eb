// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/access.hpp"

#include "bridge/clusapi/service.hpp"
#include "bridge/win32/access_check.hpp"

#include <algorithm>

namespace bridge::clusapi {

namespace {

using win32::win32_error;
namespace rights = win32::rights;

const win32::sid administrators{5, {32, 544}};
const win32::sid backup_operators{5, {32, 551}};

bool allowed(const security_source& security, const auth::identity& who,
             win32::access_mask desired) {
    const auto descriptor = security.cluster();
    const win32::token token{who.sids};
    return win32::check_access(*descriptor, token, desired, win32::cluster_mapping).has_value();
}

} // namespace

bool has_backup_privilege(const auth::identity& who) {
    return std::ranges::any_of(who.sids, [](const win32::sid& sid) {
        return sid == administrators || sid == backup_operators;
    });
}

access_level level_of(const security_source& security, const auth::identity& who) {
    if (allowed(security, who, rights::cluster_all))
        return access_level::all;
    if (has_backup_privilege(who))
        return access_level::backup;
    return allowed(security, who, rights::cluster_read) ? access_level::read : access_level::none;
}

win32::result<access_level> grant(const security_source& security, const auth::identity& who,
                                  win32::access_mask desired) {
    const access_level best = level_of(security, who);
    if (best == access_level::none)
        return win32_error::ERROR_ACCESS_DENIED;
    if ((desired & rights::maximum_allowed) != 0)
        return best;
    const win32::access_mask wanted = win32::map_generic(desired, win32::cluster_mapping);
    if ((wanted & rights::cluster_change) != 0 && (wanted & rights::cluster_read) == 0)
        return win32_error::ERROR_INVALID_PARAMETER;
    const win32::access_mask other = wanted & ~rights::cluster_all;
    if (other != 0 && !allowed(security, who, other))
        return win32_error::ERROR_ACCESS_DENIED;
    if ((wanted & rights::cluster_all) == rights::cluster_read)
        return has_backup_privilege(who) ? access_level::backup : access_level::read;
    return best == access_level::all ? win32::result<access_level>(best)
                                     : win32_error::ERROR_ACCESS_DENIED;
}

win32::access_mask granted_mask(access_level level) {
    return level == access_level::all ? rights::generic_all : rights::generic_read;
}

} // namespace bridge::clusapi
