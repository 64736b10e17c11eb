// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/disk_content.hpp"

#include "sgpr/src/open_file.hpp"
#include "sgpr/src/probe.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <unistd.h>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

/// Lease areas that libblkid does not know: SBD's header (sbd, `SBD_SBD_`) and sanlock's leader and
/// lease records (little-endian magic numbers), each at the very beginning.
void add_leases(int device, std::vector<std::string>& formats) {
    std::array<unsigned char, 8> head{};
    if (::pread(device, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()))
        return;
    if (std::memcmp(head.data(), "SBD_SBD_", head.size()) == 0)
        formats.emplace_back("sbd");
    const std::uint32_t magic =
        head[0] | head[1] << 8U | head[2] << 16U | static_cast<std::uint32_t>(head[3]) << 24U;
    if (magic == 0x12212010 || magic == 0x06152010)
        formats.emplace_back("sanlock");
}

void read_table(::blkid_probe probe, disk_content& into) {
    const std::string type = value_of(probe, "PTTYPE");
    const std::string id = value_of(probe, "PTUUID");
    if (type == "gpt") {
        into.style = partition_style::gpt;
        into.guid = id;
    } else if (type == "dos") {
        into.style = partition_style::mbr;
        std::uint32_t signature = 0;
        const auto* end = id.data() + id.size();
        if (std::from_chars(id.data(), end, signature, 16).ptr == end && signature != 0)
            into.signature = signature;
    }
    const ::blkid_partlist list = type.empty() ? nullptr : ::blkid_probe_get_partitions(probe);
    const int count = list == nullptr ? 0 : ::blkid_partlist_numof_partitions(list);
    into.partitions = count < 0 ? 0 : static_cast<std::size_t>(count);
    for (int i = 0; i < count && i < static_cast<int>(max_partitions); ++i) {
        const ::blkid_partition one = ::blkid_partlist_get_partition(list, i);
        const char* kind = ::blkid_partition_get_type_string(one);
        const bool ldm =
            (type == "dos" && ::blkid_partition_get_type(one) == 0x42) ||
            (kind != nullptr && (std::string_view(kind) == "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3" ||
                                 std::string_view(kind) == "af9b60a0-1431-4f62-bc68-3311714a69ad"));
        if (ldm)
            into.formats.emplace_back("ldm");
    }
}

enum class look { whole_disk, partition };

/// False: nothing could be read.
bool probe_node(const fs::path& node, look how, disk_content& into) {
    const open_file file(node);
    if (file.get() < 0)
        return false;
    const probe_pointer probe(::blkid_new_probe());
    if (!probe || ::blkid_probe_set_device(probe.get(), file.get(), 0, 0) != 0)
        return false;
    ::blkid_probe_enable_superblocks(probe.get(), 1);
    ::blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE);
    if (how == look::whole_disk) {
        ::blkid_probe_enable_partitions(probe.get(), 1);
        ::blkid_probe_set_partitions_flags(probe.get(), 0);
    }
    if (::blkid_do_fullprobe(probe.get()) < 0)
        return false;
    if (auto type = value_of(probe.get(), "TYPE"); !type.empty())
        into.formats.push_back(std::move(type));
    if (how == look::whole_disk) {
        into.style = partition_style::none;
        read_table(probe.get(), into);
    }
    add_leases(file.get(), into.formats);
    return true;
}

bool has_any(const disk_content& content, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(content.formats, [&](const std::string& format) {
        return std::ranges::find(names, std::string_view(format)) != names.end();
    });
}

} // namespace

disk_content read_content(const fs::path& node, const std::vector<fs::path>& partitions) {
    disk_content found;
    if (!probe_node(node, look::whole_disk, found))
        return found;
    for (std::size_t i = 0; i < partitions.size() && i < max_partitions; ++i)
        probe_node(partitions[i], look::partition, found);
    std::ranges::sort(found.formats);
    // Not std::ranges::unique: clang 14 cannot compile the subrange of libstdc++ 12.
    found.formats.erase(std::unique(found.formats.begin(), found.formats.end()),
                        found.formats.end());
    return found;
}

bool is_volume_member(const disk_content& content) {
    return has_any(content, {"LVM2_member", "LVM1_member", "linux_raid_member", "ldm"});
}

bool has_lease_area(const disk_content& content) {
    return has_any(content, {"sbd", "sanlock"});
}

} // namespace sgpr
