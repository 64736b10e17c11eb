// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/block_stack.hpp"
#include "sgpr/disk.hpp"
#include "sgpr/inventory.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace sgpr {

inline constexpr std::size_t max_mounts = 16384; ///< looked at

/// What this machine does with its block devices, by their kernel names. Read once for all disks.
struct machine_use {
    struct mount {
        std::string point{};
        std::set<std::string> devices{}; ///< more than one with btrfs
    };
    std::vector<mount> mounts{};
    std::set<std::string> system{};
    std::set<std::string> boot{};
    std::set<std::string> swap{};
    std::set<std::string> hibernate{};
    std::set<std::string> crash_dump{};
};

[[nodiscard]] machine_use read_machine_use(const machine& here);

/// Adds flags and mount points for the devices that lie on a disk (`stack`, as stack_on gives it).
void add_use(const machine_use& use, const std::vector<block_node>& stack, disk& to);

} // namespace sgpr
