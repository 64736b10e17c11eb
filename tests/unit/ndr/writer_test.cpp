// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/writer.hpp"

#include "tests/unit/ndr/bytes.hpp"

#include <gtest/gtest.h>

namespace bridge::test_ndr {
namespace {

using ndr::errc;
using ndr::syntax;
using ndr::writer;

TEST(NdrWriter, AlignsEachValueToItsSizeWithZeros) {
    writer w(syntax::ndr);
    w.u8(0x11);
    w.u16(0x2233);
    w.u8(0x44);
    w.u32(0x55667788);
    w.u8(0x99);
    w.u64(0x0102030405060708);
    EXPECT_EQ(w.take(),
              octets({0x11, 0, 0x33, 0x22, 0x44, 0,    0,    0,    0x88, 0x77, 0x66, 0x55,
                      0x99, 0, 0,    0,    0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01}));
}

TEST(NdrWriter, PadsWithZerosInStorageThatWasUsedBefore) {
    std::vector<std::byte> storage(4096, std::byte{0xee});
    writer w(syntax::ndr, std::move(storage));
    w.u8(1);
    w.u32(2);
    EXPECT_EQ(w.take(), octets({1, 0, 0, 0, 2, 0, 0, 0}));
}

TEST(NdrWriter, WritesCountsAsWideAsTheSyntaxSays) {
    writer narrow(syntax::ndr);
    narrow.u32(7);
    narrow.size<syntax::ndr>(3);
    EXPECT_EQ(narrow.take(), octets({7, 0, 0, 0, 3, 0, 0, 0}));
    writer wide(syntax::ndr64);
    wide.u32(7);
    wide.size<syntax::ndr64>(3);
    EXPECT_EQ(wide.take(), octets({7, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(NdrWriter, RefusesCountsThatDoNotFitTheSyntax) {
    writer narrow(syntax::ndr);
    narrow.size<syntax::ndr>(0x100000000);
    EXPECT_EQ(narrow.error(), errc::out_of_range);
    writer wide(syntax::ndr64);
    wide.size<syntax::ndr64>(0x100000000);
    EXPECT_EQ(wide.error(), errc::none);
}

TEST(NdrWriter, NumbersReferentsFrom0x20000InStepsOfFour) {
    writer w(syntax::ndr);
    w.pointer<syntax::ndr>(true);
    w.pointer<syntax::ndr>(false);
    w.pointer<syntax::ndr>(true);
    EXPECT_EQ(w.take(), octets({0, 0, 2, 0, 0, 0, 0, 0, 4, 0, 2, 0}));
}

TEST(NdrWriter, GivesOneReferentToFullPointersToOneObject) {
    const auto shared = std::make_shared<int>(1);
    const auto other = std::make_shared<int>(1);
    writer w(syntax::ndr);
    w.full_pointer<syntax::ndr>(shared);
    EXPECT_TRUE(w.first_visit(shared));
    w.full_pointer<syntax::ndr>(other);
    w.full_pointer<syntax::ndr>(shared);
    EXPECT_FALSE(w.first_visit(shared));
    w.full_pointer<syntax::ndr>(std::shared_ptr<int>());
    EXPECT_EQ(w.take(), octets({1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(NdrWriter, EndsStringsWithTheTerminatorThatTheirCountsInclude) {
    writer w(syntax::ndr);
    w.string<syntax::ndr>(std::u16string(u"hé"));
    EXPECT_EQ(w.take(), octets({3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 'h', 0, 0xe9, 0, 0, 0}));
    writer empty(syntax::ndr64);
    empty.string<syntax::ndr64>(std::u16string());
    EXPECT_EQ(empty.take(), octets({1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                    0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(NdrWriter, RefusesMoreElementsThanTheMaximum) {
    writer w(syntax::ndr);
    w.variance<syntax::ndr>(4, 4);
    EXPECT_EQ(w.error(), errc::none);
    w.variance<syntax::ndr>(5, 4);
    EXPECT_EQ(w.error(), errc::length_exceeds_count);
}

TEST(NdrWriter, KeepsItsFirstError) {
    writer w(syntax::ndr);
    w.fail(errc::count_mismatch);
    w.fail(errc::out_of_range);
    EXPECT_EQ(w.error(), errc::count_mismatch);
}

TEST(NdrWriter, GrowsOverManyTimesItsFirstAllocation) {
    writer w(syntax::ndr);
    for (std::uint32_t i = 0; i < 100000; ++i)
        w.u32(i);
    const std::vector<std::byte> stub = w.take();
    ASSERT_EQ(stub.size(), 400000u);
    EXPECT_EQ(stub[399996], std::byte{0x9f});
    EXPECT_EQ(stub[399998], std::byte{0x01});
}

TEST(NdrWriter, StopsAtTheLargestStub) {
    writer w(syntax::ndr);
    const std::vector<std::byte> block(ndr::max_stub_bytes / 2 + 1);
    w.bytes(block);
    EXPECT_EQ(w.error(), errc::none);
    w.bytes(block);
    w.align(8);
    w.u32(1);
    w.bytes(block);
    EXPECT_EQ(w.error(), errc::too_large);
}

} // namespace
} // namespace bridge::test_ndr
