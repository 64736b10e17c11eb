// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/printer.hpp"

#include "tests/unit/ndr/bytes.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bridge::test_ndr {
namespace {

using ndr::printer;

template <class T>
std::string shown(const T& value) {
    printer p;
    p.field("x", value);
    return p.take();
}

TEST(NdrPrinter, ShowsNumbersInDecimal) {
    EXPECT_EQ(shown(std::uint8_t{200}), "x=200");
    EXPECT_EQ(shown(std::int32_t{-5}), "x=-5");
    EXPECT_EQ(shown(std::numeric_limits<std::uint64_t>::max()), "x=18446744073709551615");
}

TEST(NdrPrinter, EscapesWhatCouldForgeALogLine) {
    EXPECT_EQ(shown(std::u16string(u"a\"b\\c\nd\u2028e\u0085")),
              R"(x="a\"b\\c\u000ad\u2028e\u0085")");
}

TEST(NdrPrinter, ShowsUtf16AsUtf8AndLoneSurrogatesAsEscapes) {
    EXPECT_EQ(shown(std::u16string(u"é€\U0001F600")), "x=\"é€\U0001F600\"");
    EXPECT_EQ(shown(std::u16string{0xd800, u'x'}), "x=\"\\ud800x\"");
}

TEST(NdrPrinter, ShowsOctetStringsInHexUpToALimit) {
    EXPECT_EQ(shown(octets({1, 0xab})), "x=<2 bytes: 01ab>");
    EXPECT_EQ(shown(std::vector<std::byte>{}), "x=<0 bytes>");
    printer p(4096, 2);
    p.field("x", octets({1, 2, 3}));
    EXPECT_EQ(p.take(), "x=<3 bytes: 0102...>");
}

TEST(NdrPrinter, SeparatesFieldsAndElements) {
    printer p;
    {
        const auto scope = p.object("T");
        p.field("a", std::vector<std::uint32_t>{1, 2});
        p.field("b", std::optional<std::u16string>{});
        p.secret("c");
    }
    EXPECT_EQ(p.take(), "T{a=[1, 2], b=null, c=<secret>}");
}

TEST(NdrPrinter, CutsAtItsLimitBetweenCharacters) {
    printer p(6);
    p.field("x", std::u16string(u"aa€€€€"));
    EXPECT_EQ(p.take(), "x=\"aa...");
}

TEST(NdrPrinter, NamesEnumeratorsAndKeepsUnknownValues) {
    printer p;
    p.enumerator("UP", 3);
    p.enumerator("", 77);
    EXPECT_EQ(p.take(), "UP(3)77");
}

TEST(NdrErrors, HaveNames) {
    EXPECT_EQ(ndr::to_string(ndr::errc::null_with_count), "null_with_count");
    EXPECT_EQ(ndr::to_string(static_cast<ndr::errc>(250)), "unknown");
}

} // namespace
} // namespace bridge::test_ndr
