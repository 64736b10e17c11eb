// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/sid.hpp"

#include "tests/unit/win32/hex.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

using test::from_hex;

struct sid_case {
    std::string_view text;
    std::string_view bytes;
};

constexpr sid_case sid_cases[] = {
    {"S-1-5-32-544", "01 02 000000000005 20000000 20020000"},
    {"S-1-1-0", "01 01 000000000001 00000000"},
    {"S-1-5-21-1-2-4294967295-500",
     "01 05 000000000005 15000000 01000000 02000000 ffffffff f4010000"},
    {"S-1-4294967295-7", "01 01 0000ffffffff 07000000"},
    {"S-1-0x000100000000-7", "01 01 000100000000 07000000"},
    {"S-1-0xABCDEF012345-1", "01 01 abcdef012345 01000000"},
    {"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
     "01 0f 000000000005 01000000 02000000 03000000 04000000 05000000 06000000 07000000 08000000"
     "09000000 0a000000 0b000000 0c000000 0d000000 0e000000 0f000000"},
};

TEST(Sid, RoundTripsAsTextAndAsPacket) {
    for (const auto& c : sid_cases) {
        SCOPED_TRACE(c.text);
        const auto value = parse_sid(c.text);
        ASSERT_TRUE(value);
        EXPECT_EQ(to_string(*value), c.text);
        std::vector<std::byte> bytes;
        append_bytes(*value, bytes);
        EXPECT_EQ(bytes, from_hex(c.bytes));
        std::size_t used = 0;
        EXPECT_EQ(read_sid(bytes, used), value);
        EXPECT_EQ(used, bytes.size());
    }
}

TEST(Sid, AcceptsASmallLetterAndHexadecimalAuthorities) {
    EXPECT_EQ(parse_sid("s-1-5-18"), parse_sid("S-1-0x5-18"));
}

TEST(Sid, RefusesTextThatIsNotOne) {
    for (const std::string_view text : {"",
                                        "S",
                                        "S-1",
                                        "S-1-",
                                        "S-1-5",
                                        "S-1-5-",
                                        "S-2-5-18",
                                        "S-1--18",
                                        "S-1-5-18-",
                                        "S-1-5-+1",
                                        "S-1-5- 18",
                                        "S-1-5-18 ",
                                        "S-1-5-4294967296",
                                        "S-1-5-99999999999999999999",
                                        "S-1-281474976710656-1",
                                        "S-1-0x1000000000000-1",
                                        "S-1-0x-1",
                                        "S-1-5-0x12",
                                        "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
                                        "T-1-5-18",
                                        "S-1-5-18\n"}) {
        EXPECT_FALSE(parse_sid(text)) << text;
    }
}

TEST(Sid, RefusesPacketsThatDoNotFit) {
    std::size_t used = 0;
    const auto whole = from_hex(sid_cases[0].bytes);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(read_sid(std::span(whole).first(size), used)) << size;
    }
    EXPECT_FALSE(read_sid(from_hex("02 01 000000000001 00000000"), used));
    EXPECT_FALSE(read_sid(from_hex("00 01 000000000001 00000000"), used));
    std::vector<std::byte> many(8 + 16 * 4);
    many[0] = std::byte{1};
    many[1] = std::byte{16};
    EXPECT_FALSE(read_sid(many, used));
}

TEST(Sid, ReadsAPacketWithoutSubAuthorities) {
    std::size_t used = 0;
    const auto value = read_sid(from_hex("01 00 000000000005 ffff"), used);
    ASSERT_TRUE(value);
    EXPECT_EQ(used, 8U);
    EXPECT_EQ(to_string(*value), "S-1-5");
}

} // namespace
} // namespace bridge::win32
