// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/arbitration_sectors.hpp"

#include "sgpr/validate/partition_table.hpp"

#include <algorithm>

namespace sgpr::validate {
namespace {

constexpr unsigned max_candidates = 64;

bool all_zero(const bytes& data) {
    return std::all_of(data.begin(), data.end(), [](std::uint8_t byte) { return byte == 0; });
}

} // namespace

std::variant<std::uint64_t, problem> find_arbitration_sectors(path& on, const capacity& size,
                                                              bool file_system_on_whole_disk) {
    const auto head = read_blocks(on, size, 0, table_blocks(size.block_size));
    if (!head) {
        return problem_of(head.error(), "the partition table cannot be read");
    }
    const auto table = read_table(*head, size.block_size, size.blocks);
    if (table.style == partition_style::raw && file_system_on_whole_disk) {
        return problem_of(errc::no_space, "the disk is a file system without partitions: no sector "
                                          "is surely free");
    }
    const auto gap = table.gap;
    auto at = gap.last;
    for (unsigned tried = 0; tried < max_candidates && gap.last > gap.first; ++tried, at -= 2) {
        if (at <= gap.first) {
            break;
        }
        const auto pair = read_medium(on, size, at - 1, 2);
        if (!pair) {
            return problem_of(pair.error(),
                              "the sectors before the first partition cannot be read");
        }
        if (all_zero(*pair)) {
            return at - 1;
        }
    }
    return problem_of(errc::no_space,
                      "no two unused sectors between the partition table and the first partition");
}

result<bytes> read_medium(path& on, const capacity& size, std::uint64_t block,
                          std::uint32_t blocks) {
    auto forced = read_blocks(on, size, block, blocks, unit_access::forced);
    if (forced || forced.error().code != errc::invalid) {
        return forced;
    }
    return read_blocks(on, size, block, blocks);
}

result<void> write_medium(path& on, const capacity& size, std::uint64_t block, byte_view data) {
    auto forced = write_blocks(on, size, block, data, unit_access::forced);
    if (forced || forced.error().code != errc::invalid) {
        return forced;
    }
    auto cached = write_blocks(on, size, block, data);
    if (!cached) {
        return cached;
    }
    auto flushed = synchronize_cache(on);
    // A device without a cache may lack the command.
    return flushed || flushed.error().code == errc::unsupported ? cached : flushed;
}

} // namespace sgpr::validate
