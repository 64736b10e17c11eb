// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/partition_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace sgpr::validate {
namespace {

constexpr std::size_t table_bytes = 34U * 512U;
constexpr std::size_t mbr_entries = 446;
constexpr std::size_t mbr_signature = 440;
constexpr std::size_t max_gpt_entries = 128;

/// GPT and MBR are little-endian. Bytes that are not there are 0.
std::uint64_t little(byte_view raw, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        const std::uint64_t byte = at + i < raw.size() ? raw[at + i] : 0;
        value |= byte << (8 * i);
    }
    return value;
}

template <class... Values>
std::string formatted(const char* pattern, Values... values) {
    std::array<char, 64> room{};
    const auto size = std::snprintf(room.data(), room.size(), pattern, values...);
    return {room.data(), static_cast<std::size_t>(std::clamp(size, 0, 63))};
}

std::string guid(byte_view raw, std::size_t at) {
    const auto part = [&](std::size_t offset, std::size_t width) {
        return static_cast<unsigned long long>(little(raw, at + offset, width));
    };
    auto said = formatted("%08llx-%04llx-%04llx-", part(0, 4), part(4, 2), part(6, 2));
    for (std::size_t i = 8; i < 16; ++i) {
        said += formatted("%02llx", part(i, 1));
        said += i == 9 ? "-" : "";
    }
    return said;
}

/// The end of a gap that begins at `first`: before the lowest partition, inside of the disk.
extent gap_before(std::uint64_t first, std::uint64_t lowest, std::uint64_t blocks) {
    const auto end = std::min<std::uint64_t>({lowest, blocks, first + 2048});
    return end > first ? extent{first, end - 1} : extent{1, 0};
}

partition_table read_gpt(byte_view head, std::uint32_t block_size, std::uint64_t blocks) {
    partition_table found{.style = partition_style::gpt, .signature = guid(head, block_size + 56U)};
    const auto entries_at = little(head, block_size + 72U, 8);
    const auto told = little(head, block_size + 80U, 4);
    const auto count = std::min<std::uint64_t>(told, max_gpt_entries);
    const auto size = little(head, block_size + 84U, 4);
    const auto first_usable = little(head, block_size + 40U, 8);
    if (entries_at != 2 || size < 128 || size > 512 || first_usable < 3) {
        return found; // nothing that anyone makes: no gap is known
    }
    std::uint64_t lowest = blocks > 34 ? blocks - 34 : 0; // the backup is at the end
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(2ULL * block_size + i * size);
        const auto begin = little(head, at + 32, 8);
        const bool used = little(head, at, 8) != 0 || little(head, at + 8, 8) != 0;
        lowest = used ? std::min(lowest, begin) : lowest;
    }
    // Tools align the first usable block to 2048; what is free begins behind the entries.
    const auto entries_end = entries_at + (told * size + block_size - 1) / block_size;
    found.gap = gap_before(entries_end, lowest, blocks);
    return found;
}

partition_table read_mbr(byte_view head, std::uint64_t blocks) {
    partition_table found{.style = partition_style::mbr};
    found.signature =
        formatted("%08llx", static_cast<unsigned long long>(little(head, mbr_signature, 4)));
    std::uint64_t lowest = blocks;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto at = mbr_entries + 16 * i;
        if (little(head, at + 4, 1) != 0) {
            lowest = std::min(lowest, little(head, at + 8, 4));
        }
    }
    found.gap = gap_before(1, lowest, blocks);
    return found;
}

} // namespace

std::string text(partition_style style) {
    switch (style) {
    case partition_style::mbr:
        return "MBR";
    case partition_style::gpt:
        return "GPT";
    case partition_style::raw:
        break;
    }
    return "RAW";
}

std::uint32_t table_blocks(std::uint32_t block_size) {
    const auto wanted = std::max<std::size_t>(table_bytes, 6ULL * block_size);
    return static_cast<std::uint32_t>((wanted + block_size - 1) / block_size);
}

partition_table read_table(byte_view head, std::uint32_t block_size, std::uint64_t blocks) {
    constexpr std::string_view gpt = "EFI PART";
    const auto header = head.subspan(std::min<std::size_t>(block_size, head.size()));
    if (header.size() >= gpt.size() && std::equal(gpt.begin(), gpt.end(), header.begin())) {
        return read_gpt(head, block_size, blocks);
    }
    const bool marked = head.size() >= 512 && head[510] == 0x55 && head[511] == 0xaa;
    bool entries = false; // the boot sector of a FAT or NTFS without partitions has the mark too
    bool sane = true;
    for (std::size_t i = 0; i < 4 && marked; ++i) {
        const auto at = mbr_entries + 16 * i;
        entries = entries || little(head, at + 4, 1) != 0;
        sane = sane && (head[at] == 0 || head[at] == 0x80);
    }
    const bool labelled = marked && little(head, mbr_signature, 4) != 0;
    if (marked && sane && (entries || labelled)) {
        return read_mbr(head, blocks);
    }
    partition_table found;
    found.gap = gap_before(34, blocks, blocks);
    return found;
}

} // namespace sgpr::validate
