// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/pac.hpp"
#include "tests/unit/auth/bytes.hpp"

#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using test::unhex;

/// Encoded by Samba's marshalling code: EXAMPLE\alice (RID 1102 of S-1-5-21-1-2-3), groups 513,
/// 1103 and 1104 (deny only), extra SIDs S-1-18-1, S-1-5-32-544 and S-1-5-21-9-8-7-600, resource
/// group S-1-5-21-4-5-6-2001.
constexpr auto sample_hex =
    "01100800cccccccc3002000000000000000002000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000a000a000400020010001000"
    "08000200000000000c00020000000000100002000000000014000200000000001800020000000000"
    "4e04000001020000030000001c000200200200000000000000000000000000000000000006000800"
    "200002000e0010002400020028000200000000000000000010020000000000000000000000000000"
    "00000000000000000000000000000000030000002c00020030000200010000003400020005000000"
    "000000000500000061006c00690063006500000008000000000000000800000041006c0069006300"
    "6500200041002e000000000000000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000300000001020000070000004f0400000700000050040000"
    "10000000040000000000000003000000440043003100000008000000000000000700000045005800"
    "41004d0050004c004500000004000000010400000000000515000000010000000200000003000000"
    "0300000038000200070000003c000200070000004000020007000000010000000101000000000012"
    "01000000020000000102000000000005200000002002000005000000010500000000000515000000"
    "09000000080000000700000058020000040000000104000000000005150000000400000005000000"
    "0600000001000000d107000007000020";

// Offsets into the sample.
constexpr std::size_t at_group_count = 20 + 108;
constexpr std::size_t at_user_id = 20 + 100;
constexpr std::size_t at_user_flags = 20 + 116;

std::vector<std::string> sids_of(const byte_string& buffer) {
    std::vector<std::string> out;
    const auto parsed = parse_logon_information(buffer);
    if (parsed)
        for (const win32::sid& each : parsed->sids)
            out.push_back(to_string(each));
    return out;
}

TEST(Pac, NamesAndSidsComeOut) {
    const auto parsed = parse_logon_information(unhex(sample_hex));
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->account == u"alice");
    EXPECT_TRUE(parsed->domain == u"EXAMPLE");
    const std::vector<std::string> expected{"S-1-5-21-1-2-3-1102", "S-1-5-21-1-2-3-513",
                                            "S-1-5-21-1-2-3-1103", "S-1-18-1",
                                            "S-1-5-21-9-8-7-600",  "S-1-5-21-4-5-6-2001"};
    EXPECT_EQ(sids_of(unhex(sample_hex)), expected);
}

TEST(Pac, BuiltinGroupsOfAKdcDoNotCount) {
    for (const std::string& each : sids_of(unhex(sample_hex)))
        EXPECT_NE(each, "S-1-5-32-544");
}

TEST(Pac, ExtraAndResourceSidsNeedTheirFlags) {
    byte_string buffer = unhex(sample_hex);
    buffer[at_user_flags] = std::byte{0};
    buffer[at_user_flags + 1] = std::byte{0};
    const std::vector<std::string> expected{"S-1-5-21-1-2-3-1102", "S-1-5-21-1-2-3-513",
                                            "S-1-5-21-1-2-3-1103"};
    EXPECT_EQ(sids_of(buffer), expected);
}

TEST(Pac, UserOfAnotherDomainIsTheFirstExtraSid) {
    byte_string buffer = unhex(sample_hex);
    buffer[at_user_id] = buffer[at_user_id + 1] = std::byte{0};
    const auto sids = sids_of(buffer);
    ASSERT_FALSE(sids.empty());
    EXPECT_EQ(sids.front(), "S-1-18-1");
}

TEST(Pac, EveryTruncationIsRefused) {
    const byte_string buffer = unhex(sample_hex);
    for (std::size_t size = 0; size < buffer.size(); ++size)
        EXPECT_FALSE(parse_logon_information(bytes_view(buffer).first(size))) << size;
}

TEST(Pac, CountsThatDoNotMatchAreRefused) {
    for (const unsigned value : {0U, 2U, 4U, 0xffU}) {
        byte_string buffer = unhex(sample_hex);
        buffer[at_group_count] = static_cast<std::byte>(value);
        EXPECT_FALSE(parse_logon_information(buffer)) << value;
    }
    byte_string huge = unhex(sample_hex);
    for (std::size_t i = 0; i < 4; ++i)
        huge[at_group_count + i] = std::byte{0xff};
    EXPECT_FALSE(parse_logon_information(huge));
}

TEST(Pac, NoChangedByteBreaksTheReader) {
    const byte_string good = unhex(sample_hex);
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU}) {
            byte_string buffer = good;
            buffer[at] = static_cast<std::byte>(value);
            const auto parsed = parse_logon_information(buffer);
            EXPECT_TRUE(!parsed || parsed->sids.size() <= 8) << at;
        }
    }
}

TEST(Pac, OtherByteOrderAndVersionAreRefused) {
    for (const std::size_t at : {0U, 1U, 2U}) {
        byte_string buffer = unhex(sample_hex);
        buffer[at] ^= std::byte{0x11};
        EXPECT_FALSE(parse_logon_information(buffer)) << at;
    }
    EXPECT_FALSE(parse_logon_information({}));
    EXPECT_FALSE(parse_logon_information(byte_string(logon_information::max_size + 1)));
}

} // namespace
} // namespace bridge::auth
