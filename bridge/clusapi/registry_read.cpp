// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/registry_access.hpp"
#include "bridge/model/registry_names.hpp"
#include "bridge/win32/filetime.hpp"

#include <algorithm>

namespace bridge::clusapi {

namespace {

namespace rights = win32::rights;

/// Opens the key at `path`: it must exist, and its own descriptor must grant what is desired.
template <class Out>
reply<Out> open_path(call& c, std::string path, win32::access_mask desired) {
    const registry_view view = view_of(c);
    const auto key =
        model::check_path(path) == model::registry_errc::none ? view.find(path) : std::nullopt;
    if (!key)
        return win32_error::ERROR_FILE_NOT_FOUND;
    const auto mask = granted_rights(view, c, path, desired);
    if (!mask)
        return mask.error();
    return opened<Out>(c, make_key_handle(c, *key, std::move(path), *mask));
}

std::uint32_t count(std::size_t size) {
    return static_cast<std::uint32_t>(size);
}

std::uint32_t units(std::string_view text) {
    return count(wide(text).size());
}

void set_time(auto& out, std::uint64_t ticks) {
    out.dwLowDateTime = win32::low_part({ticks});
    out.dwHighDateTime = win32::high_part({ticks});
}

} // namespace

reply<wire::ApiGetRootKey_out> get_root_key(call& c, const wire::ApiGetRootKey_in& in) {
    return open_path<wire::ApiGetRootKey_out>(c, std::string{}, in.samDesired);
}

reply<wire::ApiOpenKey_out> open_key(call& c, const wire::ApiOpenKey_in& in) {
    auto path = subkey_path(c.key().id, in.lpSubKey);
    if (!path)
        return path.error();
    if (const auto key = key_for(view_of(c), c, 0); !key)
        return key.error();
    return open_path<wire::ApiOpenKey_out>(c, std::move(*path), in.samDesired);
}

reply<wire::ApiEnumKey_out> enum_key(call& c, const wire::ApiEnumKey_in& in) {
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, rights::key_enumerate_sub_keys);
    if (!key)
        return key.error();
    if (in.dwIndex >= key->subkey_count())
        return win32_error::ERROR_NO_MORE_ITEMS;
    const std::string& name = key->subkey(in.dwIndex);
    const auto* stored = key->stored() ? key->stored()->find_subkey(name) : nullptr;
    wire::ApiEnumKey_out out;
    out.KeyName = wide(name);
    set_time(out.lpftLastWriteTime, stored ? stored->last_write() : 0);
    return out;
}

reply<wire::ApiQueryValue_out> query_value(call& c, const wire::ApiQueryValue_in& in) {
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, rights::key_query_value);
    if (!key)
        return key.error();
    const auto* value = key->find_value(narrow(in.lpValueName));
    if (!value)
        return win32_error::ERROR_FILE_NOT_FOUND;
    wire::ApiQueryValue_out out;
    const bool fits = value->data.size() <= in.cbData;
    if (fits)
        out.lpData = value->data;
    out.lpData.resize(
        in.cbData); // size_is(cbData): the whole buffer travels, also when it is empty
    out.lpValueType = static_cast<std::uint32_t>(value->type);
    out.lpcbRequired = count(value->data.size());
    return {fits ? win32_error::ERROR_SUCCESS : win32_error::ERROR_MORE_DATA, std::move(out)};
}

reply<wire::ApiEnumValue_out> enum_value(call& c, const wire::ApiEnumValue_in& in) {
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, rights::key_query_value);
    if (!key)
        return key.error();
    if (in.dwIndex >= key->value_count())
        return win32_error::ERROR_NO_MORE_ITEMS;
    const model::registry_value& value = key->value(in.dwIndex);
    const bool fits = value.data.size() <= in.lpcbData;
    wire::ApiEnumValue_out out;
    out.lpValueName = wide(value.name);
    out.lpType = static_cast<std::uint32_t>(value.type);
    if (fits)
        out.lpData = value.data;
    else
        out.lpData.resize(in.lpcbData);
    out.lpcbData = count(out.lpData.size()); // size_is(*lpcbData) holds for what is sent
    out.TotalSize = count(value.data.size());
    return {fits ? win32_error::ERROR_SUCCESS : win32_error::ERROR_MORE_DATA, std::move(out)};
}

reply<wire::ApiCloseKey_out> close_key(call& c, const wire::ApiCloseKey_in& in) {
    return closed<wire::ApiCloseKey_out>(c, in.pKey);
}

reply<wire::ApiQueryInfoKey_out> query_info_key(call& c, const wire::ApiQueryInfoKey_in&) {
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, rights::key_query_value);
    if (!key)
        return key.error();
    wire::ApiQueryInfoKey_out out;
    out.lpcSubKeys = count(key->subkey_count());
    out.lpcValues = count(key->value_count());
    for (std::size_t i = 0; i < key->subkey_count(); ++i)
        out.lpcbMaxSubKeyLen = std::max(out.lpcbMaxSubKeyLen, units(key->subkey(i)));
    for (std::size_t i = 0; i < key->value_count(); ++i) {
        const model::registry_value& value = key->value(i);
        out.lpcbMaxValueNameLen = std::max(out.lpcbMaxValueNameLen, units(value.name));
        out.lpcbMaxValueLen = std::max(out.lpcbMaxValueLen, count(value.data.size()));
    }
    const auto descriptor = key_descriptor(view, c.server.security, c.key().id);
    if (const auto bytes = win32::encode_security_descriptor(*descriptor))
        out.lpcbSecurityDescriptor = count(bytes->size());
    set_time(out.lpftLastWriteTime, key->last_write());
    return out;
}

} // namespace bridge::clusapi
