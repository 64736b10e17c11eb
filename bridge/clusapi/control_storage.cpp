// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"
#include "bridge/clusapi/disk_lookup.hpp"
#include "bridge/clusapi/disk_value_list.hpp"
#include "bridge/win32/result.hpp"

#include <cstddef>
#include <string>

/// What disks are, from what the nodes last told of theirs. Nothing here asks a device.
namespace bridge::clusapi {

namespace {

using known_disks = std::shared_ptr<const model::node_disks>;

std::optional<std::uint32_t> number_at(std::span<const std::byte> input, std::size_t at) {
    if (input.size() < at + sizeof(std::uint32_t))
        return std::nullopt;
    std::uint32_t out = 0;
    for (std::size_t i = sizeof out; i-- > 0;)
        out = out << 8 | std::to_integer<std::uint32_t>(input[at + i]);
    return out;
}

/// What the node said. One that is down or unknown is not available; one that is up and has said
/// nothing (its daemon has just started, or is not running) is not ready.
win32::result<known_disks> disks_of(const call& c, std::string_view node) {
    if (!c.server.disks)
        return win32_error::ERROR_NOT_SUPPORTED;
    const auto known = c.cluster->nodes.find_id(node);
    if (!known || known->state == model::node_state::down)
        return win32_error::ERROR_HOST_NODE_NOT_AVAILABLE;
    auto disks = c.server.disks->of(node);
    if (!disks)
        return win32_error::ERROR_NOT_READY;
    return disks;
}

std::string owner_of(const call& c, const model::resource& resource) {
    const auto group = c.cluster->groups.find_id(resource.group);
    return group ? group->owner : std::string();
}

control_result disk_info(const model::disk& disk, const model::resource& resource,
                         disk_detail detail) {
    const bool online = resource.state == model::resource_state::online;
    buffer out;
    append_disk(out, disk, detail, online ? disk_use::online : disk_use::offline);
    append_endmark(out);
    return out;
}

/// Whether the path is on a mounted file system of the disk. The file system is not asked whether
/// there is such a file: that could block, and only the owner could.
control_result is_path_valid(const control_request& request, const model::node_disks& disks,
                             const model::disk& disk) {
    const auto path = parse_text(request.input);
    if (!path)
        return win32_error::ERROR_INVALID_DATA;
    return place_of(disks, *path).disk == &disk ? win32_error::ERROR_SUCCESS
                                                : win32_error::ERROR_PATH_NOT_FOUND;
}

control_result mount_points(const control_request& request, const model::disk& disk) {
    const auto number = number_at(request.input, 0);
    if (!number)
        return win32_error::ERROR_INVALID_DATA;
    for (const model::disk_volume& volume : disk.volumes)
        if (volume.number == *number)
            return encode_multi_sz(volume.mount_points);
    return win32_error::ERROR_FILE_NOT_FOUND;
}

/// Volumes whose file system says that it is damaged; one that cannot tell is not among them.
control_result dirty_volumes(const model::disk& disk) {
    std::vector<std::uint32_t> numbers;
    for (const model::disk_volume& volume : disk.volumes)
        if (volume.damaged.value_or(false))
            numbers.push_back(volume.number);
    return encode_u32s(numbers);
}

bool is_about_a_disk(operation what) {
    return what == operation::get_disk_info || what == operation::get_disk_info_ex ||
           what == operation::is_path_valid || what == operation::get_mount_points ||
           what == operation::get_dirty;
}

/// Windows' readers take the signature or GUID for the beginning of the next disk and the first
/// endmark for the end of all.
control_result available_disks(const call& c, const model::node_disks& disks, disk_detail detail) {
    const auto used = used_disks(disks, *c.cluster);
    buffer out;
    for (const model::disk& disk : disks.disks)
        if (disk.clusterable && !used.contains(&disk))
            append_disk(out, disk, detail, disk_use::online);
    append_endmark(out);
    return out;
}

std::optional<disk_key> parse_disk_key(std::span<const std::byte> input) {
    constexpr std::uint32_t by_signature = 1;
    constexpr std::uint32_t by_guid = 2;
    const auto type = number_at(input, 0);
    const auto first = number_at(input, 4);
    if (!type || !first)
        return std::nullopt;
    disk_key key{.type = *type, .signature = *type == by_signature ? *first : 0};
    if (key.type != by_guid)
        return key;
    const auto second = number_at(input, 8);
    if (!second || input.size() < 4 + sizeof(win32::guid))
        return std::nullopt;
    key.guid.data1 = *first;
    key.guid.data2 = static_cast<std::uint16_t>(*second & 0xFFFF);
    key.guid.data3 = static_cast<std::uint16_t>(*second >> 16);
    for (std::size_t i = 0; i < key.guid.data4.size(); ++i)
        key.guid.data4[i] = std::to_integer<std::uint8_t>(input[12 + i]);
    return key;
}

control_result is_clusterable(const call& c, const control_request& request,
                              const model::node_disks& disks) {
    const auto key = parse_disk_key(request.input);
    if (!key)
        return win32_error::ERROR_INVALID_DATA;
    const model::disk* disk = find_disk(disks, *key);
    const bool can = disk && disk->clusterable && !used_disks(disks, *c.cluster).contains(disk);
    return can ? win32_error::ERROR_SUCCESS : win32_error::ERROR_WRONG_DISK;
}

/// Of the disk that a path is on. The system's own disks are no cluster's.
control_result disk_id(const control_request& request, const model::node_disks& disks) {
    const auto path = parse_text(request.input);
    if (!path)
        return win32_error::ERROR_INVALID_DATA;
    const model::disk* disk = place_of(disks, *path).disk;
    if (!disk || disk->system)
        return win32_error::ERROR_PATH_NOT_FOUND;
    buffer key = encode_disk_key(*disk);
    if (key.empty())
        return win32_error::ERROR_INVALID_STATE;
    return key;
}

} // namespace

std::optional<control_result> storage_control(const call& c, const control_request& request,
                                              const model::resource& target) {
    if (!is_about_a_disk(request.what()))
        return std::nullopt;
    const auto disks = disks_of(c, request.node.empty() ? owner_of(c, target) : request.node);
    if (!disks)
        return control_result(disks.error());
    const model::disk* disk = disk_of(**disks, target);
    if (!disk)
        return control_result(win32_error::ERROR_FILE_NOT_FOUND);
    switch (request.what()) {
    case operation::get_disk_info:
        return disk_info(*disk, target, disk_detail::plain);
    case operation::get_disk_info_ex:
        return disk_info(*disk, target, disk_detail::extended);
    case operation::is_path_valid:
        return is_path_valid(request, **disks, *disk);
    case operation::get_mount_points:
        return mount_points(request, *disk);
    default:
        return dirty_volumes(*disk);
    }
}

std::optional<control_result> storage_control(const call& c, const control_request& request,
                                              const model::resource_type&) {
    // Bits 0 to 25: all letters are free where none exist.
    constexpr std::uint32_t every_letter = 0x03FFFFFF;
    if (request.what() == operation::get_drive_letters)
        return control_result(encode_u32(every_letter));
    const auto what = request.what();
    if (what != operation::get_available_disks && what != operation::get_available_disks_ex &&
        what != operation::is_clusterable && what != operation::get_disk_id)
        return std::nullopt;
    const auto disks =
        disks_of(c, request.node.empty() ? c.server.cluster.local_node() : request.node);
    if (!disks)
        return control_result(disks.error());
    switch (what) {
    case operation::get_available_disks:
        return available_disks(c, **disks, disk_detail::plain);
    case operation::get_available_disks_ex:
        return available_disks(c, **disks, disk_detail::extended);
    case operation::is_clusterable:
        return is_clusterable(c, request, **disks);
    default:
        return disk_id(request, **disks);
    }
}

} // namespace bridge::clusapi
