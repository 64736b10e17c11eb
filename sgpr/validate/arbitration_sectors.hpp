// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/commands.hpp"
#include "sgpr/validate/node_agent.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace sgpr::validate {

/// Two blocks next to each other that belong to nobody: between partition table and first
/// partition, and zero, so that putting zeros back restores them whatever happens meanwhile. From
/// the end of the gap, where boot loaders are last. errc::no_space: there are none.
[[nodiscard]] std::variant<std::uint64_t, problem>
find_arbitration_sectors(path& on, const capacity& size, bool file_system_on_whole_disk);

/// From and to the medium: with FUA, or on devices without it (errc::invalid) as ordinary commands,
/// a write with SYNCHRONIZE CACHE after it.
[[nodiscard]] result<bytes> read_medium(path& on, const capacity& size, std::uint64_t block,
                                        std::uint32_t blocks);
[[nodiscard]] result<void> write_medium(path& on, const capacity& size, std::uint64_t block,
                                        byte_view data);

} // namespace sgpr::validate
