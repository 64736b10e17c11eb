// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace bridge::dcerpc {

/// Reads fixed-size fields in the sender's byte order without alignment. Reading past the end
/// yields zeros and clears `good`; callers check once at the end.
class wire_cursor {
public:
    wire_cursor(std::span<const std::byte> bytes, bool big_endian)
        : bytes_(bytes), big_endian_(big_endian) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] std::size_t left() const { return bytes_.size(); }

    std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(take(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(take(4)); }

    void skip(std::size_t count) {
        if (count > bytes_.size()) {
            fail();
        } else {
            bytes_ = bytes_.subspan(count);
        }
    }

    win32::guid uuid() {
        win32::guid value;
        value.data1 = u32();
        value.data2 = u16();
        value.data3 = u16();
        for (auto& octet : value.data4) {
            octet = u8();
        }
        return value;
    }

    /// p_syntax_id_t: UUID and a version whose low half is the major number.
    syntax_id syntax() {
        syntax_id value;
        value.uuid = uuid();
        const std::uint32_t version = u32();
        value.major_version = static_cast<std::uint16_t>(version & 0xffffU);
        value.minor_version = static_cast<std::uint16_t>(version >> 16U);
        return value;
    }

private:
    std::uint64_t take(std::size_t width) {
        if (width > bytes_.size()) {
            fail();
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i) {
            const std::size_t place = big_endian_ ? i : width - 1 - i;
            value = (value << 8U) | std::to_integer<std::uint64_t>(bytes_[place]);
        }
        bytes_ = bytes_.subspan(width);
        return value;
    }
    void fail() {
        good_ = false;
        bytes_ = {};
    }

    std::span<const std::byte> bytes_;
    bool big_endian_;
    bool good_ = true;
};

} // namespace bridge::dcerpc
