// SPDX-License-Identifier: Apache-2.0
#include "sgpr/disk.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sgpr {
namespace {

struct flag_row {
    disk_flag flag;
    std::string_view name;
    bool obstacle;
    std::string_view explanation;
};

using enum disk_flag;
constexpr std::array<flag_row, disk_flag_count> flag_rows{{
    {boot, "boot", true, "the system starts from it"},
    {disk_flag::system, "system", true, "the system runs from it"},
    {pagefile, "pagefile", true, "swap space is on it"},
    {hibernate, "hibernate", false, "the system hibernates to it"},
    {crash_dump, "crash-dump", false, "crash dumps are written to it"},
    {removable, "removable", true, "its medium can be taken out"},
    {no_reservations, "no-reservations", true,
     "it has no persistent reservations of type 5 (write exclusive, registrants only)"},
    {unsupported_bus, "unsupported-bus", true,
     "its bus cannot be shared; SCSI, Fibre Channel, iSCSI and SAS can"},
    {system_bus, "system-bus", false, "it is on the same adapter as the system's disk"},
    {dynamic, "dynamic", false, "it is a member of LVM, md or a dynamic disk"},
    {unreadable, "unreadable", true, "its first block cannot be read"},
    {multipath, "multipath", false, "a dm-multipath map holds it"},
    {clustered_elsewhere, "clustered-elsewhere", false,
     "another machine reserves it, or a lease area (SBD, sanlock) is on it"},
    {redundant, "redundant", true,
     "it has several paths and no dm-multipath map over all of them: start multipathd"},
    {failing_io, "failing-io", false, "reading it answers medium or hardware errors"},
    {no_page_83, "no-page-83", true,
     "it names no logical unit (VPD page 83h): other machines cannot know it again"},
    {collision, "collision", true,
     "different disks have its name: give them different serial numbers on the target"},
    {read_only, "read-only", false, "it is write-protected"},
    {mounted, "mounted", false, "a file system of it is mounted here"},
}};

constexpr bool rows_are_in_order() {
    for (std::size_t i = 0; i < flag_rows.size(); ++i) {
        if (flag_rows[i].flag != static_cast<disk_flag>(i))
            return false;
    }
    return true;
}
static_assert(rows_are_in_order());

const flag_row& row_of(disk_flag flag) {
    return flag_rows.at(static_cast<std::size_t>(flag));
}

} // namespace

std::string_view text(bus_type bus) {
    switch (bus) {
    case bus_type::scsi:
        return "SCSI";
    case bus_type::fibre_channel:
        return "FC";
    case bus_type::iscsi:
        return "iSCSI";
    case bus_type::sas:
        return "SAS";
    case bus_type::ata:
        return "ATA";
    case bus_type::usb:
        return "USB";
    case bus_type::virtio:
        return "virtio";
    case bus_type::nvme:
        return "NVMe";
    case bus_type::unknown:
        break;
    }
    return "unknown";
}

std::string_view text(partition_style style) {
    switch (style) {
    case partition_style::none:
        return "none";
    case partition_style::mbr:
        return "MBR";
    case partition_style::gpt:
        return "GPT";
    case partition_style::unknown:
        break;
    }
    return "unknown";
}

std::string_view text(disk_flag flag) {
    return row_of(flag).name;
}

std::string_view explanation(disk_flag flag) {
    return row_of(flag).explanation;
}

std::vector<disk_flag> disk_flags::all() const {
    std::vector<disk_flag> found;
    for (const flag_row& row : flag_rows) {
        if (has(row.flag))
            found.push_back(row.flag);
    }
    return found;
}

std::vector<disk_flag> disk_flags::obstacles() const {
    std::vector<disk_flag> found = all();
    std::erase_if(found, [](disk_flag flag) { return !row_of(flag).obstacle; });
    return found;
}

std::optional<scsi_address> parse_scsi_address(std::string_view written) {
    std::array<std::uint64_t, 4> parts{};
    const char* at = written.data();
    const char* const end = at + written.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0 && (at == end || *at++ != ':'))
            return std::nullopt;
        const auto [stopped, error] = std::from_chars(at, end, parts[i]);
        if (error != std::errc() || (i < 3 && parts[i] > UINT32_MAX))
            return std::nullopt;
        at = stopped;
    }
    if (at != end)
        return std::nullopt;
    return scsi_address{static_cast<std::uint32_t>(parts[0]), static_cast<std::uint32_t>(parts[1]),
                        static_cast<std::uint32_t>(parts[2]), parts[3]};
}

std::string text(const scsi_address& address) {
    return std::to_string(address.host) + ':' + std::to_string(address.channel) + ':' +
           std::to_string(address.target) + ':' + std::to_string(address.unit);
}

std::string disk::id() const {
    return identity ? text(*identity) : device();
}

std::string disk::device() const {
    if (map)
        return map->alias.empty() ? map->name : map->alias;
    if (paths.empty())
        return {};
    return paths.front().block.empty() ? paths.front().generic : paths.front().block;
}

} // namespace sgpr
