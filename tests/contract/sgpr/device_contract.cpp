// SPDX-License-Identifier: Apache-2.0
// What a disk is, on every path to it.
#include "sgpr/mode.hpp"
#include "sgpr/vpd.hpp"
#include "tests/contract/sgpr/fixture.hpp"

#include <algorithm>

namespace contract {
namespace {

using namespace sgpr;

TEST_P(shared_unit, EveryPathNamesTheSameUnit) {
    const auto first = read_designators(a());
    ASSERT_TRUE(first) << text(first.error());
    const auto identity = identity_of(*first);
    ASSERT_TRUE(identity);
    for (auto* all : {&a_, &b_}) {
        for (const auto& one : *all) {
            const auto here = read_designators(*one);
            ASSERT_TRUE(here) << text(here.error());
            EXPECT_EQ(identity_of(*here), identity) << one->name();
        }
    }
}

TEST_P(shared_unit, EveryPathTellsItsTargetPort) {
    for (auto* all : {&a_, &b_}) {
        for (const auto& one : *all) {
            const auto port = one->target_port();
            ASSERT_TRUE(port) << text(port.error());
            EXPECT_EQ(port->has_value(), !has(deviation::no_target_port)) << one->name();
        }
    }
}

TEST_P(shared_unit, TheTwoInitiatorsHaveDifferentTransportIds) {
    ASSERT_TRUE(a().initiator());
    ASSERT_TRUE(b().initiator());
    EXPECT_NE(text(*a().initiator()), text(*b().initiator()));
}

TEST_P(shared_unit, InquirySaysThatItIsADisk) {
    const auto got = read_inquiry(a());
    ASSERT_TRUE(got) << text(got.error());
    EXPECT_EQ(got->device_type, 0);
    EXPECT_EQ(got->qualifier, 0);
    EXPECT_FALSE(got->removable);
    EXPECT_FALSE(got->vendor.empty());
}

TEST_P(shared_unit, EverySupportedPageCanBeRead) {
    const auto pages = read_supported_pages(a());
    ASSERT_TRUE(pages) << text(pages.error());
    EXPECT_TRUE(std::count(pages->begin(), pages->end(), 0x83));
    for (const auto page : *pages) {
        const auto got = read_vital_product(a(), page);
        EXPECT_TRUE(got) << static_cast<int>(page) << ' ' << text(got.error());
    }
}

TEST_P(shared_unit, ItsSerialNumberIsNotEmpty) {
    const auto serial = read_unit_serial(a());
    ASSERT_TRUE(serial) << text(serial.error());
    EXPECT_FALSE(serial->empty());
}

TEST_P(shared_unit, BlockPagesAreUnderstood) {
    for (const auto page : {0xb0, 0xb1, 0xb2}) {
        const auto raw = read_vital_product(a(), static_cast<std::uint8_t>(page));
        if (!raw) {
            EXPECT_EQ(raw.error().code, errc::unsupported);
            continue;
        }
        EXPECT_EQ(page == 0xb0   ? code(parse_block_limits(*raw))
                  : page == 0xb1 ? code(parse_block_characteristics(*raw))
                                 : code(parse_provisioning(*raw)),
                  good);
    }
}

TEST_P(shared_unit, APageThatIsNotThereIsUnsupported) {
    EXPECT_EQ(code(read_vital_product(a(), 0xdf)), errc::unsupported);
}

TEST_P(shared_unit, AnUnknownOperationIsUnsupported) {
    command what;
    what.cdb = descriptor_block(0xff, 16);
    EXPECT_EQ(code(a().execute(what)), errc::unsupported);
}

TEST_P(shared_unit, EveryPathShowsTheSameCapacity) {
    for (auto* all : {&a_, &b_}) {
        for (const auto& one : *all) {
            const auto big = read_capacity(*one);
            ASSERT_TRUE(big) << text(big.error());
            EXPECT_EQ(big->blocks, size_.blocks);
            const auto raw = one->execute(read_capacity_10_command());
            ASSERT_TRUE(raw) << text(raw.error());
            const auto small = parse_capacity_10(*raw);
            ASSERT_TRUE(small) << text(small.error());
            EXPECT_EQ(small->blocks, size_.blocks);
            EXPECT_EQ(small->block_size, size_.block_size);
        }
    }
}

TEST_P(shared_unit, ItIsListedAmongTheUnits) {
    const auto units = report_luns(a());
    ASSERT_TRUE(units) << text(units.error());
    EXPECT_FALSE(units->empty());
}

TEST_P(shared_unit, WhatOneInitiatorWritesTheOtherReads) {
    bytes data(4 * size_.block_size);
    for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = static_cast<std::uint8_t>(i * 7 + i / size_.block_size);
    }
    ASSERT_EQ(code(write_blocks(a(), size_, 20, data, unit_access::forced)), good);
    EXPECT_EQ(code(synchronize_cache(a())), good);
    const auto got = read_blocks(b(), size_, 20, 4);
    ASSERT_TRUE(got) << text(got.error());
    EXPECT_EQ(*got, data);
}

TEST_P(shared_unit, LongAndShortCommandsReachTheSameBlocks) {
    const bytes data(size_.block_size, 0xc3);
    ASSERT_EQ(code(a().execute(write_16_command(30, 1, data))), good);
    const auto small = b().execute(read_10_command(30, 1, size_.block_size));
    ASSERT_TRUE(small) << text(small.error());
    EXPECT_EQ(*small, data);
    const auto big = b().execute(read_16_command(30, 1, size_.block_size));
    ASSERT_TRUE(big) << text(big.error());
    EXPECT_EQ(*big, data);
}

TEST_P(shared_unit, NothingIsReadPastTheEnd) {
    const auto got = a().execute(read_16_command(size_.blocks, 1, size_.block_size));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::invalid);
    EXPECT_TRUE(got.error().sense.is(0x21, 0x00)) << text(got.error());
}

TEST_P(shared_unit, ItIsNotWriteProtected) {
    const auto mode = read_mode(a());
    ASSERT_TRUE(mode) << text(mode.error());
    EXPECT_FALSE(mode->write_protected);
    EXPECT_TRUE(mode->write_cache);
}

} // namespace
} // namespace contract
