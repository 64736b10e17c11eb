// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/property_list.hpp"

#include "bridge/model/schema.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace bridge::clusapi {

namespace {

using model::property_format;

buffer octets(std::initializer_list<unsigned> values) {
    buffer out;
    for (const unsigned v : values)
        out.push_back(static_cast<std::byte>(v));
    return out;
}

std::uint32_t word_at(const buffer& bytes, std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t i = 4; i-- > 0;)
        out = out << 8 | std::to_integer<std::uint32_t>(bytes.at(at + i));
    return out;
}

const model::listed_properties one_number{{"AB", property_format::dword, false, std::uint32_t{7}}};

TEST(PropertyList, IsFourBytesWhenEmpty) {
    EXPECT_EQ(encode_property_list(one_number, which::read_only), octets({0, 0, 0, 0}));
}

TEST(PropertyList, PadsNamesAndEndsWithTwoEndmarks) {
    const buffer expected = octets({1,   0, 0,   0,                         // count
                                    3,   0, 4,   0, 6, 0, 0, 0,             // name, 6 bytes
                                    'A', 0, 'B', 0, 0, 0, 0, 0,             // terminator, padding
                                    2,   0, 1,   0, 4, 0, 0, 0, 7, 0, 0, 0, // DWORD
                                    0,   0, 0,   0, 0, 0, 0, 0});
    EXPECT_EQ(encode_property_list(one_number, which::writable), expected);
}

TEST(PropertyList, SizesDoNotCountPadding) {
    const model::listed_properties text{{"A", property_format::sz, false, std::string{}}};
    const buffer bytes = encode_property_list(text, which::writable);
    EXPECT_EQ(word_at(bytes, 16), 0x00010003U);
    EXPECT_EQ(word_at(bytes, 20), 2U);
    EXPECT_EQ(bytes.size(), 36U);
}

TEST(PropertyList, GivesExpandableTextTwice) {
    const model::listed_properties text{{"A", property_format::expand_sz, false, std::string("x")}};
    const buffer bytes = encode_property_list(text, which::writable);
    EXPECT_EQ(word_at(bytes, 16), 0x00010004U);
    EXPECT_EQ(word_at(bytes, 28), 0x00010008U);
}

TEST(PropertyList, WritesEveryFormatInItsWidth) {
    EXPECT_EQ(encode_value(property_format::word, std::uint32_t{0x1234}), octets({0x34, 0x12}));
    EXPECT_EQ(encode_value(property_format::ularge_integer, std::uint64_t{1} << 32),
              octets({0, 0, 0, 0, 1, 0, 0, 0}));
    EXPECT_EQ(encode_value(property_format::multi_sz, std::vector<std::string>{"a"}),
              octets({'a', 0, 0, 0, 0, 0}));
    EXPECT_EQ(encode_value(property_format::multi_sz, std::vector<std::string>{}), octets({0, 0}));
    EXPECT_EQ(encode_value(property_format::binary, octets({9})), octets({9}));
}

TEST(PropertyList, ReadsBackWhatItWrites) {
    const model::listed_properties all{
        {"Number", property_format::dword, false, std::uint32_t{7}},
        {"Text", property_format::sz, false, std::string("Gr\xC3\xBC\xC3\x9F")},
        {"Path", property_format::expand_sz, false, std::string("%A%")},
        {"Texts", property_format::multi_sz, false, std::vector<std::string>{"a", "bc"}},
        {"Large", property_format::ularge_integer, false, std::uint64_t{1} << 40},
        {"Bytes", property_format::binary, false, octets({1, 2, 3})},
    };
    const auto parsed = parse_property_list(encode_property_list(all, which::writable));
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ((*parsed)[i].name, all[i].name);
        EXPECT_EQ((*parsed)[i].format, all[i].format);
        EXPECT_EQ((*parsed)[i].value, all[i].value);
    }
}

TEST(PropertyListParser, RefusesEveryTruncationButThatOfTheLastEndmark) {
    const buffer whole = encode_property_list(one_number, which::writable);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_property_list(std::span(whole).first(size));
        EXPECT_EQ(parsed.has_value(), size >= whole.size() - 4) << size;
    }
}

