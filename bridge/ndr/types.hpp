// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/guid.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bridge::ndr {

/// Transfer syntax of a stub: NDR 2.0 (C706 chapter 14) or NDR64 (MS-RPCE 2.2.5).
enum class syntax : std::uint8_t { ndr, ndr64 };

/// Byte order of a received stub (data representation label, C706 14.1). Stubs are always sent
/// little-endian.
enum class byte_order : std::uint8_t { little, big };

/// Why a stub was refused, or could not be made. The RPC runtime answers bad_stub_data for all of
/// them.
enum class errc : std::uint8_t {
    none,
    truncated,          ///< the stub ends inside a value
    count_exceeds_data, ///< an array announces more elements than bytes are left
    count_mismatch,     ///< conformance or length differs from its size_is or length_is expression
    nonzero_offset,     ///< a varying array does not start at its first element
    length_exceeds_count, ///< a varying array has more elements than its conformance
    unterminated_string,  ///< no NUL at the end of a string's actual count
    null_reference,       ///< a pointer that must not be null is null
    null_with_count,      ///< a null pointer to an array whose size_is expression is not 0
    union_tag_mismatch,   ///< the tag on the wire differs from the switch_is expression
    unknown_union_arm,    ///< no case for the tag and no default
    out_of_range,         ///< outside a [range], or not representable in this transfer syntax
    too_deep,             ///< more nested pointers than max_depth
    too_many_referents,   ///< more full pointers than max_referents
    bad_referent,         ///< two full pointers of different types share a referent
    too_large,            ///< the encoded stub would exceed max_stub_bytes
};

/// Text of an error for logs: "count_mismatch".
std::string_view to_string(errc code);

/// Nested pointees of a recursive type in a received stub.
inline constexpr unsigned max_depth = 32;
/// Distinct full pointers in one stub.
inline constexpr std::size_t max_referents = 1024;
/// Largest stub that a writer makes, in bytes.
inline constexpr std::size_t max_stub_bytes = std::size_t{256} << 20;

/// What [out] arrays that a request sizes may take at most when a response is prepared, in bytes.
inline constexpr std::size_t max_prepared_bytes = std::size_t{16} << 20;

/// A context handle on the wire (C706 chapter 14): 20 bytes in both syntaxes; all zero is the null
/// handle.
struct context_handle {
    std::uint32_t attributes = 0;
    win32::guid uuid;

    bool operator==(const context_handle&) const = default;
    [[nodiscard]] bool is_null() const { return attributes == 0 && uuid.is_null(); }
};

} // namespace bridge::ndr
