// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/block_stack.hpp"
#include "sgpr/disk.hpp"
#include "sgpr/inventory.hpp"
#include "sgpr/src/disk_use.hpp"

#include <string>
#include <vector>

namespace sgpr {

/// The volumes of the disk or map `whole`, at most max_partitions, extended partitions left out:
/// what its partition table says, what libblkid finds in each, and where they are mounted. `stack`:
/// everything on the disk. A device that cannot be read has a place and nothing else; nothing is
/// ever written.
[[nodiscard]] std::vector<disk_volume> read_volumes(const machine& here,
                                                    const std::vector<block_node>& stack,
                                                    const machine_use& use,
                                                    const std::string& whole);

} // namespace sgpr
