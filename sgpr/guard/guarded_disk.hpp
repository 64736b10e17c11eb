// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/guard/guard_options.hpp"

#include "sgpr/clock.hpp"
#include "sgpr/logical_unit.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sgpr::guards {

struct disk_place {
    std::string id;                 ///< as in sysfs
    std::vector<std::string> names; ///< of every path: "sda", "sdc"; empty: the disk is not here
};

/// Which devices `options.disk` is, now. A device that is gone, or an identifier nothing has, gives
/// no names.
disk_place find_disk(const guard_options& options);

/// Page-83 identifier of a disk by its kernel name; empty: it has none, or is gone.
std::string disk_id(const std::string& name);

/// The generic device beside a disk, which needs no claim on the disk; else the disk itself.
std::filesystem::path device_of(const std::string& name);

/// One path; nothing: it cannot be opened. No command through it keeps the caller much longer than
/// its timeout, whatever the kernel does. `time` outlives it.
std::unique_ptr<path> open_path(const std::filesystem::path& device, clock& time);

/// Opens the paths that can be opened; nothing: none. `time` outlives it.
std::unique_ptr<logical_unit> open_disk(const disk_place& where, clock& time);

/// The guard's socket.
std::filesystem::path socket_of(const guard_options& options, const std::string& id);

} // namespace sgpr::guards
