// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_wal.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <fstream>
#include <span>
#include <vector>

namespace bridge::registry {

namespace {

constexpr std::size_t header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::uint32_t magic = 0x377f0682; ///< the lowest bit: check sums over big-endian words
constexpr std::uint32_t smallest_page = 512, largest_page = 65536;
/// What a disk writes whole or not at all.
constexpr std::size_t sector_bytes = 512;

using check_sums = std::array<std::uint32_t, 2>;

std::uint32_t big_endian(const std::uint8_t* at) {
    return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
           at[3];
}

std::uint32_t little_endian(const std::uint8_t* at) {
    return std::uint32_t{at[3]} << 24 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[1]} << 8 |
           at[0];
}

check_sums extend(check_sums sums, std::span<const std::uint8_t> bytes, bool big) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        const auto* word = bytes.data() + at;
        sums[0] += (big ? big_endian(word) : little_endian(word)) + sums[1];
        sums[1] += (big ? big_endian(word + 4) : little_endian(word + 4)) + sums[0];
    }
    return sums;
}

check_sums stored(const std::uint8_t* at) {
    return {big_endian(at), big_endian(at + 4)};
}

struct wal_header {
    bool big = false;
    std::uint32_t page = 0;
    std::array<std::uint32_t, 2> salts{};
    check_sums sums{};
};

std::optional<wal_header> parse(const std::array<std::uint8_t, header_bytes>& bytes) {
    wal_header out;
    const auto found = big_endian(bytes.data());
    out.big = (found & 1) != 0;
    out.page = big_endian(&bytes[8]);
    out.salts = {big_endian(&bytes[16]), big_endian(&bytes[20])};
    out.sums = extend({0, 0}, std::span(bytes).first(24), out.big);
    if ((found & ~1U) != magic || !std::has_single_bit(out.page) || out.page < smallest_page ||
        out.page > largest_page || out.sums != stored(&bytes[24]))
        return std::nullopt;
    return out;
}

/// Follows the frames. One that verifies from the sum that its predecessor stores was written
/// behind it; when that ended a transaction, the transaction was durable by then and nothing up to
/// it may be broken. Sums that do not continue their predecessor's are remains of a transaction
/// that was given up.
class frame_check {
public:
    explicit frame_check(const wal_header& header) : header_(header), sums_(header.sums) {}

    /// False: this frame was written when an earlier one, broken now, was durable.
    bool next(std::span<const std::uint8_t> frame, std::size_t offset) {
        const bool current =
            big_endian(&frame[8]) == header_.salts[0] && big_endian(&frame[12]) == header_.salts[1];
        auto sums = extend(sums_, frame.first(8), header_.big);
        sums = extend(sums, frame.subspan(frame_header_bytes), header_.big);
        sums_ = stored(&frame[16]);
        const bool intact = current && sums == sums_;
        if (intact && broken_ && committed_)
            return false;
        broken_ = broken_ || !intact;
        // A header within one sector is the old one or the new one, never a mixture.
        const bool whole =
            offset / sector_bytes == (offset + frame_header_bytes - 1) / sector_bytes;
        committed_ = current && (intact || whole) && big_endian(&frame[4]) != 0;
        return true;
    }

private:
    wal_header header_;
    check_sums sums_;
    bool broken_ = false;
    bool committed_ = false; ///< the last frame ended a transaction
};

} // namespace

std::optional<std::string> wal_damage(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return wal_damage(file);
}

std::optional<std::string> wal_damage(std::istream& file) {
    std::array<std::uint8_t, header_bytes> first{};
    if (!file.read(reinterpret_cast<char*>(first.data()), header_bytes))
        return std::nullopt;
    const auto header = parse(first);
    if (!header) {
        // The header is synchronised before the first frame is written.
        std::array<char, frame_header_bytes + smallest_page> frame{};
        if (!file.read(frame.data(), frame.size()))
            return std::nullopt;
        return "the header of the write-ahead log is wrong";
    }
    frame_check check(*header);
    std::vector<std::uint8_t> frame(frame_header_bytes + header->page);
    std::size_t offset = header_bytes;
    for (std::size_t number = 1; file.read(reinterpret_cast<char*>(frame.data()),
                                           static_cast<std::streamsize>(frame.size()));
         ++number, offset += frame.size())
        if (!check.next(frame, offset))
            return "the write-ahead log has a wrong frame before frame " + std::to_string(number) +
                   ", which was written later";
    return std::nullopt;
}

} // namespace bridge::registry