TEST(PropertyListParser, SurvivesEveryFlippedByte) {
    const model::listed_properties all{
        {"Number", property_format::dword, false, std::uint32_t{7}},
        {"Texts", property_format::multi_sz, false, std::vector<std::string>{"a", "bc"}},
    };
    const buffer whole = encode_property_list(all, which::writable);
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const unsigned mask : {0x01U, 0x80U, 0xFFU}) {
            buffer broken = whole;
            broken[i] ^= static_cast<std::byte>(mask);
            (void)parse_property_list(broken);
        }
}

TEST(PropertyListParser, RefusesHostileCountsAndSizes) {
    EXPECT_FALSE(parse_property_list(octets({0xFF, 0xFF, 0xFF, 0xFF})));
    EXPECT_FALSE(parse_property_list(
        octets({1, 0, 0, 0, 3, 0, 4, 0, 0xFE, 0xFF, 0xFF, 0xFF, 'A', 0, 0, 0})));
}

TEST(PropertyListParser, RefusesNamesGivenTwice) {
    const model::listed_properties twice{{"A", property_format::dword, false, std::uint32_t{7}},
                                         {"a", property_format::dword, false, std::uint32_t{7}}};
    EXPECT_FALSE(parse_property_list(encode_property_list(twice, which::writable)));
}

TEST(PropertyListParser, RefusesExpandedTextAndWrongWidths) {
    const model::listed_properties expanded{
        {"A", property_format::expanded_sz, false, std::string("x")}};
    EXPECT_FALSE(parse_property_list(encode_property_list(expanded, which::writable)));
    buffer narrow = encode_property_list(one_number, which::writable);
    narrow[24] = std::byte{3};
    EXPECT_FALSE(parse_property_list(narrow));
}

TEST(TextBuffer, NeedsATerminatorAndWellFormedUnits) {
    EXPECT_EQ(parse_text(octets({'a', 0, 0, 0, 'x', 0})), "a");
    EXPECT_FALSE(parse_text(octets({'a', 0})));
    EXPECT_FALSE(parse_text(octets({'a', 0, 0})));
    EXPECT_FALSE(parse_text(octets({0x00, 0xD8, 0, 0})));
    EXPECT_FALSE(parse_text({}));
}

TEST(TextBuffer, ListsTextsUpToTheEmptyOne) {
    using strings = std::vector<std::string>;
    EXPECT_EQ(parse_multi_sz(octets({'a', 0, 0, 0, 'b', 0, 0, 0, 0, 0})), (strings{"a", "b"}));
    EXPECT_EQ(parse_multi_sz(octets({'a', 0, 0, 0})), (strings{"a"}));
    EXPECT_EQ(parse_multi_sz(octets({0, 0})), strings{});
    EXPECT_FALSE(parse_multi_sz(octets({'a', 0})));
    EXPECT_FALSE(parse_multi_sz({}));
}

TEST(ValueList, NamesClassesAndTypes) {
    const std::vector<model::required_dependency> items{
        {model::resource_class::storage, 0x80000000, ""}, {model::resource_class::unknown, 0, "A"}};
    EXPECT_EQ(encode_required_dependencies(items),
              octets({2, 0, 2, 0, 8, 0, 0, 0, 1,   0, 0, 0, 0, 0, 0, 0x80, //
                      3, 0, 4, 0, 4, 0, 0, 0, 'A', 0, 0, 0,                //
                      0, 0, 0, 0}));
    EXPECT_EQ(encode_required_dependencies({}), octets({0, 0, 0, 0}));
}

TEST(FormatList, GivesEachFormatAsAWord) {
    model::property_schema number;
    number.name = "A";
    number.format = property_format::dword;
    model::property_schema fixed = number;
    fixed.name = "B";
    fixed.read_only = true;
    const std::vector schema{number, fixed};
    EXPECT_EQ(encode_format_list(schema, formats_of::writable),
              octets({1,    0, 0, 0, 3, 0, 4, 0, 4, 0, 0, 0, 'A', 0, 0, 0, //
                      0x0B, 0, 1, 0, 2, 0, 0, 0, 2, 0, 0, 0,               //
                      0,    0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(word_at(encode_format_list(schema, formats_of::all), 0), 2U);
}

} // namespace

} // namespace bridge::clusapi
