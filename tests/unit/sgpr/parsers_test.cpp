// SPDX-License-Identifier: Apache-2.0
#include "sgpr/commands.hpp"
#include "sgpr/mode.hpp"
#include "sgpr/vpd.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sgpr;

bytes page83(const bytes& body) {
    bytes raw{0, 0x83, 0, static_cast<std::uint8_t>(body.size())};
    raw.insert(raw.end(), body.begin(), body.end());
    return raw;
}

TEST(Inquiry, IsRead) {
    bytes raw{0x00, 0x80, 0x06, 0x12, 31, 0x30, 0, 0};
    for (const auto* part : {"LIO-ORG ", "disk1           ", "4.0\x01"}) {
        for (const char* c = part; *c != 0; ++c) {
            raw.push_back(static_cast<std::uint8_t>(*c));
        }
    }
    const auto got = parse_inquiry(raw);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->vendor, "LIO-ORG");
    EXPECT_EQ(got->product, "disk1");
    EXPECT_EQ(got->revision, "4.0?");
    EXPECT_EQ(got->target_port_groups, 3);
    EXPECT_EQ(got->version, 6);
    EXPECT_TRUE(got->removable);
    raw.resize(35);
    EXPECT_FALSE(parse_inquiry(raw));
    raw.resize(36);
    raw[4] = 30;
    EXPECT_FALSE(parse_inquiry(raw)) << "a length that ends before the revision";
}

TEST(Capacity, IsTheLastBlockAndOne) {
    const auto small = parse_capacity_10(bytes{0, 0, 0x0f, 0xff, 0, 0, 2, 0});
    ASSERT_TRUE(small);
    EXPECT_EQ(small->blocks, 4096U);
    EXPECT_EQ(small->block_size, 512U);
    bytes raw{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x80, 0};
    const auto big = parse_capacity_16(raw);
    ASSERT_TRUE(big);
    EXPECT_EQ(big->blocks, 0x100000001ULL);
    EXPECT_EQ(big->block_size, 4096U);
    EXPECT_TRUE(big->thin);
}

TEST(Capacity, ThatTheShortCommandCannotSayIsUnsupported) {
    const auto got = parse_capacity_10(bytes{0xff, 0xff, 0xff, 0xff, 0, 0, 2, 0});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::unsupported);
}

TEST(Capacity, OfImpossibleBlocksIsRefused) {
    for (const std::uint8_t size : {0, 1, 3}) {
        EXPECT_FALSE(parse_capacity_10(bytes{0, 0, 0, 9, 0, 0, size, 0}));
    }
    EXPECT_FALSE(
        parse_capacity_16(bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 2, 0}));
    EXPECT_FALSE(parse_capacity_10(bytes(7)));
    EXPECT_FALSE(parse_capacity_16(bytes(11)));
}

TEST(Luns, AreThoseThatArrived) {
    bytes raw{0, 0, 0, 24, 0, 0, 0, 0};
    raw.resize(8 + 20);
    raw[8 + 8 + 1] = 5;
    const auto got = parse_luns(raw);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, (std::vector<lun_address>{0, 0x0005000000000000}));
    EXPECT_FALSE(parse_luns(bytes{0, 0, 0, 7, 0, 0, 0, 0}));
    EXPECT_FALSE(parse_luns(bytes(7)));
}

TEST(Commands, PutTheirFieldsWhereTheyBelong) {
    const auto read = read_16_command(0x0102030405060708, 0x0a0b0c0d, 512, unit_access::forced);
    EXPECT_EQ(bytes(read.cdb.view().begin(), read.cdb.view().end()),
              (bytes{0x88, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0x0b, 0x0c, 0x0d, 0, 0}));
    const auto write = write_10_command(0x01020304, 0x0506, bytes(512));
    EXPECT_EQ(bytes(write.cdb.view().begin(), write.cdb.view().end()),
              (bytes{0x2a, 0, 1, 2, 3, 4, 0, 5, 6, 0}));
    const auto page = vital_product_command(0x83, 0x1234);
    EXPECT_EQ(bytes(page.cdb.view().begin(), page.cdb.view().end()),
              (bytes{0x12, 1, 0x83, 0x12, 0x34, 0}));
    EXPECT_EQ(page.data_in_length, 0x1234U);
}

TEST(Designators, AreReadOneAfterTheOther) {
    const auto got = parse_designators(page83({0x01, 0x03, 0, 8, 0x50, 1, 2,    3,   4, 5, 6, 7, //
                                               0x61, 0x94, 0, 4, 0,    0, 0x12, 0x34}));
    ASSERT_TRUE(got);
    ASSERT_EQ(got->size(), 2U);
    EXPECT_EQ((*got)[0].type, designator_type::naa);
    EXPECT_EQ((*got)[0].of, association::logical_unit);
    EXPECT_FALSE((*got)[0].port_protocol);
    EXPECT_EQ((*got)[1].of, association::target_port);
    EXPECT_EQ((*got)[1].port_protocol, protocol::sas);
    EXPECT_EQ(relative_target_port_of(*got), 0x1234);
    EXPECT_EQ(text(*identity_of(*got)), "naa.5001020304050607");
}

