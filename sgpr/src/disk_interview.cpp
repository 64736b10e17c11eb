// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/disk_interview.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/mode.hpp"
#include "sgpr/sg_transport.hpp"
#include "sgpr/src/disk_content.hpp"
#include "sgpr/src/sysfs.hpp"

#include <algorithm>
#include <system_error>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

bus_type bus_of(protocol kind) {
    switch (kind) {
    case protocol::fibre_channel:
        return bus_type::fibre_channel;
    case protocol::parallel_scsi:
        return bus_type::scsi;
    case protocol::iscsi:
        return bus_type::iscsi;
    case protocol::sas:
        return bus_type::sas;
    case protocol::ata:
        return bus_type::ata;
    case protocol::uas:
        return bus_type::usb;
    default:
        return bus_type::unknown;
    }
}

/// The target port's protocol where the device names it, else the folders above it: a disk on USB
/// may well call itself SAS.
bus_type bus_of(const std::vector<designator>& designators, const kernel_disk& device) {
    const bus_type above = bus_above(device);
    if (above == bus_type::usb || above == bus_type::ata)
        return above;
    for (const designator& one : designators) {
        if (one.of == association::target_port && one.port_protocol) {
            if (const bus_type told = bus_of(*one.port_protocol); told != bus_type::unknown)
                return told;
        }
    }
    return above;
}

bool can_be_shared(bus_type bus) {
    return bus == bus_type::scsi || bus == bus_type::fibre_channel || bus == bus_type::iscsi ||
           bus == bus_type::sas;
}

void read_first_block(path& on, disk& into) {
    if (!into.size || into.size->blocks == 0) {
        into.flags.add(disk_flag::unreadable);
        return;
    }
    const auto read = read_blocks(on, *into.size, 0, 1);
    if (read || read.error().code == errc::reservation_conflict)
        return;
    into.flags.add(disk_flag::unreadable);
    const errc code = read.error().code;
    into.flags.add_if(code == errc::medium || code == errc::hardware || code == errc::aborted,
                      disk_flag::failing_io);
}

/// Of the disk or map `whole`. kpartx and udev give a map's partitions a UUID that begins so; the
/// partitions of the map's paths are the same bytes and left out.
bool is_partition(const machine& here, const std::string& whole, const std::string& name) {
    std::error_code error;
    if (fs::exists(here.sysfs / "block" / whole / name / "partition", error))
        return true;
    const auto uuid = read_attribute(here.sysfs / "block" / name / "dm" / "uuid");
    return uuid && uuid->rfind("part", 0) == 0;
}

bool holder_is_here(const reservation_picture& picture, const std::vector<path*>& paths,
                    const std::function<bool(key)>& ours) {
    if (ours && picture.held->holder && ours(picture.held->holder))
        return true;
    for (path* const one : paths) {
        for (const registration& entry :
             picture.registrations.value_or(std::vector<registration>())) {
            if (!entry.holds)
                continue;
            const auto mine = registration_in(picture, *one, entry.registered);
            if (mine.registered && mine.how == evidence::by_nexus)
                return true;
        }
    }
    return false;
}

} // namespace

result<std::unique_ptr<transport>> open_node(const machine& here, const fs::path& node) {
    return here.open ? here.open(node) : open_sg(node, here.sysfs);
}

namespace {

std::string serial_of(path& on) {
    auto serial = read_unit_serial(on);
    return serial ? std::move(*serial) : std::string();
}

} // namespace

path_answers ask_path(path& on, disk_path& into, inventory_depth depth) {
    path_answers answers;
    into.initiator = on.initiator();
    if (auto designators = read_designators(on)) {
        answers.designators = std::move(*designators);
        into.target_port = relative_target_port_of(answers.designators);
    } else if (designators.error().code != errc::unsupported) {
        into.live = false;
        into.problem = designators.error();
        return answers;
    }
    if (depth == inventory_depth::full)
        answers.serial = serial_of(on);
    return answers;
}

void interview(path& on, disk& into) {
    if (const auto told = read_inquiry(on)) {
        into.vendor = told->vendor;
        into.product = told->product;
        into.revision = told->revision;
        into.flags.add_if(told->removable, disk_flag::removable);
    }
    if (const auto size = read_capacity(on))
        into.size = *size;
    if (const auto mode = read_mode(on))
        into.flags.add_if(mode->write_protected, disk_flag::read_only);
    read_first_block(on, into);
}

void describe_hardware(const path_answers& answers, const kernel_disk& device, const machine& here,
                       disk& into) {
    into.serial = answers.serial.empty() ? device.serial : answers.serial;
    if (into.product.empty())
        into.product = device.model;
    if (!into.size && device.bytes != 0 && device.logical_block_size != 0)
        into.size = capacity{.blocks = device.bytes / device.logical_block_size,
                             .block_size = device.logical_block_size};
    into.physical_block_size = device.physical_block_size;
    into.bus = bus_of(answers.designators, device);
    into.adapter = adapter_of(device, here.sysfs);
    into.flags.add_if(!can_be_shared(into.bus), disk_flag::unsupported_bus);
}

void judge_reservations(const std::vector<path*>& paths, const std::function<bool(key)>& ours,
                        disk& into) {
    constexpr auto needed = reservation_type::write_exclusive_registrants_only;
    if (paths.empty()) {
        into.flags.add(disk_flag::no_reservations);
        return;
    }
    if (const auto told = report_capabilities(*paths.front()))
        into.capabilities = *told;
    if (auto picture = read_picture(*paths.front()))
        into.reservations = std::move(*picture);
    // Some devices have reservations and do not tell what they can.
    into.flags.add_if(into.capabilities ? !into.capabilities->supports(needed)
                                        : !into.reservations.has_value(),
                      disk_flag::no_reservations);
    into.flags.add_if(into.reservations && into.reservations->held &&
                          !holder_is_here(*into.reservations, paths, ours),
                      disk_flag::clustered_elsewhere);
}

void look_inside(const machine& here, const std::vector<block_node>& stack, disk& into) {
    const std::string whole = into.map ? into.map->name : into.paths.front().block;
    std::vector<fs::path> partitions;
    for (const block_node& node : stack) {
        if (is_partition(here, whole, node.name))
            partitions.push_back(here.dev / node.name);
    }
    into.content = read_content(here.dev / whole, partitions);
    into.flags.add_if(is_volume_member(into.content), disk_flag::dynamic);
    into.flags.add_if(has_lease_area(into.content), disk_flag::clustered_elsewhere);
}

} // namespace sgpr
