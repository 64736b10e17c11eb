// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/registry_view.hpp"
#include "bridge/clusapi/service.hpp"
#include "bridge/win32/access_rights.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

/// Security descriptors of registry keys: a stored one where there is one, else what the key would
/// inherit from the nearest key above that has one (MS-DTYP 2.5.3.4), level by level. Where no key
/// above has one, the root has the service's default. So the keys of objects are as open as what
/// lists them until somebody sets a descriptor on them, which is then stored beside the projection.
namespace bridge::clusapi {

using descriptor_ptr = std::shared_ptr<const win32::security_descriptor>;

/// The descriptor that decides access to the key; it need not exist. A stored one that does not
/// decode lets nobody in. Never null.
descriptor_ptr key_descriptor(const registry_view& view, const security_source& security,
                              std::string_view path);

/// ERROR_ACCESS_DENIED unless the key's descriptor grants it.
win32::win32_error check_key(const registry_view& view, const security_source& security,
                             const auth::identity& who, std::string_view path,
                             win32::access_mask desired);

/// ERROR_ACCESS_DENIED unless every stored descriptor at and below the key grants it.
win32::win32_error check_subtree(const registry_view& view, const security_source& security,
                                 const auth::identity& who, std::string_view path,
                                 win32::access_mask desired);

/// The descriptor of a key that `who` makes below one with `parent`, `given` (null: none) by the
/// client. ERROR_INVALID_OWNER, ERROR_PRIVILEGE_NOT_HELD for a SACL.
win32::result<win32::security_descriptor>
new_key_descriptor(const auth::identity& who, const win32::security_descriptor& parent,
                   const win32::security_descriptor* given);

/// registry_command::descriptors for making `path`, from the first key that is not stored down:
/// null for keys of objects, what is inherited for others, `given` considered in the last. `gone`
/// says which stored keys on the way are to count as missing.
win32::result<std::vector<model::descriptor_bytes>>
descriptors_for(const registry_view& view, const security_source& security,
                const auth::identity& who, std::string_view path,
                const win32::security_descriptor* given,
                const std::function<bool(const std::string&)>& gone = {});

/// Whether the client may choose this owner: itself, one of its groups, anybody for Administrators
/// (who hold the privilege to restore).
bool may_make_owner(const auth::identity& who, const win32::sid& owner);

} // namespace bridge::clusapi
