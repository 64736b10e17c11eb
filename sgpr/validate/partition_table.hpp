// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// How a disk is divided, from its first blocks (UEFI 2.10 5.2 and 5.3). The bytes are hostile.
namespace sgpr::validate {

enum class partition_style : std::uint8_t { raw, mbr, gpt };
[[nodiscard]] std::string text(partition_style style);

/// Blocks `first` to `last`.
struct extent {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

struct partition_table {
    partition_style style = partition_style::raw;
    std::string signature{}; ///< MBR: 8 hex digits; GPT: the GUID
    /// Blocks before the first partition that neither the table nor a partition uses.
    extent gap{1, 0};
};

/// Blocks at the beginning of a disk that read_table() looks at.
[[nodiscard]] std::uint32_t table_blocks(std::uint32_t block_size);

/// `head` is table_blocks() blocks. `blocks` is the size of the disk. An extent with first > last
/// is empty. A RAW disk has the gap of an unpartitioned one: blocks 34 to 2047.
[[nodiscard]] partition_table read_table(byte_view head, std::uint32_t block_size,
                                         std::uint64_t blocks);

} // namespace sgpr::validate
