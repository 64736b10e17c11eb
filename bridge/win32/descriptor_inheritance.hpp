// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/access_rights.hpp"
#include "bridge/win32/result.hpp"
#include "bridge/win32/security_descriptor.hpp"
#include "bridge/win32/sid.hpp"

#include <optional>
#include <span>

namespace bridge::win32 {

/// What a new object's descriptor is made of. Pointers may be null and live for the call.
struct descriptor_request {
    const security_descriptor* parent = nullptr;  ///< of the container
    const security_descriptor* creator = nullptr; ///< as given by the client that creates
    const acl* default_dacl = nullptr;            ///< of the creator's token
    bool is_container = true;                     ///< registry keys are
    bool auto_inherit = true; ///< entries of the parent are appended to the creator's own
    sid default_owner;        ///< used when `creator` names none
    std::optional<sid> default_group;
    std::span<const sid> may_own; ///< owners that the client may choose; empty: any
    generic_mapping mapping = registry_key_mapping;
};

/// The algorithm of MS-DTYP 2.5.3.4. ERROR_INVALID_OWNER for an owner that the client may not
/// choose.
///
/// A DACL that the creator gives stands first, without entries marked as inherited; unless it is
/// protected the parent's inheritable entries follow. Without one the parent's make the DACL, else
/// `default_dacl`. CREATOR OWNER and CREATOR GROUP become the owner and the group in entries that
/// are in force. Entries for one type of child are inherited by none: no object here has a type.
result<security_descriptor> create_descriptor(const descriptor_request& request);

/// The entries that a child gets from its container's list, in their order (MS-DTYP 2.5.3.4.4):
/// marked as inherited, with `owner`, `group` and `mapping` applied where they are in force, and
/// once more as inherit-only for the next generation where that changed something.
std::vector<ace> inherited_entries(const acl& parent, bool is_container, const sid& owner,
                                   const std::optional<sid>& group, const generic_mapping& mapping);

} // namespace bridge::win32
