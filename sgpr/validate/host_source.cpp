// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/host_source.hpp"

#include "sgpr/block_stack.hpp"
#include "sgpr/commands.hpp"
#include "sgpr/sg_transport.hpp"
#include "sgpr/validate/context.hpp"
#include "sgpr/vpd.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <sys/utsname.h>
#include <unistd.h>

namespace sgpr::validate {
namespace {

namespace fs = std::filesystem;

std::string file_text(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream all;
    constexpr std::size_t most = 1U << 20;
    std::string line;
    while (std::getline(in, line) && static_cast<std::size_t>(all.tellp()) < most) {
        all << line << '\n';
    }
    return all.str();
}

std::string first_line(const fs::path& file) {
    const auto all = file_text(file);
    return all.substr(0, all.find('\n'));
}

std::string first_entry(const fs::path& folder) {
    std::error_code error;
    for (const auto& one : fs::directory_iterator(folder, error)) {
        return one.path().filename().string();
    }
    return {};
}

std::string host_of(const std::string& address) {
    return "host" + address.substr(0, address.find(':'));
}

std::string bus_of(const std::vector<designator>& all, const std::string& adapter) {
    for (const auto& one : all) {
        if (one.of != association::target_port || !one.port_protocol) {
            continue;
        }
        switch (*one.port_protocol) {
        case protocol::fibre_channel:
            return "Fibre Channel";
        case protocol::iscsi:
            return "iSCSI";
        case protocol::sas:
            return "SAS";
        case protocol::ata:
            return "ATA";
        case protocol::srp:
            return "SRP";
        default:
            break;
        }
    }
    if (adapter.starts_with("ahci") || adapter.starts_with("ata_")) {
        return "ATA";
    }
    return adapter.starts_with("usb") || adapter == "uas" ? "USB" : adapter;
}

/// A name of /proc/swaps, mountinfo or a holder that makes a disk somebody's.
void find_use(const fs::path& sysfs, disk_facts& disk) {
    std::vector<std::string> blocks;
    for (const auto& one : disk.paths) {
        blocks.push_back(one.block);
    }
    const auto stack = stack_on(sysfs, blocks);
    for (const auto& one :
         mounted_from(stack, parse_mountinfo(file_text("/proc/self/mountinfo")))) {
        disk.in_use.push_back("mounted at " + one.mount_point);
    }
    const auto swaps = file_text("/proc/swaps");
    for (const auto& one : stack) {
        const auto map = first_line(sysfs / "block" / one.name / "dm" / "uuid");
        if (map.starts_with("mpath-")) {
            disk.multipath = first_line(sysfs / "block" / one.name / "dm" / "name");
        } else if (one.name.starts_with("dm-") && map.find("mpath-") == std::string::npos) {
            disk.in_use.push_back("holds device-mapper volume " +
                                  first_line(sysfs / "block" / one.name / "dm" / "name"));
        } else if (one.name.starts_with("md")) {
            disk.in_use.push_back("part of the array " + one.name);
        }
        if (swaps.find("/dev/" + one.name + " ") != std::string::npos) {
            disk.in_use.push_back("swap space on " + one.name);
        }
    }
}

void find_reservations(path& on, disk_facts& disk) {
    const auto picture = read_picture(on);
    if (!picture) {
        return;
    }
    if (picture->held && !is_validation_key(picture->held->holder)) {
        disk.in_use.push_back("reserved with key " + sgpr::text(picture->held->holder));
    } else if (std::any_of(picture->keys.begin(), picture->keys.end(), is_validation_key)) {
        disk.in_use.push_back("another validation is running, or left its keys");
    } else if (!picture->keys.empty()) {
        disk.in_use.push_back("key " + sgpr::text(picture->keys.front()) + " is registered");
    }
}

/// What one path tells; nothing, with the reason in `why`, if it cannot be looked at.
std::optional<disk_facts> look_at(const fs::path& device, const host_settings& how, clock& time,
                                  std::string& why) {
    path_facts one;
    one.address = device.filename().string();
    one.block = first_entry(device / "device" / "block");
    one.device = (how.devices / first_entry(device / "device" / "scsi_generic")).string();
    one.adapter = first_line(how.sysfs / "class/scsi_host" / host_of(one.address) / "proc_name");
    if (!how.only.empty() && !how.only.contains(one.block)) {
        return std::nullopt;
    }
    auto nexus = open_sg(one.device, how.sysfs);
    if (!nexus) {
        why = one.device + " (" + one.block + "): " + sgpr::text(nexus.error());
        return std::nullopt;
    }
    path on(std::move(*nexus), time);
    disk_facts disk;
    if (const auto said = read_inquiry(on)) {
        disk.vendor = said->vendor;
        disk.product = said->product;
        disk.revision = said->revision;
        disk.removable = said->removable;
    }
    if (const auto size = read_capacity(on)) {
        disk.blocks = one.blocks = size->blocks;
        disk.block_size = size->block_size;
    }
    if (const auto serial = read_unit_serial(on)) {
        disk.serial = one.serial = *serial;
    }
    if (const auto initiator = on.initiator()) {
        one.initiator = sgpr::text(*initiator);
    }
    if (const auto all = read_designators(on)) {
        if (const auto identity = identity_of(*all)) {
            disk.id = sgpr::text(*identity);
        }
        for (const auto& designator : *all) {
            if (designator.of == association::logical_unit) {
                disk.designators.push_back(sgpr::text(designator));
            }
        }
        const auto port = relative_target_port_of(*all);
        one.target_port = port ? std::to_string(*port) : "";
        disk.bus = bus_of(*all, one.adapter);
    }
    disk.paths.push_back(one);
    find_reservations(on, disk);
    return disk;
}

std::string os_name() {
    const auto all = file_text("/etc/os-release");
    const auto at = all.find("PRETTY_NAME=\"");
    const auto begin = at == std::string::npos ? at : at + 13;
    return at == std::string::npos ? "" : all.substr(begin, all.find('"', begin) - begin);
}

/// libmultipath's version is only in the tools' output; run without a shell's help.
std::string multipath_version() {
    FILE* out = popen("multipath -h 2>&1 </dev/null", "r");
    std::string said;
    std::array<char, 256> room{};
    if (out != nullptr) {
        said.assign(room.data(), fread(room.data(), 1, room.size(), out));
        pclose(out);
    }
    const auto at = said.find("multipath-tools v");
    return at == std::string::npos
               ? ""
               : said.substr(at + 17, said.find_first_of(" \n", at + 17) - at - 17);
}

bool queues(const std::string& map) {
    const auto plain = [](char c) {
        return isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    if (map.empty() || !std::all_of(map.begin(), map.end(), plain)) {
        return false;
    }
    FILE* out = popen(("dmsetup table -- " + map + " 2>/dev/null").c_str(), "r");
    std::array<char, 1024> room{};
    std::string said;
    if (out != nullptr) {
        said.assign(room.data(), fread(room.data(), 1, room.size(), out));
        pclose(out);
    }
    return said.find("queue_if_no_path") != std::string::npos;
}

/// Disks with the same id are one; an empty id is its own.
void join(node_facts& node, disk_facts found) {
    for (auto& one : node.disks) {
        if (!found.id.empty() && one.id == found.id) {
            one.paths.push_back(found.paths.front());
            return;
        }
    }
    if (node.disks.size() < max_disks) {
        node.disks.push_back(std::move(found));
    }
}

} // namespace

node_facts host_source::describe() {
    node_facts node;
    utsname name{};
    uname(&name);
    node.name = how_.name.empty() ? name.nodename : how_.name;
    node.kernel = name.release;
    node.system = os_name();
    node.version = "0.1.0";
    node.multipath = multipath_version();
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& one : fs::directory_iterator(how_.sysfs / "class/scsi_disk", error)) {
        found.push_back(one.path());
    }
    std::sort(found.begin(), found.end());
    for (const auto& one : found) {
        std::string why;
        if (auto disk = look_at(one, how_, time_, why)) {
            join(node, std::move(*disk));
        } else if (!why.empty() && node.problems.size() < 64) {
            node.problems.push_back(why);
        }
    }
    for (auto& disk : node.disks) {
        find_use(how_.sysfs, disk);
        disk.queues_without_path = queues(disk.multipath);
        disk.volumes = probe_volumes(how_.devices / disk.paths.front().block, disk);
    }
    return node;
}

result<std::unique_ptr<transport>> host_source::open(const path_facts& which) {
    return open_sg(which.device, how_.sysfs);
}

disk_source::mounted host_source::mount(const disk_facts& which, logical_unit& /*unit*/) {
    return mount_volumes(which, how_.devices);
}

} // namespace sgpr::validate
