// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace bridge::dcerpc {

/// What a verification trailer (MS-RPCE 2.2.2.13) is compared with: what this side understood of
/// the request.
struct verification_facts {
    bool big_endian = false;
    bool header_signing = false;
    syntax_id abstract;
    syntax_id transfer;
    std::uint32_t call_id = 0;
    std::uint16_t context_id = 0;
    std::uint16_t opnum = 0;
};

/// Outcome of the search for a verification trailer at the end of a protected stub.
struct verification_result {
    enum class verdict : std::uint8_t { absent, matches, contradicts };
    verdict found = verdict::absent;
    std::size_t stub_length = 0; ///< of the stub without the trailer and its alignment
};

/// Looks for the trailer in the last 1,024 bytes of `stub`, at multiples of 4. It contradicts when
/// it is malformed, when a command says other than `facts`, or when it holds an unknown command
/// that must be processed.
verification_result check_verification_trailer(std::span<const std::byte> stub,
                                               const verification_facts& facts);

} // namespace bridge::dcerpc
