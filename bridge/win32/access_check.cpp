// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/access_check.hpp"

#include <algorithm>

namespace bridge::win32 {
namespace {

enum class effect { none, allow, deny };

/// What an entry does to those whom it names.
effect effect_of(const ace& entry) {
    if ((entry.flags & ace_flag::inherit_only) != 0) {
        return effect::none;
    }
    switch (entry.type) {
    case ace_type::access_allowed:
        return effect::allow;
    case ace_type::access_denied:
    case ace_type::access_denied_callback:
        return effect::deny;
    case ace_type::access_allowed_object:
        return entry.object_type ? effect::none : effect::allow;
    case ace_type::access_denied_object:
    case ace_type::access_denied_callback_object:
        return entry.object_type ? effect::none : effect::deny;
    default:
        return effect::none;
    }
}

const sid& owner_rights() {
    static const sid value{3, {4}};
    return value;
}

bool holds(const token& who, const sid& wanted) {
    return std::find(who.sids.begin(), who.sids.end(), wanted) != who.sids.end();
}

/// `granted` and every right that the list adds: the first entry about a right decides it.
access_mask granted_by(const acl& list, const token& who, bool is_owner, access_mask granted,
                       const generic_mapping& mapping) {
    access_mask denied = 0;
    for (const auto& entry : list.entries) {
        const auto what = effect_of(entry);
        if (what == effect::none) {
            continue;
        }
        const bool named =
            holds(who, entry.trustee) || (is_owner && entry.trustee == owner_rights());
        if (!named) {
            continue;
        }
        const auto mask = map_generic(entry.mask, mapping);
        if (what == effect::allow) {
            granted |= mask & ~denied;
        } else {
            denied |= mask & ~granted;
        }
    }
    return granted;
}

bool has_owner_rights_entry(const acl& list) {
    return std::any_of(list.entries.begin(), list.entries.end(), [](const ace& entry) {
        return effect_of(entry) != effect::none && entry.trustee == owner_rights();
    });
}

} // namespace

result<access_mask> check_access(const security_descriptor& object, const token& who,
                                 access_mask desired, const generic_mapping& mapping) {
    const bool maximum = (desired & rights::maximum_allowed) != 0;
    const auto wanted = map_generic(desired & ~rights::maximum_allowed, mapping);

    access_mask granted = 0;
    if ((wanted & rights::access_system_security) != 0) {
        if (!who.security_privilege) {
            return win32_error::ERROR_PRIVILEGE_NOT_HELD;
        }
        granted |= rights::access_system_security;
    }
    if ((wanted & rights::write_owner) != 0 && who.take_ownership_privilege) {
        granted |= rights::write_owner;
    }

    if (!object.dacl) {
        // No policy at all. Only a privilege opens the SACL, whatever the list is.
        granted |= maximum ? mapping.all : access_mask{0};
        return granted | (wanted & ~rights::access_system_security);
    }
    const bool is_owner = object.owner && holds(who, *object.owner);
    if (is_owner && !has_owner_rights_entry(*object.dacl)) {
        granted |= rights::read_control | rights::write_dac;
    }
    const auto by_list = granted_by(*object.dacl, who, is_owner, granted, mapping);
    granted |= by_list & ~(rights::access_system_security | rights::maximum_allowed);

    if ((wanted & ~granted) != 0 || (maximum && granted == 0)) {
        return win32_error::ERROR_ACCESS_DENIED;
    }
    return maximum ? granted : wanted;
}

} // namespace bridge::win32
