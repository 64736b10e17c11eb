// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/disk_value_list.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace bridge::clusapi {

namespace {

constexpr std::size_t device_name_bytes = 520;
constexpr std::size_t label_bytes = 520;
constexpr std::size_t file_system_bytes = 64;
constexpr std::uint32_t longest_component = 255;

/// CLUSPROP_PIFLAG_USABLE: "usable by the cluster software", which here are the file systems of
/// this system and not NTFS alone. No letters, so no CLUSPROP_PIFLAG_STICKY; no disk witness, so no
/// CLUSPROP_PIFLAG_DEFAULT_QUORUM.
constexpr std::uint32_t usable = 0x00000004;

// MS-FSCC 2.5.1, what is true of every file system here.
constexpr std::uint32_t case_sensitive_search = 1;
constexpr std::uint32_t case_preserved_names = 2;
constexpr std::uint32_t unicode_on_disk = 4;

void append(buffer& out, const buffer& more) {
    out.insert(out.end(), more.begin(), more.end());
}

/// The text in a field of that many bytes, its terminator always inside.
void append_field(buffer& out, std::string_view text, std::size_t bytes) {
    constexpr std::size_t unit = sizeof(char16_t);
    buffer field = encode_text(text);
    if (field.size() > bytes) {
        field.resize(bytes - unit);
        const auto last = std::to_integer<unsigned>(field.back());
        if (last >= 0xD8 && last <= 0xDB) // half of a pair
            field.resize(field.size() - unit);
    }
    field.resize(bytes);
    append(out, field);
}

std::uint32_t file_system_flags(const model::disk_volume& volume) {
    if (!volume.file_system)
        return 0;
    return case_preserved_names | unicode_on_disk |
           (volume.ignores_case ? 0 : case_sensitive_search);
}

std::string device_name(const model::disk& disk, const model::disk_volume& volume,
                        disk_detail detail, disk_use use) {
    const std::string number = std::to_string(disk.number);
    const std::string partition = std::to_string(volume.number);
    if (detail == disk_detail::plain)
        return "Disk" + number + "Partition" + partition;
    if (use == disk_use::online)
        return "\\\\?\\Volume{" + volume.id + "}";
    return "\\\\?\\GLOBALROOT\\Device\\Harddisk" + number + "\\Partition" + partition;
}

constexpr std::size_t extended_bytes = 1160;

buffer partition_info(const model::disk& disk, const model::disk_volume& volume, disk_detail detail,
                      disk_use use) {
    const std::string name = device_name(disk, volume, detail, use);
    buffer out;
    if (detail == disk_detail::extended && use == disk_use::offline) {
        append(out, encode_u32(0));
        append_field(out, name, device_name_bytes);
        out.resize(extended_bytes);
        return out;
    }
    append(out, encode_u32(volume.file_system ? usable : 0));
    append_field(out, name, device_name_bytes);
    append_field(out, volume.label, label_bytes);
    append(out, encode_u32(volume.serial));
    append(out, encode_u32(volume.file_system ? longest_component : 0));
    append(out, encode_u32(file_system_flags(volume)));
    append_field(out, volume.format, file_system_bytes);
    if (detail == disk_detail::plain)
        return out;
    append(out, encode_u64(volume.size));
    append(out, encode_u64(volume.free));
    append(out, encode_u32(disk.number));
    append(out, encode_u32(volume.number));
    append(out, encode_guid(win32::parse_guid(volume.id).value_or(win32::guid{})));
    return out;
}

void append_address(buffer& out, const model::disk_address& address) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint8_t>::max();
    const std::array<std::uint64_t, 4> parts{address.host, address.channel, address.target,
                                             address.unit};
    if (std::ranges::any_of(parts, [](std::uint64_t part) { return part > most; }))
        return;
    buffer value;
    for (const std::uint64_t part : parts)
        value.push_back(static_cast<std::byte>(part));
    append_list_value(out, property_syntax::scsi_address, value);
}

} // namespace

void append_disk(buffer& out, const model::disk& disk, disk_detail detail, disk_use use) {
    if (disk.layout == model::disk_layout::gpt)
        append_list_value(out, property_syntax::disk_guid, encode_text('{' + disk.guid + '}'));
    else
        append_list_value(out, property_syntax::disk_signature, encode_u32(disk.signature));
    if (disk.address)
        append_address(out, *disk.address);
    append_list_value(out, property_syntax::disk_number, encode_u32(disk.number));
    if (detail == disk_detail::extended)
        append_list_value(out, property_syntax::disk_size, encode_u64(disk.size));
    const auto syntax = detail == disk_detail::extended ? property_syntax::partition_info_ex
                                                        : property_syntax::partition_info;
    for (const model::disk_volume& volume : disk.volumes)
        append_list_value(out, syntax, partition_info(disk, volume, detail, use));
}

buffer encode_disk_key(const model::disk& disk) {
    constexpr std::uint32_t by_signature = 1;
    constexpr std::uint32_t by_guid = 2;
    buffer out;
    if (disk.layout == model::disk_layout::mbr && disk.signature != 0) {
        out = encode_u32(by_signature);
        append(out, encode_u32(disk.signature));
    } else if (const auto guid = win32::parse_guid(disk.guid);
               guid && disk.layout == model::disk_layout::gpt) {
        out = encode_u32(by_guid);
        append(out, encode_guid(*guid));
    }
    return out;
}

} // namespace bridge::clusapi
