// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/peers.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Bytes between the daemons of a cluster. Whoever can join the group can send anything: everything
/// is bounded, checked and versioned. Little-endian.
namespace bridge::corosync {

/// CPG itself carries at most 1,047,552 bytes; it would cut a larger one into parts and lose them
/// when the membership changes in between.
inline constexpr std::size_t max_frame_bytes = 960U << 10;
inline constexpr std::size_t frame_header_bytes = 20;

/// Header: magic u32, version u16, channel u16 (unknown ones are skipped by the receiver), body
/// bytes u32, CRC-32 of channel and body u32, reserved u32.
struct frame {
    ports::channel on{};
    std::span<const std::byte> body; ///< points into the parsed bytes
};

/// `body` with a header; at most max_frame_bytes, else empty.
std::vector<std::byte> make_frame(ports::channel on, std::span<const std::byte> body);

/// nullopt: no frame, another version, wrong length, wrong check sum.
std::optional<frame> parse_frame(std::span<const std::byte> bytes);

/// Appends little-endian numbers and short strings.
class byte_writer {
public:
    void u8(std::uint8_t value);
    void u16(std::uint16_t value);
    void u32(std::uint32_t value);
    void u64(std::uint64_t value);
    void bytes(std::span<const std::byte> value);
    /// Length u16, bytes; cut at 65535.
    void text(std::string_view value);
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Reads the same. After the first error everything reads as zero and ok() is false.
class byte_reader {
public:
    explicit byte_reader(std::span<const std::byte> bytes) : bytes_(bytes) {}
    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::uint64_t u64();
    /// Everything that is left.
    std::span<const std::byte> rest();
    /// Fails when longer than `limit`.
    std::string text(std::size_t limit);
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }
    void fail() { ok_ = false; }

private:
    std::uint32_t number(std::size_t size);

    std::span<const std::byte> bytes_;
    bool ok_ = true;
};

} // namespace bridge::corosync
