// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/failure.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sgpr {

/// Protocol identifiers (SPC-4 7.6.1). A value that is not named here survives.
enum class protocol : std::uint8_t {
    fibre_channel = 0x0,
    parallel_scsi = 0x1,
    ssa = 0x2,
    ieee_1394 = 0x3,
    srp = 0x4,
    iscsi = 0x5,
    sas = 0x6,
    adt = 0x7,
    ata = 0x8,
    uas = 0x9,
    sop = 0xa,
    none = 0xf,
};

using initiator_session = std::array<std::uint8_t, 6>; ///< ISID of iSCSI (RFC 7143 11.12.5)

/// Longest iSCSI name in bytes (RFC 7143 4.2.7.1).
inline constexpr std::size_t max_iscsi_name = 223;

/// An initiator port, TransportID of SPC-4 7.6.4, in one form whatever the padding on the wire was.
struct transport_id {
    protocol kind = protocol::none;
    /// FC: N_Port name, 8 bytes. SAS: SAS address, 8. SRP: 16. IEEE 1394: EUI-64, 8. iSCSI: empty.
    /// Others: bytes 1 to 23 of the TransportID as they came.
    bytes address{};
    std::string iscsi_name{}; ///< lower case (RFC 7143 4.2.7.2), without its zeros
    std::optional<initiator_session> session{}; ///< iSCSI with format 01b; absent: the whole node

    friend bool operator==(const transport_id&, const transport_id&) = default;
};

/// A TransportID and how many bytes of the input it took.
struct parsed_transport_id {
    transport_id id{};
    std::size_t size = 0;
};

/// The TransportID at the beginning of `raw`; what follows it is left alone. errc::malformed if it
/// is cut off, longer than a name may be, or an iSCSI name without its end.
[[nodiscard]] result<parsed_transport_id> parse_transport_id(byte_view raw);

/// As on the wire: 24 bytes, iSCSI a multiple of 4 and at least 24.
[[nodiscard]] bytes encode_transport_id(const transport_id& id);

[[nodiscard]] transport_id sas_transport_id(std::uint64_t address);
[[nodiscard]] transport_id fibre_channel_transport_id(std::uint64_t port_name);
[[nodiscard]] transport_id iscsi_transport_id(std::string name, initiator_session session);

/// For people: "iqn.2026-01.example:a,i,0x00023d000001", "sas 60014050000000a1", "fc
/// 21000024ff000001".
[[nodiscard]] std::string text(const transport_id& id);

} // namespace sgpr
