// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/machine_disks.hpp"

#include "bridge/model/identity.hpp"
#include "bridge/storage/disk_report.hpp"
#include "bridge/win32/guid.hpp"

#include "sgpr/sg_transport.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <sys/statvfs.h>

namespace bridge::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_links = 4096;           ///< of one folder
constexpr std::size_t max_mountinfo = 8U << 20;   ///< bytes
constexpr std::string_view all_devices = "/dev/"; ///< as names are shown, wherever /dev is

/// Sends nothing once it is to stop: the rest of an inventory then takes no time.
class stoppable final : public sgpr::transport {
public:
    stoppable(std::unique_ptr<sgpr::transport> behind, std::stop_token stop)
        : behind_(std::move(behind)), stop_(std::move(stop)) {}

    sgpr::outcome submit(const sgpr::command& what) override {
        if (!stop_.stop_requested())
            return behind_->submit(what);
        sgpr::outcome never;
        never.how = sgpr::delivery::gone;
        return never;
    }
    [[nodiscard]] std::string name() const override { return behind_->name(); }
    [[nodiscard]] std::optional<sgpr::transport_id> initiator() const override {
        return behind_->initiator();
    }

private:
    std::unique_ptr<sgpr::transport> behind_;
    std::stop_token stop_;
};

sgpr::machine stopping(const sgpr::machine& here, std::stop_token stop) {
    sgpr::machine out = here;
    const auto open = here.open;
    const fs::path sysfs = here.sysfs;
    out.open = [open, sysfs,
                stop](const fs::path& node) -> sgpr::result<std::unique_ptr<sgpr::transport>> {
        if (stop.stop_requested())
            return sgpr::failure{.code = sgpr::errc::gone};
        auto opened = open ? open(node) : sgpr::open_sg(node, sysfs);
        if (!opened)
            return opened.error();
        return std::unique_ptr<sgpr::transport>(
            std::make_unique<stoppable>(std::move(*opened), stop));
    };
    return out;
}

void add_links(const fs::path& folder, const std::string& shown, device_paths& to) {
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (std::size_t i = 0; !error && entry != fs::directory_iterator() && i < max_links; ++i) {
        const fs::path target = fs::read_symlink(entry->path(), error);
        if (!error)
            to[target.filename().string()].push_back(shown + entry->path().filename().string());
        error.clear();
        entry.increment(error);
    }
}

void add_device(const std::string& kernel_name, const device_paths& paths,
                std::vector<std::string>& to) {
    if (kernel_name.empty())
        return;
    to.push_back(std::string(all_devices) + kernel_name);
    if (const auto links = paths.find(kernel_name); links != paths.end())
        to.insert(to.end(), links->second.begin(), links->second.end());
}

std::vector<std::string> names_of(const sgpr::disk& found, const device_paths& paths) {
    std::vector<std::string> names;
    if (found.map)
        add_device(found.map->name, paths, names);
    for (const sgpr::disk_path& path : found.paths) {
        add_device(path.block, paths, names);
        add_device(path.generic, paths, names);
    }
    return names;
}

/// As people of both worlds know it; "RAW" is what Windows calls a volume without a file system.
std::string format_name(const sgpr::disk_volume& found) {
    if (found.format == "ntfs")
        return "NTFS";
    if (found.format == "vfat")
        return found.version == "FAT32" ? "FAT32" : "FAT";
    if (found.format == "exfat")
        return "exFAT";
    return found.format.empty() ? "RAW" : clean_text(found.format);
}

/// The number that Windows' file systems have is the UUID of libblkid; of others the first digits
/// serve, which are the same on every node.
std::uint32_t serial_of(const sgpr::disk_volume& found) {
    constexpr std::size_t digits_of_a_serial = 8;
    std::string digits;
    std::ranges::copy_if(found.uuid, std::back_inserter(digits),
                         [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
    if (digits.size() > digits_of_a_serial)
        digits = found.format == "ntfs" ? digits.substr(digits.size() - digits_of_a_serial)
                                        : digits.substr(0, digits_of_a_serial);
    std::uint32_t serial = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), serial, 16);
    return serial;
}