TEST(Designators, ThatReachPastThePageAreRefused) {
    EXPECT_FALSE(parse_designators(page83({0x01, 0x03, 0, 9, 0x50, 1, 2, 3, 4, 5, 6, 7})));
    EXPECT_FALSE(parse_designators(page83({0x01, 0x03, 0})));
    EXPECT_FALSE(parse_designators(bytes{0, 0x83, 0, 4, 1, 3, 0}));
    EXPECT_FALSE(parse_designators(bytes{0, 0x80, 0, 0})) << "another page";
    EXPECT_TRUE(parse_designators(page83({}))->empty());
}

TEST(Designators, AreBounded) {
    bytes raw{0, 0x83, 0x02, 0x00};
    raw.resize(4 + 4 * max_designators);
    EXPECT_EQ(parse_designators(raw)->size(), max_designators);
    raw.resize(raw.size() + 4);
    raw[3] = 4;
    EXPECT_FALSE(parse_designators(raw));
}

TEST(Identity, PrefersTheNameThatIsUniqueInTheWorld) {
    const designator t10{.type = designator_type::t10_vendor, .value = bytes(12, 'x')};
    const designator local{.type = designator_type::naa, .value = bytes{0x30, 0, 0, 0, 0, 0, 0, 1}};
    const designator eui{.type = designator_type::eui_64, .value = bytes(8, 2)};
    const designator naa{.type = designator_type::naa, .value = bytes(8, 0x50)};
    designator naa6{.type = designator_type::naa, .value = bytes(16, 0x60)};
    EXPECT_EQ(identity_of({t10, local})->name, t10);
    EXPECT_EQ(identity_of({t10, eui})->name, eui);
    EXPECT_EQ(identity_of({eui, naa})->name, naa);
    EXPECT_EQ(identity_of({naa, naa6})->name, naa6);
    naa6.of = association::target_port;
    EXPECT_EQ(identity_of({naa6, naa})->name, naa) << "a port's name is not the unit's";
    EXPECT_FALSE(identity_of({local}));
    EXPECT_FALSE(identity_of({}));
}

TEST(Identity, IsTheSameInWhateverOrder) {
    const designator one{.type = designator_type::naa, .value = bytes(16, 0x61)};
    const designator two{.type = designator_type::naa, .value = bytes(16, 0x62)};
    EXPECT_EQ(identity_of({one, two}), identity_of({two, one}));
    auto again = one;
    again.coding = code_set::ascii;
    again.port_protocol = protocol::sas;
    EXPECT_EQ(identity_of({one, again}), identity_of({again, one}));
}

TEST(VitalProductPages, AreReadOrRefused) {
    EXPECT_EQ(*parse_supported_pages(bytes{0, 0, 0, 2, 0x80, 0x83}),
              (std::vector<std::uint8_t>{0x80, 0x83}));
    EXPECT_EQ(*parse_unit_serial(bytes{0, 0x80, 0, 4, ' ', 'a', '\n', ' '}), "a?");
    EXPECT_FALSE(parse_unit_serial(bytes{0, 0x80, 0, 5, 'a'}));
    bytes limits(64);
    limits[1] = 0xb0;
    limits[3] = 60;
    limits[11] = 0x80;
    EXPECT_EQ(parse_block_limits(limits)->max_transfer, 128U);
    EXPECT_FALSE(parse_block_limits(bytes{0, 0xb0, 0, 4, 0, 0, 0, 0}));
    EXPECT_EQ(parse_block_characteristics(bytes{0, 0xb1, 0, 4, 0x1c, 0x20, 0, 3})->rotation_rate,
              7200);
    EXPECT_EQ(parse_provisioning(bytes{0, 0xb2, 0, 4, 1, 0x80, 2, 0})->type, 2);
    EXPECT_FALSE(parse_provisioning(bytes{0, 0xb1, 0, 4, 1, 0x80, 2, 0}));
}

TEST(Mode, FindsWriteProtectionAndTheCachingPage) {
    bytes raw{0,    26,   0,    0x90, 0, 0, 0, 0, 0x01, 2, 0, 0,
              0x08, 0x0a, 0x04, 0,    0, 0, 0, 0, 0,    0, 0, 0};
    const auto got = parse_mode_10(raw);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->write_protected);
    EXPECT_TRUE(got->forced_access);
    EXPECT_EQ(got->write_cache, true);
    EXPECT_EQ(got->read_cache, true);
}

TEST(Mode, SkipsBlockDescriptors) {
    const auto got = parse_mode_6(
        bytes{23, 0, 0, 8, 9, 9, 9, 9, 9, 9, 9, 9, 0x08, 0x0a, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->write_protected);
    EXPECT_EQ(got->write_cache, false);
    EXPECT_EQ(got->read_cache, false);
}

TEST(Mode, WithoutTheCachingPageDoesNotKnow) {
    const auto got = parse_mode_6(bytes{3, 0, 0x80, 0});
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->write_protected);
    EXPECT_FALSE(got->write_cache);
}

TEST(Mode, WithDescriptorsPastItsEndIsRefused) {
    EXPECT_FALSE(parse_mode_6(bytes{3, 0, 0, 8}));
    EXPECT_FALSE(parse_mode_10(bytes{0, 6, 0, 0, 0, 0, 0xff, 0xff}));
    EXPECT_FALSE(parse_mode_6(bytes(3)));
    EXPECT_FALSE(parse_mode_10(bytes(7)));
}

TEST(Mode, LeavesAPageThatWasCutOffAlone) {
    const auto got = parse_mode_6(bytes{23, 0, 0, 0, 0x08, 0x12, 0x04});
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->write_cache);
}

} // namespace
