// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/block_stack.hpp"
#include "sgpr/inventory.hpp"
#include "sgpr/path.hpp"
#include "sgpr/src/block_devices.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// What a disk says of itself, for inventory.cpp.
namespace sgpr {

[[nodiscard]] result<std::unique_ptr<transport>> open_node(const machine& here,
                                                           const std::filesystem::path& node);

/// What every path is asked: which unit it leads to.
struct path_answers {
    std::vector<designator> designators{};
    std::string serial{}; ///< page 80h
};

/// Sets `into.live`, `problem`, `initiator` and `target_port`.
[[nodiscard]] path_answers ask_path(path& on, disk_path& into, inventory_depth depth);

/// What one path of a disk is asked for all: names, size, write protection, first block.
void interview(path& on, disk& into);

/// Serial number, bus, adapter and what a device without SCSI has instead of answers.
void describe_hardware(const path_answers& answers, const kernel_disk& device, const machine& here,
                       disk& into);

/// Capabilities and reservation, and whether it is another machine's: not held by one of `paths`,
/// nor with a key that `ours` knows.
void judge_reservations(const std::vector<path*>& paths, const std::function<bool(key)>& ours,
                        disk& into);

/// Partition table and formats, through the map if there is one.
void look_inside(const machine& here, const std::vector<block_node>& stack, disk& into);

} // namespace sgpr