/// The partition's own GUID; where it has none, one that every node derives alike.
std::string volume_id(const sgpr::disk_volume& found, const std::string& disk) {
    if (const auto own = win32::parse_guid(found.id))
        return win32::to_string(*own);
    return model::derived_id(win32::guid{}, "volume", disk + '/' + std::to_string(found.number));
}

std::uint64_t free_bytes(const std::string& mount_point) {
    struct statvfs told {};
    if (::statvfs(mount_point.c_str(), &told) != 0)
        return 0;
    return static_cast<std::uint64_t>(told.f_bfree) * told.f_frsize;
}

model::disk_volume to_model(const sgpr::disk_volume& found, const std::string& disk,
                            const device_paths& paths) {
    model::disk_volume v;
    v.number = found.number;
    add_device(found.block, paths, v.names);
    v.offset = found.offset;
    v.size = found.length;
    v.id = volume_id(found, disk);
    v.format = format_name(found);
    v.label = clean_text(found.label);
    v.serial = serial_of(found);
    v.file_system = found.file_system;
    v.ignores_case = found.format == "ntfs" || found.format == "vfat" || found.format == "exfat";
    v.damaged = found.damaged;
    v.mount_points = found.mount_points;
    if (found.file_system && !found.mount_points.empty())
        v.free = free_bytes(found.mount_points.front());
    return v;
}

model::disk_layout layout_of(sgpr::partition_style style) {
    switch (style) {
    case sgpr::partition_style::none:
        return model::disk_layout::none;
    case sgpr::partition_style::mbr:
        return model::disk_layout::mbr;
    case sgpr::partition_style::gpt:
        return model::disk_layout::gpt;
    case sgpr::partition_style::unknown:
        break;
    }
    return model::disk_layout::unknown;
}

std::string beginning_of(const fs::path& file, std::size_t limit) {
    std::ifstream in(file, std::ios::binary);
    std::string text;
    for (char c = 0; text.size() < limit && in.get(c);)
        text.push_back(c);
    return text;
}

} // namespace

device_paths links_below(const fs::path& dev) {
    device_paths found;
    for (const char* way : {"id", "path", "uuid", "label", "partuuid", "partlabel"}) {
        const std::string folder = std::string("disk/by-") + way;
        add_links(dev / folder, std::string(all_devices) + folder + '/', found);
    }
    add_links(dev / "mapper", std::string(all_devices) + "mapper/", found);
    for (auto& [device, links] : found)
        std::ranges::sort(links);
    return found;
}

model::disk to_model(const sgpr::disk& found, const device_paths& paths) {
    model::disk d;
    d.id = clean_text(found.id());
    d.names = names_of(found, paths);
    if (const auto& address = found.paths.front().address)
        d.address = {address->host, address->channel, address->target, address->unit};
    if (found.size) {
        d.size = found.size->blocks * found.size->block_size;
        d.sector_size = found.size->block_size;
    }
    d.layout = layout_of(found.content.style);
    d.signature = found.content.signature.value_or(0);
    if (const auto guid = win32::parse_guid(found.content.guid))
        d.guid = win32::to_string(*guid);
    d.system = found.flags.has(sgpr::disk_flag::system) || found.flags.has(sgpr::disk_flag::boot);
    d.clusterable = found.clusterable();
    for (const sgpr::disk_volume& volume : found.volumes)
        d.volumes.push_back(to_model(volume, d.id, paths));
    return d;
}

model::node_disks read_machine_disks(const sgpr::machine& here, std::stop_token stop) {
    sgpr::system_clock time;
    const auto found = sgpr::take_inventory(stopping(here, std::move(stop)), time);
    const device_paths paths = links_below(here.dev);
    model::node_disks out;
    for (const sgpr::disk& disk : found.disks)
        out.disks.push_back(to_model(disk, paths));
    std::ranges::stable_sort(out.disks, {}, &model::disk::id);
    for (std::size_t i = 0; i < out.disks.size(); ++i)
        out.disks[i].number = static_cast<std::uint32_t>(i);
    return out;
}

std::string glance_at(const sgpr::machine& here) {
    constexpr std::size_t digits = 32;
    return beginning_of(here.sysfs / "kernel" / "uevent_seqnum", digits) +
           std::to_string(std::hash<std::string>{}(
               beginning_of(here.proc / "self" / "mountinfo", max_mountinfo)));
}

} // namespace bridge::storage
