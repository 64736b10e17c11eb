// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/error_map.hpp"
#include "bridge/clusapi/key_security.hpp"
#include "bridge/clusapi/open.hpp"
#include "bridge/clusapi/registry_view.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

/// What the handlers of the registry have in common.
namespace bridge::clusapi {

/// SECURITY_INFORMATION (MS-RRP 2.2.10).
namespace security_information {
inline constexpr std::uint32_t owner = 1;
inline constexpr std::uint32_t group = 2;
inline constexpr std::uint32_t dacl = 4;
inline constexpr std::uint32_t sacl = 8;
inline constexpr std::uint32_t unprotected_dacl = 0x2000'0000;
inline constexpr std::uint32_t protected_dacl = 0x8000'0000;
} // namespace security_information

/// The registry as this call sees it; until the handler waits again.
registry_view view_of(const call& c);

/// The key behind the handle, for a caller who was given `right` when it was opened.
/// ERROR_ACCESS_DENIED, or ERROR_KEY_DELETED when it is gone or another one is in its place.
win32::result<merged_key> key_for(const registry_view& view, const call& c,
                                  win32::access_mask right);

/// The path that a client means by `subkey` of `path`; a backslash at the end does not count.
/// ERROR_BAD_PATHNAME for one at the beginning.
win32::result<std::string> subkey_path(const std::string& path, std::u16string_view subkey);

/// The rights that the key's own descriptor grants of what is desired.
win32::result<win32::access_mask> granted_rights(const registry_view& view, const call& c,
                                                 std::string_view path, win32::access_mask desired);

/// A handle for an existing key.
std::shared_ptr<handle> make_key_handle(const call& c, const merged_key& key, std::string path,
                                        win32::access_mask rights);

/// A batch at the time of the call, in the caller's name. Unless an object has the handle's key,
/// the batch does nothing once that key is gone: it would make the key again.
model::registry_batch new_batch(const call& c, const merged_key& key);

model::registry_command key_command(model::registry_verb verb, std::string path);

/// Makes the stored counterpart of a key that an object has; nothing for others.
void add_counterpart(model::registry_batch& batch, const merged_key& key, const std::string& path);

/// Types that clients may store: MS-CMRP 3.1.4.2.33 without REG_NONE, which version 3 servers do
/// not take.
bool accepted_type(std::uint32_t type);

/// Commits what was planned, or passes on why it was not.
boost::asio::awaitable<win32_error> commit(call& c, win32::result<model::registry_batch> batch,
                                           registry_call method);

/// ERROR_ACCESS_DENIED unless the caller may make `path`, of which keys are missing: asks the
/// handle when the nearest key there is the handle's, else that key's descriptor.
win32_error may_create(const registry_view& view, const call& c, std::string_view path);

} // namespace bridge::clusapi
