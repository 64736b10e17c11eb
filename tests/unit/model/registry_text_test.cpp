// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/registry_fixture.hpp"

#include "bridge/model/registry_text.hpp"
#include "bridge/win32/sddl.hpp"

#include <gtest/gtest.h>

namespace bridge::model::test {

namespace {

using namespace std::string_view_literals;

descriptor_bytes sddl(std::string_view text) {
    return std::make_shared<const std::vector<std::byte>>(
        *win32::encode_security_descriptor(*win32::parse_sddl(text)));
}

registry_tree example() {
    registry_tree tree;
    tree.apply(batch({
        create("Resources"),
        create("Resources\\b", {sddl("O:BAG:BAD:(A;CI;KA;;;BA)")}),
        create("a\nb"),
        set("Resources\\b", "Name", "W\0e\0b\0\0\0"sv, registry_type::sz),
        set("Resources\\b", "Odd", "W\0e"sv, registry_type::sz),
        set("Resources\\b", "Flags", "\1\2\0\0"sv, registry_type::dword),
        set("Resources\\b", "Short", "\1\2"sv, registry_type::dword),
        set("Resources\\b", "Big", "\0\0\0\0\1\0\0\0"sv, registry_type::qword),
        set("Resources\\b", "List", "1\0\0\0\"\0\0\0\0\0"sv, registry_type::multi_sz),
        set("Resources\\b", "Nothing", "\0\0"sv, registry_type::multi_sz),
        set("Resources\\b", "Raw", "\0\xFF"sv, registry_type::binary),
        set("", "", "", registry_type::none),
    }));
    return tree;
}

constexpr std::string_view example_text = R"~(clusbridge registry 1
key
  "" = none hex:
key "a\nb"
key Resources\b
  descriptor "O:BAG:BAD:(A;CI;KA;;;BA)"
  "Big" = qword 4294967296
  "Flags" = dword 513
  "List" = multi_sz "1" "\""
  "Name" = sz "Web"
  "Nothing" = multi_sz
  "Odd" = sz hex:570065
  "Raw" = binary hex:00ff
  "Short" = dword hex:0102
)~";

void expect_becomes(registry_tree from, const registry_tree& to) {
    for (auto& command : difference(from, to))
        ASSERT_EQ(from.apply(batch({std::move(command)})).code, registry_errc::none);
    EXPECT_EQ(dump_text(from), dump_text(to));
}

} // namespace

TEST(RegistryText, ShowsEachTypeOnItsLine) {
    EXPECT_EQ(dump_text(example()), example_text);
}

TEST(RegistryText, ReadsWhatItWrites) {
    const auto read = parse_text(example_text);
    ASSERT_TRUE(read.tree) << read.line << ": " << read.error;
    EXPECT_EQ(dump_text(*read.tree), example_text);
    EXPECT_TRUE(difference(*read.tree, example()).empty());
}

TEST(RegistryText, SkipsCommentsAndBlankLines) {
    const auto read = parse_text("# mine\n\nclusbridge registry 1\r\n  # x\r\nkey a\\B c\r\n"
                                 "   \"n\"  =  dword   7 \r\n");
    ASSERT_TRUE(read.tree) << read.line << ": " << read.error;
    ASSERT_TRUE(read.tree->find("a\\b c"));
    EXPECT_TRUE(read.tree->find("a\\b c")->find_value("N"));
}

TEST(RegistryText, SaysWhichLineIsWrong) {
    const auto wrong = [](std::string_view lines) {
        const auto read =
            parse_text("clusbridge registry 1\nkey a\n\"v\" = dword 1\n" + std::string(lines));
        return read.tree ? 0U : read.line;
    };
    EXPECT_EQ(wrong(""), 0U);
    for (const std::string_view line : {"\"v\" = dword 2",
                                        "\"w\" = dword 4294967296",
                                        "\"w\" = dword -1",
                                        "\"w\" = word 1",
                                        "\"w\" = dword 1 2",
                                        "\"w\" dword 1",
                                        "\"w = dword 1",
                                        "\"w\" = sz \"\\x\"",
                                        "\"w\" = sz \"\\u{80}\"",
                                        "\"w\" = sz \"\xFF\"",
                                        "\"w\" = binary hex:0",
                                        "\"w\" = binary hex:0g",
                                        "\"w\" = binary",
                                        "\"w\" = multi_sz \"\"",
                                        "key a",
                                        "key A",
                                        "key a\\",
                                        "key \\a",
                                        "key \"a\" b",
                                        "key \"\xFF\"",
                                        "descriptor \"O:XX\"",
                                        "descriptor hex:",
                                        "nonsense"})
        EXPECT_EQ(wrong(line), 4U) << line;
    EXPECT_EQ(parse_text("").error, "empty");
    EXPECT_EQ(parse_text("clusbridge registry 2\n").line, 1U);
    EXPECT_EQ(parse_text("clusbridge registry 1\n\"v\" = dword 1\n").error, "no key above");
}

TEST(RegistryText, DifferenceMakesOneTheOther) {
    registry_tree other;
    other.apply(batch({create("resources\\b\\below"), create("x\\y"), set("x", "n", "1"),
                       set("", "", "root"), set("", "N", "2"), secure("", descriptor("sd"))}));
    expect_becomes(example(), other);
    registry_tree near = example();
    near.apply(batch({set("Resources\\b", "Flags", "new"), unset("Resources\\b", "Name"),
                      set("Resources\\b", "NAME", "spelled"), secure("Resources\\b", nullptr),
                      create("Resources\\b\\c\\d"), erase("a\nb")}));
    expect_becomes(example(), near);
    registry_tree again = example();
    for (auto& command : difference(near, example()))
        near.apply(batch({std::move(command)}));
    EXPECT_EQ(dump_text(near), dump_text(again));
}

} // namespace bridge::model::test
