// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/failure.hpp"
#include "sgpr/transport_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sgpr {

class path;

/// Most designators that are read of one page 83h.
inline constexpr std::size_t max_designators = 128;

/// What a designator names (SPC-4 7.8.5.1, table 459). A value that is not named here survives.
enum class association : std::uint8_t { logical_unit = 0, target_port = 1, target_device = 2 };

enum class designator_type : std::uint8_t {
    vendor_specific = 0x0,
    t10_vendor = 0x1,
    eui_64 = 0x2,
    naa = 0x3,
    relative_target_port = 0x4,
    target_port_group = 0x5,
    logical_unit_group = 0x6,
    md5 = 0x7,
    scsi_name = 0x8,
    protocol_port = 0x9,
    uuid = 0xa,
};

enum class code_set : std::uint8_t { binary = 1, ascii = 2, utf_8 = 3 };

/// One designation descriptor of VPD page 83h.
struct designator {
    association of = association::logical_unit;
    designator_type type = designator_type::vendor_specific;
    code_set coding = code_set::binary;
    std::optional<protocol> port_protocol{}; ///< only where the PIV bit is set
    bytes value{};                           ///< at most 255 bytes, as sent

    friend bool operator==(const designator&, const designator&) = default;
};

/// Pages that the device says it has, ascending as it must send them (page 00h).
[[nodiscard]] result<std::vector<std::uint8_t>> parse_supported_pages(byte_view raw);
/// Unit serial number (page 80h), blanks at both ends removed; unprintable characters are '?'.
[[nodiscard]] result<std::string> parse_unit_serial(byte_view raw);
/// Page 83h. A descriptor that reaches past the page's end makes the whole page errc::malformed.
[[nodiscard]] result<std::vector<designator>> parse_designators(byte_view raw);

/// Page B0h (SBC-3 6.5.3); counts are blocks, 0 is "not reported".
struct block_limits {
    std::uint32_t max_transfer = 0;
    std::uint32_t optimal_transfer = 0;
    std::uint16_t optimal_granularity = 0;
    std::uint32_t max_unmap = 0;
    std::uint64_t max_write_same = 0;
};
[[nodiscard]] result<block_limits> parse_block_limits(byte_view raw);

/// Page B1h (SBC-3 6.5.2).
struct block_characteristics {
    std::uint16_t rotation_rate = 0; ///< 0 not reported, 1 no rotating medium, else turns a minute
    std::uint8_t form_factor = 0;
};
[[nodiscard]] result<block_characteristics> parse_block_characteristics(byte_view raw);

/// Page B2h (SBC-3 6.5.4).
struct provisioning {
    std::uint8_t threshold_exponent = 0;
    bool unmap = false;
    bool write_same_16 = false;
    bool write_same_10 = false;
    bool reads_zeros = false;
    std::uint8_t type = 0; ///< 0 full or not reported, 1 resource provisioned, 2 thin
};
[[nodiscard]] result<provisioning> parse_provisioning(byte_view raw);

/// One whole page with its header; errc::unsupported if the device has it not, errc::malformed if
/// it answers another page or a length that is not there.
[[nodiscard]] result<bytes> read_vital_product(path& on, std::uint8_t page);
[[nodiscard]] result<std::vector<std::uint8_t>> read_supported_pages(path& on);
[[nodiscard]] result<std::string> read_unit_serial(path& on);
[[nodiscard]] result<std::vector<designator>> read_designators(path& on);

/// Which logical unit this is, whatever path it is seen by.
struct unit_identity {
    designator name{}; ///< the best one that names the logical unit: NAA (longest first), EUI-64,
                       ///< UUID, SCSI name, T10

    friend bool operator==(const unit_identity&, const unit_identity&) = default;
};

/// Nothing if no designator names the logical unit in a way that is unique in the world.
[[nodiscard]] std::optional<unit_identity> identity_of(const std::vector<designator>& all);

/// The relative target port identifier among them.
[[nodiscard]] std::optional<std::uint16_t>
relative_target_port_of(const std::vector<designator>& all);

/// As the kernel and udev write it: "naa.6001405...", "eui.0123...", "uuid....", "t10.VENDOR...",
/// else the SCSI name.
[[nodiscard]] std::string text(const designator& what);
[[nodiscard]] std::string text(const unit_identity& which);

} // namespace sgpr
