// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/local_rights.hpp"

#include "bridge/auth/wire_bytes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <grp.h>
#include <nettle/sha2.h>
#include <pwd.h>

namespace bridge::auth {

namespace {

constexpr std::uint64_t nt_authority = 5;
constexpr std::uint32_t builtin_domain = 32;
constexpr std::size_t name_service_buffer = 64 << 10;
constexpr int max_unix_groups = 4096;

win32::sid builtin(std::uint32_t rid) {
    return {nt_authority, {builtin_domain, rid}};
}

std::optional<win32::sid> own_sid(const account_entry& entry, const win32::sid& machine) {
    if (auto whole = win32::parse_sid(entry.sid))
        return whole;
    std::uint32_t rid = 0;
    const char* end = entry.sid.data() + entry.sid.size();
    if (entry.sid.empty() || std::from_chars(entry.sid.data(), end, rid).ptr != end ||
        machine.sub_authorities.size() >= win32::sid::max_sub_authorities)
        return std::nullopt;
    win32::sid out = machine;
    out.sub_authorities.push_back(rid);
    return out;
}

std::optional<std::string> group_name(gid_t id) {
    std::vector<char> buffer(name_service_buffer);
    group entry{};
    group* found = nullptr;
    if (getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::nullopt;
    return std::string(entry.gr_name);
}

bool is_admin_login(const std::string& login, const local_rights& rights) {
    const auto groups = unix_groups_of(login);
    return std::ranges::any_of(groups, [&](const std::string& group) {
        return std::ranges::find(rights.admin_unix_groups, group) != rights.admin_unix_groups.end();
    });
}

} // namespace

win32::sid derive_machine_sid(std::string_view name) {
    constexpr std::string_view purpose = "clusbridge machine SID 1:";
    sha256_ctx state;
    sha256_init(&state);
    for (const std::string_view part : {purpose, name})
        sha256_update(&state, part.size(), reinterpret_cast<const std::uint8_t*>(part.data()));
    std::array<std::byte, 12> digest{};
    sha256_digest(&state, digest.size(), u8(digest.data()));
    win32::sid out{nt_authority, {21}};
    for (std::size_t at = 0; at < digest.size(); at += 4)
        out.sub_authorities.push_back(static_cast<std::uint32_t>(load_le(digest, at, 4)));
    return out;
}

win32::sid builtin_administrators() {
    return builtin(544);
}
win32::sid builtin_users() {
    return builtin(545);
}
win32::sid builtin_backup_operators() {
    return builtin(551);
}

std::vector<std::string> unix_groups_of(const std::string& login) {
    std::vector<char> buffer(name_service_buffer);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwnam_r(login.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr)
        return {};
    int count = 64;
    std::vector<gid_t> ids(static_cast<std::size_t>(count));
    if (getgrouplist(login.c_str(), entry.pw_gid, ids.data(), &count) < 0) {
        count = std::clamp(count, 1, max_unix_groups);
        ids.resize(static_cast<std::size_t>(count));
        if (getgrouplist(login.c_str(), entry.pw_gid, ids.data(), &count) < 0)
            return {};
    }
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        if (auto name = group_name(ids[static_cast<std::size_t>(i)]))
            out.push_back(std::move(*name));
    return out;
}

std::vector<win32::sid> sids_of(const account_entry& entry, const local_rights& rights) {
    constexpr std::string_view unix_prefix = "unix=";
    std::vector<win32::sid> out;
    if (const auto own = own_sid(entry, rights.machine_sid))
        add_sid(out, *own);
    for (const std::string& group : entry.groups) {
        if (group == "admin")
            add_sid(out, builtin_administrators());
        else if (group == "read")
            add_sid(out, builtin_users());
        else if (group == "backup")
            add_sid(out, builtin_backup_operators());
        else if (group.starts_with(unix_prefix)) {
            if (is_admin_login(group.substr(unix_prefix.size()), rights))
                add_sid(out, builtin_administrators());
        } else if (const auto value = win32::parse_sid(group))
            add_sid(out, *value);
    }
    return out;
}

void complete(std::vector<win32::sid>& sids, const local_rights& rights) {
    const bool is_administrator = std::ranges::any_of(rights.administrators, [&](const auto& each) {
        return std::ranges::find(sids, each) != sids.end();
    });
    if (is_administrator)
        add_sid(sids, builtin_administrators());
    add_sid(sids, {1, {0}});             // Everyone
    add_sid(sids, {nt_authority, {11}}); // Authenticated Users
    add_sid(sids, {nt_authority, {2}});  // NETWORK
}

} // namespace bridge::auth
