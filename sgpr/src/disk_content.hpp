// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/disk.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sgpr {

inline constexpr std::size_t max_partitions = 256; ///< looked into, of one disk

/// Partition table of the disk at `node`, and what is on it and on `partitions` (the nodes of its
/// partitions). A node that cannot be read says nothing; nothing is ever written. libblkid reads
/// at most a few MiB of each.
[[nodiscard]] disk_content read_content(const std::filesystem::path& node,
                                        const std::vector<std::filesystem::path>& partitions);

/// LVM, md or Windows' dynamic disks.
[[nodiscard]] bool is_volume_member(const disk_content& content);
/// SBD or sanlock.
[[nodiscard]] bool has_lease_area(const disk_content& content);

} // namespace sgpr
