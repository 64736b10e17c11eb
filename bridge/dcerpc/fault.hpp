// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bridge::dcerpc {

/// Status of a fault PDU (C706 appendix E, MS-RPCE 2.2.2.x). Unknown values survive decoding.
enum class fault : std::uint32_t {
    none = 0,
    access_denied = 0x00000005,
    no_call_active = 0x000006bd,
    cannot_perform = 0x000006d8,
    bad_stub_data = 0x000006f7,
    sec_pkg_error = 0x00000721,
    op_range = 0x1c010002,
    unknown_interface = 0x1c010003,
    protocol_error = 0x1c01000b,
    server_too_busy = 0x1c010014,
    cancelled = 0x1c00000d,
    unspecified = 0x1c000012,
    context_mismatch = 0x1c00001a,
    remote_no_memory = 0x1c00001b,
};

} // namespace bridge::dcerpc
