// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command/console.hpp"

#include <cstdint>
#include <string>

namespace sgpr::command_line {

// Blocks of a disk through SCSI commands of our own, past the kernel's cache and whatever the
// kernel thinks of the disk: what another machine sees.

/// Most bytes of one call.
inline constexpr std::uint64_t max_block_bytes = 1 << 20;

struct block_request {
    std::string disk{};
    std::uint64_t block = 0;
    std::uint32_t count = 1; ///< of a read
    std::string
        path{}; ///< through this one (a block or generic name); empty: the first that answers
    bool forced = false; ///< from and to the medium, not the device's cache (FUA)
    bool i_know = false; ///< of a write: what was there is lost
};

/// The bytes as they are, to `out`; as JSON in hexadecimal.
exit_code read_disk(const console& with, const block_request& what);

/// All of `in`, which is whole blocks. Refused without `i_know`, and for a disk that is used here:
/// the change would be behind the back of its user.
exit_code write_disk(const console& with, const block_request& what);

} // namespace sgpr::command_line
