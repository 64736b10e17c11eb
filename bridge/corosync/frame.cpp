// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/frame.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace bridge::corosync {

namespace {

constexpr std::uint32_t magic = 0x42534C43; // "CLSB"
constexpr std::uint16_t version = 1;

std::uint32_t check_sum(std::uint16_t on, std::span<const std::byte> body) {
    const std::array channel{static_cast<Bytef>(on & 0xFF), static_cast<Bytef>(on >> 8)};
    const uLong sum = crc32_z(0, channel.data(), channel.size());
    if (body.empty()) // no address at all would begin the sum anew
        return static_cast<std::uint32_t>(sum);
    return static_cast<std::uint32_t>(
        crc32_z(sum, reinterpret_cast<const Bytef*>(body.data()), body.size()));
}

} // namespace

std::vector<std::byte> make_frame(ports::channel on, std::span<const std::byte> body) {
    if (body.size() > max_frame_bytes - frame_header_bytes)
        return {};
    byte_writer w;
    w.u32(magic);
    w.u16(version);
    w.u16(static_cast<std::uint16_t>(on));
    w.u32(static_cast<std::uint32_t>(body.size()));
    w.u32(check_sum(static_cast<std::uint16_t>(on), body));
    w.u32(0);
    w.bytes(body);
    return w.take();
}

std::optional<frame> parse_frame(std::span<const std::byte> bytes) {
    if (bytes.size() < frame_header_bytes || bytes.size() > max_frame_bytes)
        return std::nullopt;
    byte_reader r(bytes);
    const std::uint32_t found_magic = r.u32();
    const std::uint16_t found_version = r.u16();
    const std::uint16_t on = r.u16();
    const std::uint32_t size = r.u32();
    const std::uint32_t sum = r.u32();
    const auto body = bytes.subspan(frame_header_bytes);
    if (found_magic != magic || found_version != version || size != body.size() ||
        sum != check_sum(on, body))
        return std::nullopt;
    return frame{static_cast<ports::channel>(on), body};
}

void byte_writer::u8(std::uint8_t value) {
    bytes_.push_back(static_cast<std::byte>(value));
}

void byte_writer::u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value & 0xFF));
    u8(static_cast<std::uint8_t>(value >> 8));
}

void byte_writer::u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value & 0xFFFF));
    u16(static_cast<std::uint16_t>(value >> 16));
}

void byte_writer::u64(std::uint64_t value) {
    u32(static_cast<std::uint32_t>(value & 0xFFFFFFFF));
    u32(static_cast<std::uint32_t>(value >> 32));
}

void byte_writer::bytes(std::span<const std::byte> value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
}

void byte_writer::text(std::string_view value) {
    value = value.substr(0, 0xFFFF);
    u16(static_cast<std::uint16_t>(value.size()));
    for (const char c : value)
        u8(static_cast<std::uint8_t>(c));
}

std::uint32_t byte_reader::number(std::size_t size) {
    if (!ok_ || bytes_.size() < size) {
        ok_ = false;
        bytes_ = {};
        return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value |= std::to_integer<std::uint32_t>(bytes_[i]) << (8 * i);
    bytes_ = bytes_.subspan(size);
    return value;
}

std::uint8_t byte_reader::u8() {
    return static_cast<std::uint8_t>(number(1));
}
std::uint16_t byte_reader::u16() {
    return static_cast<std::uint16_t>(number(2));
}
std::uint32_t byte_reader::u32() {
    return number(4);
}

std::uint64_t byte_reader::u64() {
    const std::uint64_t low = u32();
    return low | static_cast<std::uint64_t>(u32()) << 32;
}

std::span<const std::byte> byte_reader::rest() {
    return std::exchange(bytes_, {});
}

std::string byte_reader::text(std::size_t limit) {
    const std::size_t size = u16();
    if (!ok_ || size > limit || size > bytes_.size()) {
        ok_ = false;
        return {};
    }
    std::string value(size, '\0');
    std::transform(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size),
                   value.begin(), [](std::byte b) { return static_cast<char>(b); });
    bytes_ = bytes_.subspan(size);
    return value;
}

} // namespace bridge::corosync
