// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bridge::dcerpc {

/// Status of a fault PDU (C706 appendix E, MS-RPCE 2.2.2.x). Unknown values survive decoding.
enum class fault : std::uint32_t {
    none = 0,
    access_denied = 0x00000005,
    bad_stub_data = 0x000006f7,
    sec_pkg_error = 0x00000721,
    op_range = 0x1c010002,
    unknown_interface = 0x1c010003,
    protocol_error = 0x1c01000b,
    cancelled = 0x1c00000d,
    context_mismatch = 0x1c00001a,
    remote_no_memory = 0x1c00001b,
    unspecified = 0x1c000012,
};

} // namespace bridge::dcerpc
