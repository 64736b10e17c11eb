// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command.hpp"
#include "sgpr/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sgpr {

class path;

/// Standard INQUIRY data (SPC-4 6.6.2).
struct inquiry_data {
    std::uint8_t qualifier = 0;   ///< peripheral qualifier; 0 is "connected"
    std::uint8_t device_type = 0; ///< peripheral device type; 0 is a disk
    bool removable = false;
    std::uint8_t version = 0;            ///< 5 SPC-3, 6 SPC-4, 7 SPC-5
    std::uint8_t target_port_groups = 0; ///< TPGS: 1 implicit, 2 explicit, 3 both
    std::string vendor{};   ///< 8 characters, trailing blanks removed; unprintable ones are '?'
    std::string product{};  ///< 16, the same
    std::string revision{}; ///< 4, the same
};

struct capacity {
    std::uint64_t blocks = 0;
    std::uint32_t block_size = 0; ///< bytes; a power of two of 512 to 65536
    bool thin = false;            ///< LBPME: provisioned by need (READ CAPACITY(16) only)
};

using lun_address =
    std::uint64_t; ///< 8 bytes as REPORT LUNS sends them (SAM-5 4.7), first byte highest

/// Most logical units that one REPORT LUNS answer is read of.
inline constexpr std::size_t max_luns = 16384;

[[nodiscard]] command test_unit_ready_command();
[[nodiscard]] command inquiry_command(std::uint16_t allocation);
[[nodiscard]] command vital_product_command(std::uint8_t page, std::uint16_t allocation);
[[nodiscard]] command read_capacity_10_command();
[[nodiscard]] command read_capacity_16_command();
[[nodiscard]] command report_luns_command(std::uint32_t allocation);
[[nodiscard]] command mode_sense_6_command(std::uint8_t page, std::uint8_t allocation);
[[nodiscard]] command mode_sense_10_command(std::uint8_t page, std::uint16_t allocation);
[[nodiscard]] command synchronize_cache_10_command();
[[nodiscard]] command synchronize_cache_16_command();

/// Force unit access (FUA): past the cache of the device, to the medium.
enum class unit_access { cached, forced };

/// `bytes_wanted` and `data.size()` are whole blocks of the caller's block size; `blocks` counts
/// them.
[[nodiscard]] command read_10_command(std::uint32_t block, std::uint16_t blocks,
                                      std::uint32_t bytes_wanted,
                                      unit_access access = unit_access::cached);
[[nodiscard]] command read_16_command(std::uint64_t block, std::uint32_t blocks,
                                      std::uint32_t bytes_wanted,
                                      unit_access access = unit_access::cached);
[[nodiscard]] command write_10_command(std::uint32_t block, std::uint16_t blocks, bytes data,
                                       unit_access access = unit_access::cached);
[[nodiscard]] command write_16_command(std::uint64_t block, std::uint32_t blocks, bytes data,
                                       unit_access access = unit_access::cached);

[[nodiscard]] result<inquiry_data> parse_inquiry(byte_view raw);
/// A capacity that READ CAPACITY(10) cannot say (FFFFFFFFh) is errc::unsupported: use (16).
[[nodiscard]] result<capacity> parse_capacity_10(byte_view raw);
[[nodiscard]] result<capacity> parse_capacity_16(byte_view raw);
/// The units that are in `raw`; the device may know of more than were read.
[[nodiscard]] result<std::vector<lun_address>> parse_luns(byte_view raw);

[[nodiscard]] result<void> test_unit_ready(path& on);
[[nodiscard]] result<inquiry_data> read_inquiry(path& on);
/// (16) first, (10) for devices without it.
[[nodiscard]] result<capacity> read_capacity(path& on);
[[nodiscard]] result<std::vector<lun_address>> report_luns(path& on);
/// The whole cache; (10) first, (16) for devices without it; a device with neither has no cache to
/// speak of: errc::unsupported.
[[nodiscard]] result<void> synchronize_cache(path& on);
/// Whole blocks from `block` on; (10) where it reaches, (16) else. A short answer is
/// errc::malformed. A device that refuses forced access (it has no cache, or MODE SENSE's DPOFUA is
/// 0) is read as it is.
[[nodiscard]] result<bytes> read_blocks(path& on, const capacity& size, std::uint64_t block,
                                        std::uint32_t blocks,
                                        unit_access access = unit_access::cached);
/// `data` is whole blocks, else errc::invalid and nothing is sent. Forced access that the device
/// refuses is a write and then its whole cache to the medium.
[[nodiscard]] result<void> write_blocks(path& on, const capacity& size, std::uint64_t block,
                                        byte_view data, unit_access access = unit_access::cached);

} // namespace sgpr
