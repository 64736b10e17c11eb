// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/utf16.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

using namespace std::string_view_literals;

TEST(Utf16, RoundTripsEveryCodePoint) {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        std::u16string text;
        if (c < 0x10000) {
            text.push_back(static_cast<char16_t>(c));
        } else {
            text.push_back(static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10)));
            text.push_back(static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF)));
        }
        const auto utf8 = strict_utf8(text);
        ASSERT_TRUE(utf8) << std::hex << static_cast<std::uint32_t>(c);
        ASSERT_EQ(strict_utf16(*utf8), text) << std::hex << static_cast<std::uint32_t>(c);
    }
}

TEST(Utf16, KeepsNulAndLongAsciiRuns) {
    const auto text = "0123456789abcdef\0ghi"sv;
    EXPECT_EQ(to_utf16(text), u"0123456789abcdef\0ghi"sv);
    EXPECT_EQ(to_utf8(u"0123456789abcdef\0ghi"sv), text);
    EXPECT_EQ(to_utf16("0123456 \xC3\xA4 0123456"), u"0123456 \u00E4 0123456");
}

struct ill_formed {
    std::string_view utf8;
    std::u16string_view utf16;
};

// Unicode 3.9, tables 3-8 to 3-11: one U+FFFD for each maximal part.
constexpr ill_formed cases[] = {
    {"\x80"sv, u"\uFFFD"sv},
    {"a\xFFz"sv, u"a\uFFFDz"sv},
    {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"sv, u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
                                               u"A"sv},
    {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"sv, u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
                                               u"A"sv},
    {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"sv, u"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD"
                                               u"A\uFFFD\uFFFD"
                                               u"B"sv},
    {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"sv, u"\uFFFD\uFFFD\uFFFD\uFFFD"
                                               u"A"sv},
    {"\xE4\xB8"sv, u"\uFFFD"sv},
    {"\xF5\x80\x80\x80"sv, u"\uFFFD\uFFFD\uFFFD\uFFFD"sv},
    {"\xC3"sv, u"\uFFFD"sv},
    {"\xC1\x81"sv, u"\uFFFD\uFFFD"sv},
};

TEST(Utf16, ReplacesIllFormedUtf8) {
    for (const auto& c : cases) {
        EXPECT_EQ(to_utf16(c.utf8), c.utf16) << testing::PrintToString(c.utf8);
        EXPECT_FALSE(strict_utf16(c.utf8)) << testing::PrintToString(c.utf8);
    }
}

TEST(Utf16, ReplacesUnpairedSurrogates) {
    const std::u16string high{u'a', 0xD800, u'b'};
    const std::u16string low{0xDC00};
    const std::u16string swapped{0xDC00, 0xD800};
    const std::u16string open{u'a', 0xDBFF};
    const std::u16string twice{0xD83D, 0xD83D, 0xDE00};
    EXPECT_EQ(to_utf8(high), "a\uFFFD"
                             "b");
    EXPECT_EQ(to_utf8(low), "\uFFFD");
    EXPECT_EQ(to_utf8(swapped), "\uFFFD\uFFFD");
    EXPECT_EQ(to_utf8(open), "a\uFFFD");
    EXPECT_EQ(to_utf8(twice), "\uFFFD\U0001F600");
    for (const auto& text : {high, low, swapped, open, twice}) {
        EXPECT_FALSE(strict_utf8(text));
    }
}

} // namespace
} // namespace bridge::win32
