// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bridge::win32 {

/// Rights asked for or granted (MS-DTYP 2.4.3): 0-15 belong to the type of object, 16-20 are
/// standard, 24 and 25 special, 28-31 generic.
using access_mask = std::uint32_t;

namespace rights {

inline constexpr access_mask delete_object = 0x0001'0000;
inline constexpr access_mask read_control = 0x0002'0000;
inline constexpr access_mask write_dac = 0x0004'0000;
inline constexpr access_mask write_owner = 0x0008'0000;
inline constexpr access_mask synchronize = 0x0010'0000;
inline constexpr access_mask standard_required = 0x000F'0000;
inline constexpr access_mask standard_all = 0x001F'0000;
inline constexpr access_mask access_system_security = 0x0100'0000;
inline constexpr access_mask maximum_allowed = 0x0200'0000;
inline constexpr access_mask generic_all = 0x1000'0000;
inline constexpr access_mask generic_execute = 0x2000'0000;
inline constexpr access_mask generic_write = 0x4000'0000;
inline constexpr access_mask generic_read = 0x8000'0000;
inline constexpr access_mask generic_any = 0xF000'0000;

// Registry keys (MS-RRP 2.2.3).
inline constexpr access_mask key_query_value = 0x0001;
inline constexpr access_mask key_set_value = 0x0002;
inline constexpr access_mask key_create_sub_key = 0x0004;
inline constexpr access_mask key_enumerate_sub_keys = 0x0008;
inline constexpr access_mask key_notify = 0x0010;
inline constexpr access_mask key_create_link = 0x0020;
inline constexpr access_mask key_wow64_64key = 0x0100;
inline constexpr access_mask key_wow64_32key = 0x0200;
inline constexpr access_mask key_read =
    read_control | key_query_value | key_enumerate_sub_keys | key_notify;
inline constexpr access_mask key_write = read_control | key_set_value | key_create_sub_key;
inline constexpr access_mask key_execute = key_read;
inline constexpr access_mask key_all_access = standard_required | 0x003F;

// The cluster itself (MS-CMRP 3.1.4.2): read, change, both.
inline constexpr access_mask cluster_read = 0x0001;
inline constexpr access_mask cluster_change = 0x0002;
inline constexpr access_mask cluster_all = cluster_read | cluster_change;

} // namespace rights

/// What the generic rights mean for one type of object.
struct generic_mapping {
    access_mask read = 0;
    access_mask write = 0;
    access_mask execute = 0;
    access_mask all = 0;
};

inline constexpr generic_mapping registry_key_mapping{rights::key_read, rights::key_write,
                                                      rights::key_execute, rights::key_all_access};

/// Every generic right but GENERIC_READ asks for both rights (MS-CMRP 3.1.4.2.116).
inline constexpr generic_mapping cluster_mapping{rights::cluster_read, rights::cluster_all,
                                                 rights::cluster_all, rights::cluster_all};

/// `mask` with its generic rights replaced by what they mean.
constexpr access_mask map_generic(access_mask mask, const generic_mapping& mapping) {
    access_mask mapped = mask & ~rights::generic_any;
    mapped |= (mask & rights::generic_read) != 0 ? mapping.read : 0;
    mapped |= (mask & rights::generic_write) != 0 ? mapping.write : 0;
    mapped |= (mask & rights::generic_execute) != 0 ? mapping.execute : 0;
    mapped |= (mask & rights::generic_all) != 0 ? mapping.all : 0;
    return mapped;
}

} // namespace bridge::win32
