// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/reader.hpp"

#include "tests/unit/ndr/bytes.hpp"

#include <gtest/gtest.h>

namespace bridge::test_ndr {
namespace {

using ndr::byte_order;
using ndr::errc;
using ndr::reader;
using ndr::syntax;

TEST(NdrReader, SkipsPaddingOfAnyContent) {
    const auto stub =
        octets({0x11, 0xff, 0x33, 0x22, 0x44, 0xff, 0xff, 0xff, 0x88, 0x77, 0x66, 0x55});
    reader r(stub, syntax::ndr);
    EXPECT_EQ(r.u8(), 0x11);
    EXPECT_EQ(r.u16(), 0x2233);
    EXPECT_EQ(r.u8(), 0x44);
    EXPECT_EQ(r.u32(), 0x55667788u);
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(r.remaining(), 0u);
}

TEST(NdrReader, ReadsBigEndianIntegersStringsAndGuids) {
    const auto stub = octets({0x11, 0x22, 0, 0, 0x55, 0x66, 0x77, 0x88, 0,  0,  0,  2, 0, 0,
                              0,    0,    0, 0, 0,    2,    0,    'k',  0,  0,  1,  2, 3, 4,
                              5,    6,    7, 8, 9,    10,   11,   12,   13, 14, 15, 16});
    reader r(stub, syntax::ndr, byte_order::big);
    EXPECT_EQ(r.u16(), 0x1122);
    EXPECT_EQ(r.u32(), 0x55667788u);
    std::u16string text;
    r.string<syntax::ndr>(text);
    EXPECT_EQ(text, u"k");
    EXPECT_EQ(win32::to_string(r.guid()), "01020304-0506-0708-090a-0b0c0d0e0f10");
    EXPECT_TRUE(r.ok());
}

TEST(NdrReader, ReadsZeroAfterTheEndAndKeepsTheError) {
    const auto stub = octets({1, 0, 0});
    reader r(stub, syntax::ndr);
    EXPECT_EQ(r.u32(), 0u);
    EXPECT_EQ(r.error(), errc::truncated);
    EXPECT_EQ(r.u8(), 0u);
    EXPECT_EQ(r.remaining(), 0u);
    r.fail(errc::out_of_range);
    EXPECT_EQ(r.error(), errc::truncated);
}

TEST(NdrReader, AllocatesNothingForCountsBeyondTheData) {
    const auto stub = octets({0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4, 5, 6, 7, 8});
    reader r(stub, syntax::ndr);
    std::vector<std::uint32_t> numbers;
    EXPECT_FALSE(r.resize(numbers, r.size<syntax::ndr>(), 4));
    EXPECT_TRUE(numbers.empty());
    EXPECT_EQ(r.error(), errc::count_exceeds_data);

    reader bytes(stub, syntax::ndr);
    std::vector<std::byte> data;
    bytes.bytes(data, bytes.size<syntax::ndr>());
    EXPECT_TRUE(data.empty());
    EXPECT_EQ(bytes.error(), errc::truncated);
}

TEST(NdrReader, SurvivesTheLargestNdr64Count) {
    const std::vector<std::byte> stub(32, std::byte{0xff});
    reader r(stub, syntax::ndr64);
    std::u16string text;
    r.string<syntax::ndr64>(text);
    EXPECT_FALSE(r.ok());
    reader characters(stub, syntax::ndr64);
    characters.characters(text, characters.size<syntax::ndr64>());
    EXPECT_EQ(characters.error(), errc::count_exceeds_data);
}

TEST(NdrReader, RefusesStringsWithoutTerminatorInsideTheirCount) {
    const auto stub = octets({2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 'b', 0});
    reader r(stub, syntax::ndr);
    std::u16string text;
    r.string<syntax::ndr>(text);
    EXPECT_EQ(r.error(), errc::unterminated_string);
    EXPECT_TRUE(text.empty());
}

TEST(NdrReader, RefusesStringsOfNoCharacters) {
    const auto stub = octets({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    reader r(stub, syntax::ndr);
    std::u16string text;
    r.string<syntax::ndr>(text);
    EXPECT_EQ(r.error(), errc::unterminated_string);
}

TEST(NdrReader, EndsStringsAtTheirFirstTerminator) {
    const auto stub = octets({3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 'a', 0, 0, 0, 0, 0});
    reader r(stub, syntax::ndr);
    std::u16string text;
    EXPECT_EQ(r.string<syntax::ndr>(text), 3u);
    EXPECT_TRUE(r.ok());
    EXPECT_EQ(text, u"a");
}

TEST(NdrReader, RefusesOffsetsAndLengthsBeyondTheMaximum) {
    const auto offset = octets({2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0});
    reader first(offset, syntax::ndr);
    std::u16string text;
    first.string<syntax::ndr>(text);
    EXPECT_EQ(first.error(), errc::nonzero_offset);

    const auto length = octets({1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 0, 0});
    reader second(length, syntax::ndr);
    second.string<syntax::ndr>(text);
    EXPECT_EQ(second.error(), errc::length_exceeds_count);
}

TEST(NdrReader, ResolvesFullPointersToOneObjectAndRefusesASecondType) {
    const auto stub = octets({1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0});
    reader r(stub, syntax::ndr);
    const auto first = r.full_pointer<syntax::ndr, int>();
    const auto second = r.full_pointer<syntax::ndr, int>();
    EXPECT_EQ(first, second);
    EXPECT_TRUE(r.first_visit(first));
    EXPECT_FALSE(r.first_visit(second));
    EXPECT_EQ((r.full_pointer<syntax::ndr, int>()), nullptr);
    EXPECT_EQ((r.full_pointer<syntax::ndr, double>()), nullptr);
    EXPECT_EQ(r.error(), errc::bad_referent);
}

TEST(NdrReader, CountsFullPointers) {
    std::vector<std::byte> stub;
    for (std::size_t i = 1; i <= ndr::max_referents + 1; ++i) {
        for (const unsigned shift : {0u, 8u, 16u, 24u})
            stub.push_back(static_cast<std::byte>(i >> shift));
    }
    reader r(stub, syntax::ndr);
    for (std::size_t i = 0; i < ndr::max_referents; ++i)
        EXPECT_NE((r.full_pointer<syntax::ndr, int>()), nullptr);
    EXPECT_TRUE(r.ok());
    EXPECT_EQ((r.full_pointer<syntax::ndr, int>()), nullptr);
    EXPECT_EQ(r.error(), errc::too_many_referents);
}

TEST(NdrReader, SignExtendsPointerSizedIntegers) {
    const auto stub = octets({0xfe, 0xff, 0xff, 0xff});
    reader r(stub, syntax::ndr);
    EXPECT_EQ(r.signed_size<syntax::ndr>(), -2);
}

} // namespace
} // namespace bridge::test_ndr
