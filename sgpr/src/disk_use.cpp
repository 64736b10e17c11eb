// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/disk_use.hpp"

#include "sgpr/src/c_text.hpp"
#include "sgpr/src/sysfs.hpp"

#include <algorithm>
#include <libmount/libmount.h>
#include <memory>
#include <string_view>
#include <sys/sysmacros.h>
#include <system_error>

namespace sgpr {
namespace {

namespace fs = std::filesystem;
using names = std::set<std::string>;

struct unref_table {
    void operator()(::libmnt_table* table) const { ::mnt_unref_table(table); }
};
using table_pointer = std::unique_ptr<::libmnt_table, unref_table>;
struct free_iterator {
    void operator()(::libmnt_iter* at) const { ::mnt_free_iter(at); }
};

/// "/dev/mapper/vg-root" is "dm-3".
std::string kernel_name(const machine& here, std::string_view node) {
    constexpr std::string_view dev = "/dev/";
    if (node.substr(0, dev.size()) != dev)
        return {};
    std::error_code error;
    const auto found = fs::canonical(here.dev / node.substr(dev.size()), error);
    return error ? std::string() : found.filename().string();
}

std::string name_of_number(const machine& here, const std::string& number) {
    std::error_code error;
    const auto found = fs::canonical(here.sysfs / "dev" / "block" / number, error);
    return error ? std::string() : found.filename().string();
}

/// All devices of the btrfs that `name` is one of.
names with_btrfs_siblings(const machine& here, const std::string& name) {
    const auto all = here.sysfs / "fs" / "btrfs";
    for (const auto& system : folder_names(all)) {
        const auto members = folder_names(all / system / "devices");
        if (std::ranges::find(members, name) != members.end())
            return {members.begin(), members.end()};
    }
    return {name};
}

names devices_of(const machine& here, ::libmnt_fs* mount) {
    const dev_t number = ::mnt_fs_get_devno(mount);
    if (major(number) != 0) {
        const auto name = name_of_number(here, std::to_string(major(number)) + ':' +
                                                   std::to_string(minor(number)));
        return name.empty() ? names() : names{name};
    }
    // btrfs and others with numbers of their own name their device only as a source.
    const auto name = kernel_name(here, text_of(::mnt_fs_get_source(mount)));
    return name.empty() ? names() : with_btrfs_siblings(here, name);
}

template <class Visit>
void for_each(::libmnt_table* table, Visit visit) {
    const std::unique_ptr<::libmnt_iter, free_iterator> at(::mnt_new_iter(MNT_ITER_FORWARD));
    ::libmnt_fs* entry = nullptr;
    for (std::size_t i = 0; at && i < max_mounts; ++i) {
        if (::mnt_table_next_fs(table, at.get(), &entry) != 0)
            return;
        visit(entry);
    }
}

void read_mounts(const machine& here, machine_use& use) {
    const table_pointer table(::mnt_new_table());
    const auto file = here.proc / "self" / "mountinfo";
    if (!table || ::mnt_table_parse_file(table.get(), file.c_str()) != 0)
        return;
    for_each(table.get(), [&](::libmnt_fs* mount) {
        use.mounts.push_back(
            {.point = text_of(::mnt_fs_get_target(mount)), .devices = devices_of(here, mount)});
    });
}

bool lies_below(std::string_view file, std::string_view point) {
    return point == "/" || file == point ||
           (file.substr(0, point.size()) == point && file.size() > point.size() &&
            file[point.size()] == '/');
}

/// Of the mount that `file` is on: the deepest, of several there the last.
names devices_under(const machine_use& use, std::string_view file) {
    const machine_use::mount* best = nullptr;
    for (const auto& mount : use.mounts) {
        if (lies_below(file, mount.point) &&
            (best == nullptr || mount.point.size() >= best->point.size()))
            best = &mount;
    }
    return best == nullptr ? names() : best->devices;
}

void read_swaps(const machine& here, machine_use& use) {
    const table_pointer table(::mnt_new_table());
    const auto file = here.proc / "swaps";
    if (!table || ::mnt_table_parse_swaps(table.get(), file.c_str()) != 0)
        return;
    for_each(table.get(), [&](::libmnt_fs* swap) {
        const auto source = text_of(::mnt_fs_get_source(swap));
        if (const auto name = kernel_name(here, source); !name.empty())
            use.swap.insert(name);
        else
            use.swap.merge(devices_under(use, source));
    });
}

bool shares_one(const names& some, const std::vector<block_node>& stack) {
    return std::ranges::any_of(stack,
                               [&](const block_node& node) { return some.contains(node.name); });
}

} // namespace

machine_use read_machine_use(const machine& here) {
    machine_use use;
    read_mounts(here, use);
    read_swaps(here, use);
    for (const char* file : {"/", "/usr"})
        use.system.merge(devices_under(use, file));
    for (const char* file : {"/boot", "/boot/efi", "/efi"})
        use.boot.merge(devices_under(use, file));
    if (const auto number = read_attribute(here.sysfs / "power" / "resume"); number != "0:0") {
        if (auto name = name_of_number(here, number.value_or("-")); !name.empty())
            use.hibernate.insert(std::move(name));
    }
    if (read_attribute(here.sysfs / "kernel" / "kexec_crash_loaded") == "1")
        use.crash_dump = devices_under(use, "/var/crash"); // where kdump-tools and RHEL write
    return use;
}

void add_use(const machine_use& use, const std::vector<block_node>& stack, disk& to) {
    for (const auto& mount : use.mounts) {
        if (shares_one(mount.devices, stack))
            to.mount_points.push_back(mount.point);
    }
    to.flags.add_if(!to.mount_points.empty(), disk_flag::mounted);
    to.flags.add_if(shares_one(use.system, stack), disk_flag::system);
    to.flags.add_if(shares_one(use.boot, stack), disk_flag::boot);
    to.flags.add_if(shares_one(use.swap, stack), disk_flag::pagefile);
    to.flags.add_if(shares_one(use.hibernate, stack), disk_flag::hibernate);
    to.flags.add_if(shares_one(use.crash_dump, stack), disk_flag::crash_dump);
}

} // namespace sgpr
