// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/open.hpp"
#include "bridge/win32/access_check.hpp"
#include "bridge/win32/filetime.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>

namespace bridge::clusapi {

namespace {

namespace rights = win32::rights;

// SECURITY_INFORMATION (MS-RRP 2.2.10).
constexpr std::uint32_t owner_information = 1;
constexpr std::uint32_t group_information = 2;
constexpr std::uint32_t dacl_information = 4;
constexpr std::uint32_t sacl_information = 8;

/// Bytes of a key's path; longer ones name nothing.
constexpr std::size_t max_path_length = 32768;

/// The key behind the handle, for a caller who was given `right` when it was opened.
win32::result<registry_key> key_for(const call& c, win32::access_mask right) {
    if ((c.key().rights & right) != right)
        return win32_error::ERROR_ACCESS_DENIED;
    auto found = c.server.registry.find(c.properties(), c.key().id);
    if (!found)
        return win32_error::ERROR_KEY_DELETED;
    return std::move(*found);
}

/// WOW64 bits choose between two registries in Windows; there is one here.
win32::access_mask without_wow64(win32::access_mask desired) {
    return desired & ~(rights::key_wow64_32key | rights::key_wow64_64key);
}

/// Opens the key at `path`: it must exist, and its own descriptor must grant what is desired.
template <class Out>
reply<Out> open_path(call& c, std::string path, win32::access_mask desired) {
    if (!c.server.registry.find(c.properties(), path))
        return win32_error::ERROR_FILE_NOT_FOUND;
    const auto descriptor = c.server.security.key(path);
    const win32::token token{c.rpc.caller->sids};
    const auto mask = win32::check_access(*descriptor, token, without_wow64(desired),
                                          win32::registry_key_mapping);
    if (!mask)
        return mask.error();
    const access_level level = level_of(c.server.security, *c.rpc.caller);
    return opened<Out>(c, std::make_shared<key_handle>(level, std::move(path), *mask));
}

std::string join(const std::string& path, const std::string& subkey) {
    return path.empty() || subkey.empty() ? path + subkey : path + "\\" + subkey;
}

template <class T>
std::uint32_t count(const T& list) {
    return static_cast<std::uint32_t>(list.size());
}

std::uint32_t units(std::string_view text) {
    return count(wide(text));
}

void set_time(auto& out, std::uint64_t ticks) {
    out.dwLowDateTime = win32::low_part({ticks});
    out.dwHighDateTime = win32::high_part({ticks});
}

const registry_value* find_value(const registry_key& key, std::string_view name) {
    for (const registry_value& value : key.values)
        if (win32::equal_names(value.name, name))
            return &value;
    return nullptr;
}

/// The parts of a key's descriptor that SECURITY_INFORMATION names, self-relative.
win32::result<std::vector<std::byte>> descriptor_parts(const call& c, std::uint32_t wanted) {
    win32::security_descriptor out = *c.server.security.key(c.key().id);
    if ((wanted & owner_information) == 0)
        out.owner.reset();
    if ((wanted & group_information) == 0)
        out.group.reset();
    if ((wanted & dacl_information) == 0) {
        out.dacl.reset();
        out.control &= static_cast<std::uint16_t>(~win32::sd_control::dacl_present);
    }
    if ((wanted & sacl_information) == 0) {
        out.sacl.reset();
        out.control &= static_cast<std::uint16_t>(~win32::sd_control::sacl_present);
    }
    return win32::encode_security_descriptor(out);
}

} // namespace

reply<wire::ApiGetRootKey_out> get_root_key(call& c, const wire::ApiGetRootKey_in& in) {
    return open_path<wire::ApiGetRootKey_out>(c, std::string{}, in.samDesired);
}

reply<wire::ApiOpenKey_out> open_key(call& c, const wire::ApiOpenKey_in& in) {
    std::string subkey = narrow(in.lpSubKey);
    if (subkey.starts_with('\\'))
        return win32_error::ERROR_BAD_PATHNAME;
    if (subkey.ends_with('\\'))
        subkey.pop_back();
    std::string path = join(c.key().id, subkey);
    if (path.size() > max_path_length)
        return win32_error::ERROR_FILE_NOT_FOUND;
    return open_path<wire::ApiOpenKey_out>(c, std::move(path), in.samDesired);
}

reply<wire::ApiEnumKey_out> enum_key(call& c, const wire::ApiEnumKey_in& in) {
    const auto key = key_for(c, rights::key_enumerate_sub_keys);
    if (!key)
        return key.error();
    if (in.dwIndex >= key->subkeys.size())
        return win32_error::ERROR_NO_MORE_ITEMS;
    const std::string& name = key->subkeys[in.dwIndex];
    const auto subkey = c.server.registry.find(c.properties(), join(c.key().id, name));
    wire::ApiEnumKey_out out;
    out.KeyName = wide(name);
    set_time(out.lpftLastWriteTime, subkey ? subkey->last_write : 0);
    return out;
}

reply<wire::ApiQueryValue_out> query_value(call& c, const wire::ApiQueryValue_in& in) {
    const auto key = key_for(c, rights::key_query_value);
    if (!key)
        return key.error();
    const registry_value* value = find_value(*key, narrow(in.lpValueName));
    if (!value)
        return win32_error::ERROR_FILE_NOT_FOUND;
    wire::ApiQueryValue_out out;
    const bool fits = value->data.size() <= in.cbData;
    if (fits)
        out.lpData = value->data;
    out.lpData.resize(
        in.cbData); // size_is(cbData): the whole buffer travels, also when it is empty
    out.lpValueType = static_cast<std::uint32_t>(value->type);
    out.lpcbRequired = count(value->data);
    return {fits ? win32_error::ERROR_SUCCESS : win32_error::ERROR_MORE_DATA, std::move(out)};
}

reply<wire::ApiEnumValue_out> enum_value(call& c, const wire::ApiEnumValue_in& in) {
    const auto key = key_for(c, rights::key_query_value);
    if (!key)
        return key.error();
    if (in.dwIndex >= key->values.size())
        return win32_error::ERROR_NO_MORE_ITEMS;
    const registry_value& value = key->values[in.dwIndex];
    const bool fits = value.data.size() <= in.lpcbData;
    wire::ApiEnumValue_out out;
    out.lpValueName = wide(value.name);
    out.lpType = static_cast<std::uint32_t>(value.type);
    if (fits)
        out.lpData = value.data;
    else
        out.lpData.resize(in.lpcbData);
    out.lpcbData = count(out.lpData); // size_is(*lpcbData) holds for what is sent
    out.TotalSize = count(value.data);
    return {fits ? win32_error::ERROR_SUCCESS : win32_error::ERROR_MORE_DATA, std::move(out)};
}

reply<wire::ApiCloseKey_out> close_key(call& c, const wire::ApiCloseKey_in& in) {
    return closed<wire::ApiCloseKey_out>(c, in.pKey);
}

reply<wire::ApiQueryInfoKey_out> query_info_key(call& c, const wire::ApiQueryInfoKey_in&) {
    const auto key = key_for(c, rights::key_query_value);
    if (!key)
        return key.error();
    wire::ApiQueryInfoKey_out out;
    out.lpcSubKeys = count(key->subkeys);
    out.lpcValues = count(key->values);
    for (const std::string& name : key->subkeys)
        out.lpcbMaxSubKeyLen = std::max(out.lpcbMaxSubKeyLen, units(name));
    for (const registry_value& value : key->values) {
        out.lpcbMaxValueNameLen = std::max(out.lpcbMaxValueNameLen, units(value.name));
        out.lpcbMaxValueLen = std::max(out.lpcbMaxValueLen, count(value.data));
    }
    if (const auto bytes = win32::encode_security_descriptor(*c.server.security.key(c.key().id)))
        out.lpcbSecurityDescriptor = count(*bytes);
    set_time(out.lpftLastWriteTime, key->last_write);
    return out;
}

reply<wire::ApiGetKeySecurity_out> get_key_security(call& c, const wire::ApiGetKeySecurity_in& in) {
    const bool audit = (in.SecurityInformation & sacl_information) != 0;
    const auto key =
        key_for(c, rights::read_control | (audit ? rights::access_system_security : 0));
    if (!key)
        return key.error();
    const auto bytes = descriptor_parts(c, in.SecurityInformation);
    if (!bytes)
        return bytes.error();
    // cbInSecurityDescriptor is the array's conformance: the client's size, or the size that it
    // needs, beside an array without elements.
    wire::ApiGetKeySecurity_out out;
    auto& answer = out.pRpcSecurityDescriptor;
    answer.lpSecurityDescriptor.emplace();
    answer.cbInSecurityDescriptor =
        std::max(count(*bytes), in.pRpcSecurityDescriptor.cbInSecurityDescriptor);
    if (bytes->size() > in.pRpcSecurityDescriptor.cbInSecurityDescriptor)
        return {win32_error::ERROR_INSUFFICIENT_BUFFER, std::move(out)};
    answer.cbOutSecurityDescriptor = count(*bytes);
    answer.lpSecurityDescriptor = *bytes;
    return out;
}

} // namespace bridge::clusapi
