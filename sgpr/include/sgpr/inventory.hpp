// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/clock.hpp"
#include "sgpr/disk.hpp"
#include "sgpr/logical_unit.hpp"
#include "sgpr/transport.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The disks of this machine: found in sysfs, asked through their paths, put together by the
/// identity of the logical unit (VPD page 83h). Nothing here changes a disk.
namespace sgpr {

inline constexpr std::size_t max_disk_paths =
    4096; ///< kernel devices looked at, all disks together

/// Where the machine describes itself; other folders in tests.
struct machine {
    std::filesystem::path sysfs = "/sys";
    std::filesystem::path proc = "/proc";
    std::filesystem::path dev = "/dev";
    /// Opens a SCSI device node below `dev`; empty: open_sg.
    std::function<result<std::unique_ptr<transport>>(const std::filesystem::path& node)> open{};
    /// Whether a reservation's key is one of this machine, beside those that READ FULL STATUS
    /// shows on our own ports; empty: no other is.
    std::function<bool(key)> ours{};
};

enum class inventory_depth {
    names, ///< paths, identities and maps, from what the kernel keeps: a device is only asked where
           ///< the kernel does not know its page 83h
    full,  ///< everything, asked anew
};

/// A device that is not in the inventory.
struct skipped_device {
    std::string name{}; ///< "sda"
    std::string why{};
};

struct inventory {
    std::vector<disk> disks{}; ///< by kernel name of the first path
    std::vector<skipped_device> skipped{};
};

/// Never fails as a whole: devices without a node that can be opened are `skipped`, what a device
/// does not answer is absent. Each device that does not answer costs its timeouts (about 3 s a
/// command); paths that the kernel calls offline are not asked.
[[nodiscard]] inventory take_inventory(const machine& here, clock& time,
                                       inventory_depth depth = inventory_depth::full);

/// Why a name leads to no disk.
struct lookup_failure {
    enum class reason { unknown, ambiguous, partition, stacked };
    reason why = reason::unknown;
    std::string text{}; ///< what was wrong and what to do, one line
};

/// The disk in `all` that an administrator means: a page 83h identity ("naa.6001405...",
/// "wwn-0x6001405...", "0x6001405...", "scsi-36001405..."), a link of /dev/disk, "/dev/sda", "sda",
/// "sg3", "2:0:0:1", "dm-0", "/dev/mapper/mpatha", "mpatha". A partition or a volume is refused: a
/// reservation is always on the whole disk. Valid as long as `all` is.
[[nodiscard]] boost::system::result<const disk*, lookup_failure>
find_disk(const inventory& all, const machine& here, std::string_view name);

/// A path of a disk that is not in the opened unit.
struct left_out_path {
    std::string path{}; ///< "sda"
    failure problem{};
};

struct opened_unit {
    std::unique_ptr<logical_unit> unit{};
    std::vector<left_out_path> left_out{};
    std::vector<std::string> names{}; ///< "sda" for each of unit->path_names()
};

/// Opens every path of `which` and asks each for its identity: one that leads to another unit now
/// is left out. The failure is that of the first path if none can be used. `time` outlives it.
[[nodiscard]] result<opened_unit> open_unit(const disk& which, const machine& here, clock& time);

} // namespace sgpr
