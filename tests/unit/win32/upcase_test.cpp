// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/upcase.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

TEST(Upcase, MapsLettersOfEveryScriptWithCapitals) {
    EXPECT_EQ(fold(std::u16string_view(u"az\u00E4\u00FF\u0105\u03B1\u03C2\u03CC\u0431\u0451\u0561"
                                       u"\u1E01\u1F80\u24D0\u2C30\uFF41")),
              u"AZ\u00C4\u0178\u0104\u0391\u03A3\u038C\u0411\u0401\u0531\u1E00\u1F88\u24B6\u2C00"
              u"\uFF21");
}

TEST(Upcase, LeavesWhatWindowsLeaves) {
    // Micro sign, sharp s, dotless i, long s, title-case digraph, Greek symbol, Georgian,
    // surrogate.
    for (const char16_t unit : {0x00B5, 0x00DF, 0x0131, 0x017F, 0x01C5, 0x03D0, 0x10D0, 0x1E9B,
                                0x1FBE, 0xD801, 0xDC28, 0x0040, 0x005B, 0x007B, 0x00F7}) {
        EXPECT_EQ(upcase(unit), unit) << std::hex << static_cast<unsigned>(unit);
    }
}

TEST(Upcase, IsIdempotentAndOneToOneButForFinalSigma) {
    std::array<char16_t, 0x10000> from{};
    for (std::uint32_t c = 1; c < 0x10000; ++c) {
        const auto unit = static_cast<char16_t>(c);
        const auto capital = upcase(unit);
        ASSERT_EQ(upcase(capital), capital) << std::hex << c;
        if (capital == unit || unit == 0x03C2) {
            continue;
        }
        ASSERT_EQ(from[capital], 0) << std::hex << c;
        from[capital] = unit;
    }
}

TEST(Upcase, HasTheSizeThatItHadWhenKeysWereFirstStored) {
    // A change of the table would part stored keys from new ones.
    std::uint64_t sum = 0;
    std::size_t mapped = 0;
    for (std::uint32_t c = 0; c < 0x10000; ++c) {
        const auto capital = upcase(static_cast<char16_t>(c));
        mapped += capital != c ? 1 : 0;
        sum = sum * 0x100000001B3ULL + capital;
    }
    EXPECT_EQ(mapped, 989U);
    EXPECT_EQ(sum, 11495730272196179924ULL);
}

TEST(Names, CompareWithoutCase) {
    EXPECT_TRUE(equal_names("Cluster Group", "cluster GROUP"));
    EXPECT_TRUE(equal_names("Gr\u00FC\u00DFe", "GR\u00DC\u00DFE"));
    EXPECT_TRUE(equal_names("\u00FF", "\u0178"));
    EXPECT_TRUE(equal_names("\u1F80", "\u1F88"));
    EXPECT_TRUE(equal_names(u"\u00E4", u"\u00C4"));
    EXPECT_FALSE(equal_names("a", "ab"));
    EXPECT_FALSE(equal_names("a\u00E4", "a"));
    EXPECT_FALSE(equal_names("i", "\u0131"));
    EXPECT_FALSE(equal_names("\u00DF", "ss"));
    EXPECT_FALSE(equal_names(u"a", u"ab"));
    EXPECT_TRUE(equal_names("", ""));
}

TEST(Names, FoldToOneKey) {
    EXPECT_EQ(fold(std::string_view("Disk (q)")), "DISK (Q)");
    EXPECT_EQ(fold(std::string_view("\u00E9t\u00E9 \U0001F600")), "\u00C9T\u00C9 \U0001F600");
    EXPECT_EQ(fold(std::string_view("a\xFF")), "A\uFFFD");
}

} // namespace
} // namespace bridge::win32
