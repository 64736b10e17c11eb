// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/disk_volumes.hpp"

#include "sgpr/src/c_text.hpp"
#include "sgpr/src/disk_content.hpp"
#include "sgpr/src/open_file.hpp"
#include "sgpr/src/probe.hpp"
#include "sgpr/src/sysfs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <unistd.h>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t table_unit =
    512; ///< bytes; libblkid counts in it whatever the disk's block

/// The volumes that the table names; none where there is no table.
std::vector<disk_volume> read_table(::blkid_probe probe) {
    std::vector<disk_volume> found;
    const ::blkid_partlist list = ::blkid_probe_get_partitions(probe);
    const int count = list == nullptr ? 0 : ::blkid_partlist_numof_partitions(list);
    for (int i = 0; i < count && i < static_cast<int>(max_partitions); ++i) {
        const ::blkid_partition one = ::blkid_partlist_get_partition(list, i);
        const int number = ::blkid_partition_get_partno(one);
        if (::blkid_partition_is_extended(one) != 0 || number <= 0)
            continue;
        disk_volume made;
        made.number = static_cast<std::uint32_t>(number);
        made.offset = table_unit * static_cast<std::uint64_t>(::blkid_partition_get_start(one));
        made.length = table_unit * static_cast<std::uint64_t>(::blkid_partition_get_size(one));
        made.id = text_of(::blkid_partition_get_uuid(one));
        found.push_back(std::move(made));
    }
    return found;
}

/// ext2, ext3 and ext4 keep "errors were found" in the superblock (s_state, bit 1).
std::optional<bool> damage_of(int device, std::string_view format) {
    constexpr ::off_t superblock = 1024;
    constexpr std::size_t magic = 0x38;
    constexpr std::size_t state = 0x3A;
    if (format != "ext2" && format != "ext3" && format != "ext4")
        return std::nullopt;
    std::array<unsigned char, state + 2> head{};
    if (::pread(device, head.data(), head.size(), superblock) != static_cast<ssize_t>(head.size()))
        return std::nullopt;
    if (head[magic] != 0x53 || head[magic + 1] != 0xEF)
        return std::nullopt;
    return (head[state] & 2) != 0;
}

void read_format(const open_file& device, ::blkid_probe probe, disk_volume& into) {
    into.format = value_of(probe, "TYPE");
    into.version = value_of(probe, "VERSION");
    into.file_system = value_of(probe, "USAGE") == "filesystem";
    into.label = value_of(probe, "LABEL");
    into.uuid = value_of(probe, "UUID");
    into.damaged = damage_of(device.get(), into.format);
}

/// A probe that has looked at the device; null where nothing could be read.
probe_pointer probed(const open_file& device, bool table) {
    probe_pointer probe(device.get() < 0 ? nullptr : ::blkid_new_probe());
    if (!probe || ::blkid_probe_set_device(probe.get(), device.get(), 0, 0) != 0)
        return nullptr;
    ::blkid_probe_enable_superblocks(probe.get(), 1);
    ::blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL |
                                                         BLKID_SUBLKS_UUID | BLKID_SUBLKS_USAGE |
                                                         BLKID_SUBLKS_VERSION);
    if (table) {
        ::blkid_probe_enable_partitions(probe.get(), 1);
        ::blkid_probe_set_partitions_flags(probe.get(), 0);
    }
    return ::blkid_do_fullprobe(probe.get()) < 0 ? nullptr : std::move(probe);
}

std::uint32_t number_in(std::string_view text) {
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// 0: `name` is no partition of the disk or map `whole`. kpartx and udev give the partitions of a
/// map a UUID that begins with "partN-".
std::uint32_t partition_number(const machine& here, const std::string& whole,
                               const std::string& name) {
    if (const auto number = read_attribute(here.sysfs / "block" / whole / name / "partition"))
        return number_in(*number);
    constexpr std::string_view part = "part";
    const auto uuid = read_attribute(here.sysfs / "block" / name / "dm" / "uuid");
    return uuid && uuid->rfind(part, 0) == 0
               ? number_in(std::string_view(*uuid).substr(part.size()))
               : 0;
}

void add_mounts(const machine_use& use, const std::vector<block_node>& stack, disk_volume& to) {
    for (const auto& mount : use.mounts) {
        const bool here = std::ranges::any_of(
            stack, [&](const block_node& node) { return mount.devices.contains(node.name); });
        if (here)
            to.mount_points.push_back(mount.point);
    }
}

} // namespace

std::vector<disk_volume> read_volumes(const machine& here, const std::vector<block_node>& stack,
                                      const machine_use& use, const std::string& whole) {
    const open_file disk(here.dev / whole);
    const auto probe = probed(disk, true);
    if (!probe)
        return {};
    if (value_of(probe.get(), "PTTYPE").empty()) {
        disk_volume all{.number = 1, .block = whole};
        read_format(disk, probe.get(), all);
        if (all.format.empty())
            return {};
        all.length = static_cast<std::uint64_t>(::blkid_probe_get_size(probe.get()));
        add_mounts(use, stack, all);
        return {std::move(all)};
    }
    auto found = read_table(probe.get());
    for (disk_volume& volume : found) {
        for (const block_node& node : stack) {
            if (partition_number(here, whole, node.name) == volume.number)
                volume.block = node.name;
        }
        if (volume.block.empty())
            continue;
        const open_file device(here.dev / volume.block);
        if (const auto inside = probed(device, false))
            read_format(device, inside.get(), volume);
        add_mounts(use, stack_on(here.sysfs, {volume.block}), volume);
    }
    return found;
}

} // namespace sgpr
