// SPDX-License-Identifier: Apache-2.0
#include "sgpr/write_barrier.hpp"

#include "sgpr/block_stack.hpp"
#include "sgpr/src/open_file.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace sgpr {

namespace {

/// The same number and flags on ext4 and xfs; no public header has both.
constexpr unsigned long shutdown_request = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t shutdown_without_log = 2;

std::string last_error(std::string_view what) {
    return std::string(what) + ": " + std::generic_category().message(errno);
}

std::string contents_of(const std::filesystem::path& file) {
    std::string text;
    const open_file in(file);
    char buffer[65536];
    while (in.get() >= 0 && text.size() < max_mountinfo_bytes) {
        const ::ssize_t got = ::read(in.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

/// Empty when done.
std::string switch_read_only(const std::filesystem::path& devices, const block_node& node,
                             bool read_only) {
    const auto path = devices / node.name;
    const open_file device(path);
    struct ::stat found {};
    if (device.get() < 0 || ::fstat(device.get(), &found) != 0)
        return last_error(path.string());
    if (!S_ISBLK(found.st_mode) || ::major(found.st_rdev) != node.major ||
        ::minor(found.st_rdev) != node.minor)
        return path.string() + ": is another device";
    const int flag = read_only ? 1 : 0;
    return ::ioctl(device.get(), BLKROSET, &flag) == 0 ? std::string() : last_error(path.string());
}

/// Empty when done.
std::string shut_down(const mounted_file_system& mount) {
    if (mount.type != "ext4" && mount.type != "xfs")
        return mount.mount_point + ": " + mount.type + " cannot be shut down";
    const open_file root(mount.mount_point, O_DIRECTORY);
    struct ::stat found {};
    if (root.get() < 0 || ::fstat(root.get(), &found) != 0)
        return last_error(mount.mount_point);
    if (::major(found.st_dev) != mount.major || ::minor(found.st_dev) != mount.minor)
        return mount.mount_point + ": another file system covers it";
    const std::uint32_t flags = shutdown_without_log;
    if (::ioctl(root.get(), shutdown_request, &flags) == 0 || errno == EIO)
        return {}; // EIO: it was shut down before
    return last_error(mount.mount_point);
}

} // namespace

host_barrier::host_barrier(host_barrier_settings settings) : settings_(std::move(settings)) {}

/// A name that was a path's, and is another disk's now, is found by nobody.
std::vector<std::string> host_barrier::disks() const {
    return settings_.find ? settings_.find() : settings_.disks;
}

barrier_report host_barrier::set_read_only(bool read_only) {
    barrier_report report;
    for (const block_node& node : stack_on(settings_.sysfs, disks())) {
        std::string failure = switch_read_only(settings_.devices, node, read_only);
        if (failure.empty())
            ++report.devices;
        else
            report.failures.push_back(std::move(failure));
    }
    return report;
}

barrier_report host_barrier::forbid_writes() {
    return set_read_only(true);
}

barrier_report host_barrier::allow_writes() {
    return set_read_only(false);
}

std::vector<std::string> host_barrier::in_use() {
    std::vector<std::string> places;
    for (const mounted_file_system& mount : mounted_from(
             stack_on(settings_.sysfs, disks()), parse_mountinfo(contents_of(settings_.mountinfo))))
        places.push_back(mount.mount_point);
    return places;
}

barrier_report host_barrier::shut_down_file_systems() {
    barrier_report report;
    const auto mounts = mounted_from(stack_on(settings_.sysfs, disks()),
                                     parse_mountinfo(contents_of(settings_.mountinfo)));
    // One file system may be mounted at several places: one that is reached is enough.
    std::set<std::pair<std::uint32_t, std::uint32_t>> done;
    std::vector<std::pair<mounted_file_system, std::string>> failed;
    for (const mounted_file_system& mount : mounts) {
        if (done.contains({mount.major, mount.minor}))
            continue;
        std::string failure = shut_down(mount);
        if (failure.empty())
            done.insert({mount.major, mount.minor});
        else
            failed.emplace_back(mount, std::move(failure));
    }
    report.file_systems = static_cast<unsigned>(done.size());
    for (auto& [mount, failure] : failed)
        if (!done.contains({mount.major, mount.minor}))
            report.failures.push_back(std::move(failure));
    return report;
}

} // namespace sgpr
