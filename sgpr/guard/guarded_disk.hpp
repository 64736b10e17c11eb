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

/// Opens the paths that can be opened; nothing: none. `time` outlives it.
std::unique_ptr<logical_unit> open_disk(const disk_place& where, clock& time);

/// The guard's socket.
std::filesystem::path socket_of(const guard_options& options, const std::string& id);

} // namespace sgpr::guards
