// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// What lies on a disk: its partitions and every block device that is built on it, and the file
/// systems that are mounted from any of them. Read from sysfs and procfs, never cached: a volume
/// that was activated a second ago has to be found.
namespace sgpr {

inline constexpr std::size_t max_stacked_devices = 4096;
inline constexpr std::size_t max_mountinfo_bytes = 8U << 20;

struct block_node {
    std::string name; ///< as the kernel calls it: "sda", "sda1", "dm-3"
    std::uint32_t major = 0;
    std::uint32_t minor = 0;

    friend bool operator==(const block_node&, const block_node&) = default;
};

/// The devices `names`, their partitions, and everything that holds one of them (dm-multipath, LVM,
/// md...), each once, lower ones first. A name that is gone is left out. `sysfs`: the mount point
/// of sysfs, another folder in tests. At most max_stacked_devices.
std::vector<block_node> stack_on(const std::filesystem::path& sysfs,
                                 const std::vector<std::string>& names);

struct mounted_file_system {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::string type;
    std::string mount_point; ///< unescaped

    friend bool operator==(const mounted_file_system&, const mounted_file_system&) = default;
};

/// The lines of a mountinfo file (proc(5)); lines that are not understood are skipped.
std::vector<mounted_file_system> parse_mountinfo(std::string_view text);

/// Those mounted from a device of `stack`, in the order of `all`.
std::vector<mounted_file_system> mounted_from(const std::vector<block_node>& stack,
                                              const std::vector<mounted_file_system>& all);

} // namespace sgpr
