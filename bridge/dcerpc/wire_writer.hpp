// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/guid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bridge::dcerpc {

/// Appends fixed-size fields to a buffer, little-endian and without alignment: the mirror of
/// `wire_cursor`.
class wire_writer {
public:
    /// `out` is kept.
    explicit wire_writer(std::vector<std::byte>& out) : out_(out) {}

    void u8(std::uint8_t value) { out_.push_back(std::byte{value}); }
    void u16(std::uint16_t value) {
        u8(static_cast<std::uint8_t>(value & 0xffU));
        u8(static_cast<std::uint8_t>(value >> 8U));
    }
    void u32(std::uint32_t value) {
        u16(static_cast<std::uint16_t>(value & 0xffffU));
        u16(static_cast<std::uint16_t>(value >> 16U));
    }
    void zeros(std::size_t count) { out_.insert(out_.end(), count, std::byte{0}); }
    void bytes(std::span<const std::byte> value) {
        out_.insert(out_.end(), value.begin(), value.end());
    }
    void uuid(const win32::guid& value) {
        u32(value.data1);
        u16(value.data2);
        u16(value.data3);
        for (const auto octet : value.data4) {
            u8(octet);
        }
    }

protected:
    std::vector<std::byte>& out_;
};

} // namespace bridge::dcerpc
