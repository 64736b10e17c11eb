// SPDX-License-Identifier: Apache-2.0
#include "sgpr/commands.hpp"

#include "sgpr/path.hpp"
#include "sgpr/src/big_endian.hpp"
#include "sgpr/src/malformed.hpp"

#include <utility>

namespace sgpr {
namespace {

failure invalid() {
    return {.code = errc::invalid};
}

constexpr std::uint8_t forced_bit = 0x08; // FUA, byte 1 of READ and WRITE

/// READ and WRITE (10) and (16), SBC-3 5.10, 5.11, 5.32, 5.34.
descriptor_block transfer_10(std::uint8_t code, std::uint32_t block, std::uint16_t blocks,
                             unit_access access) {
    descriptor_block cdb(code, 10);
    cdb.put(1, access == unit_access::forced ? forced_bit : 0);
    return cdb.put(2, block, 4).put(7, blocks, 2);
}

descriptor_block transfer_16(std::uint8_t code, std::uint64_t block, std::uint32_t blocks,
                             unit_access access) {
    descriptor_block cdb(code, 16);
    cdb.put(1, access == unit_access::forced ? forced_bit : 0);
    return cdb.put(2, block, 8).put(10, blocks, 4);
}

command without_data(descriptor_block cdb) {
    command what;
    what.cdb = cdb;
    return what;
}

command reading(descriptor_block cdb, std::uint32_t length) {
    auto what = without_data(cdb);
    what.data_in_length = length;
    return what;
}

command writing(descriptor_block cdb, bytes data) {
    auto what = without_data(cdb);
    what.data_out = std::move(data);
    return what;
}

bool sane(std::uint32_t block_size) {
    return block_size >= 512 && block_size <= 65536 && (block_size & (block_size - 1)) == 0;
}

bool reached_by_10(std::uint64_t block, std::uint32_t blocks) {
    return blocks <= 0xffff && block <= 0xffffffffU && block + blocks <= 0x100000000U;
}

/// Whole blocks inside the unit and inside what one command may move.
bool fits(const capacity& size, std::uint64_t block, std::uint64_t blocks) {
    return sane(size.block_size) && blocks > 0 && blocks <= max_transfer_bytes / size.block_size &&
           block < size.blocks && blocks <= size.blocks - block;
}

bool lacking(const failure& what) {
    return what.code == errc::unsupported;
}

/// Invalid field in CDB: with FUA set, that it is.
bool refuses_field(const result<bytes>& got) {
    return !got && got.error().code == errc::invalid && got.error().sense.is(0x24, 0x00);
}

result<void> without_answer(const result<bytes>& got) {
    return got ? result<void>() : result<void>(got.error());
}

} // namespace

command test_unit_ready_command() {
    return without_data(descriptor_block(0x00, 6));
}

command inquiry_command(std::uint16_t allocation) {
    return reading(descriptor_block(0x12, 6).put(3, allocation, 2), allocation);
}

command vital_product_command(std::uint8_t page, std::uint16_t allocation) {
    return reading(descriptor_block(0x12, 6).put(1, 1).put(2, page).put(3, allocation, 2),
                   allocation);
}

command read_capacity_10_command() {
    return reading(descriptor_block(0x25, 10), 8);
}

command read_capacity_16_command() {
    return reading(descriptor_block(0x9e, 16).put(1, 0x10).put(10, 32, 4), 32);
}

command report_luns_command(std::uint32_t allocation) {
    return reading(descriptor_block(0xa0, 12).put(6, allocation, 4), allocation);
}

command mode_sense_6_command(std::uint8_t page, std::uint8_t allocation) {
    return reading(descriptor_block(0x1a, 6).put(2, page).put(4, allocation), allocation);
}

command mode_sense_10_command(std::uint8_t page, std::uint16_t allocation) {
    return reading(descriptor_block(0x5a, 10).put(2, page).put(7, allocation, 2), allocation);
}

command synchronize_cache_10_command() {
    return without_data(descriptor_block(0x35, 10));
}
command synchronize_cache_16_command() {
    return without_data(descriptor_block(0x91, 16));
}

command read_10_command(std::uint32_t block, std::uint16_t blocks, std::uint32_t bytes_wanted,
                        unit_access access) {
    return reading(transfer_10(0x28, block, blocks, access), bytes_wanted);
}

command read_16_command(std::uint64_t block, std::uint32_t blocks, std::uint32_t bytes_wanted,
                        unit_access access) {
    return reading(transfer_16(0x88, block, blocks, access), bytes_wanted);
}

command write_10_command(std::uint32_t block, std::uint16_t blocks, bytes data,
                         unit_access access) {
    return writing(transfer_10(0x2a, block, blocks, access), std::move(data));
}

command write_16_command(std::uint64_t block, std::uint32_t blocks, bytes data,
                         unit_access access) {
    return writing(transfer_16(0x8a, block, blocks, access), std::move(data));
}

result<inquiry_data> parse_inquiry(byte_view raw) {
    // 36 bytes are mandatory, and the additional length must cover them.
    if (raw.size() < 36 || raw[4] < 31) {
        return malformed();
    }
    return inquiry_data{
        .qualifier = static_cast<std::uint8_t>(raw[0] >> 5),
        .device_type = static_cast<std::uint8_t>(raw[0] & 0x1f),
        .removable = (raw[1] & 0x80) != 0,
        .version = raw[2],
        .target_port_groups = static_cast<std::uint8_t>((raw[5] >> 4) & 3),
        .vendor = device_text(part(raw, 8, 8)),
        .product = device_text(part(raw, 16, 16)),
        .revision = device_text(part(raw, 32, 4)),
    };
}

result<capacity> parse_capacity_10(byte_view raw) {
    if (raw.size() < 8 || !sane(u32(raw, 4))) {
        return malformed();
    }
    if (u32(raw, 0) == 0xffffffffU) {
        return failure{.code = errc::unsupported};
    }
    return capacity{.blocks = std::uint64_t{u32(raw, 0)} + 1, .block_size = u32(raw, 4)};
}

result<capacity> parse_capacity_16(byte_view raw) {
    if (raw.size() < 12 || !sane(u32(raw, 8)) || u64(raw, 0) == UINT64_MAX) {
        return malformed();
    }
    return capacity{
        .blocks = u64(raw, 0) + 1, .block_size = u32(raw, 8), .thin = (u8(raw, 14) & 0x80) != 0};
}

result<std::vector<lun_address>> parse_luns(byte_view raw) {
    if (raw.size() < 8 || u32(raw, 0) % 8 != 0) {
        return malformed();
    }
    const auto list = part(raw, 8, u32(raw, 0));
    std::vector<lun_address> all;
    for (std::size_t at = 0; at + 8 <= list.size() && all.size() < max_luns; at += 8) {
        all.push_back(u64(list, at));
    }
    return all;
}

result<void> test_unit_ready(path& on) {
    return without_answer(on.execute(test_unit_ready_command()));
}

result<inquiry_data> read_inquiry(path& on) {
    const auto got = on.execute(inquiry_command(96));
    return got ? parse_inquiry(*got) : got.error();
}

result<capacity> read_capacity(path& on) {
    const auto got = on.execute(read_capacity_16_command());
    if (got) {
        return parse_capacity_16(*got);
    }
    // Devices before SBC-2 know neither the command nor, some of them, how to refuse it.
    if (!lacking(got.error()) && got.error().code != errc::invalid) {
        return got.error();
    }
    const auto small = on.execute(read_capacity_10_command());
    return small ? parse_capacity_10(*small) : small.error();
}

result<std::vector<lun_address>> report_luns(path& on) {
    const auto got = on.execute(report_luns_command(8 + 8 * max_luns));
    return got ? parse_luns(*got) : got.error();
}

result<void> synchronize_cache(path& on) {
    // What is cached may take long to write.
    constexpr std::chrono::seconds enough{60};
    auto what = synchronize_cache_10_command();
    what.timeout = enough;
    auto got = on.execute(what);
    if (!got && lacking(got.error())) {
        what = synchronize_cache_16_command();
        what.timeout = enough;
        got = on.execute(what);
    }
    return without_answer(got);
}

result<bytes> read_blocks(path& on, const capacity& size, std::uint64_t block, std::uint32_t blocks,
                          unit_access access) {
    if (!fits(size, block, blocks)) {
        return invalid();
    }
    const auto wanted = blocks * size.block_size;
    const auto read = [&](unit_access how) {
        return on.execute(reached_by_10(block, blocks)
                              ? read_10_command(static_cast<std::uint32_t>(block),
                                                static_cast<std::uint16_t>(blocks), wanted, how)
                              : read_16_command(block, blocks, wanted, how));
    };
    auto got = read(access);
    if (access == unit_access::forced && refuses_field(got)) {
        got = read(unit_access::cached);
    }
    if (got && got->size() != wanted) {
        return malformed();
    }
    return got;
}

result<void> write_blocks(path& on, const capacity& size, std::uint64_t block, byte_view data,
                          unit_access access) {
    if (size.block_size == 0 || data.size() % size.block_size != 0 ||
        !fits(size, block, data.size() / size.block_size)) {
        return invalid();
    }
    const auto blocks = static_cast<std::uint32_t>(data.size() / size.block_size);
    const auto write = [&](unit_access how) {
        bytes copy(data.begin(), data.end());
        return on.execute(reached_by_10(block, blocks)
                              ? write_10_command(static_cast<std::uint32_t>(block),
                                                 static_cast<std::uint16_t>(blocks),
                                                 std::move(copy), how)
                              : write_16_command(block, blocks, std::move(copy), how));
    };
    const auto got = write(access);
    if (access == unit_access::cached || !refuses_field(got)) {
        return without_answer(got);
    }
    const auto plain = write(unit_access::cached);
    if (!plain) {
        return plain.error();
    }
    const auto flushed = synchronize_cache(on);
    // Without that command there is no cache.
    return !flushed && lacking(flushed.error()) ? result<void>() : flushed;
}

} // namespace sgpr
