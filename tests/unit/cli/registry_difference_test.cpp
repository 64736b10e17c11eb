// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/registry_difference.hpp"

#include "bridge/model/registry_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace bridge::cli {
namespace {

model::registry_tree tree(const std::string& text) {
    auto parsed = model::parse_text("clusbridge registry 1\n" + text);
    EXPECT_TRUE(parsed.tree) << parsed.line << ": " << parsed.error;
    return std::move(*parsed.tree);
}

std::string shown(const std::string& before, const std::string& after) {
    std::ostringstream out;
    const auto counts = write_difference(out, tree(before), "A", tree(after), "B");
    EXPECT_EQ(counts.any(), !out.str().empty());
    return out.str();
}

TEST(RegistryDifference, EqualTreesShowNothing) {
    const std::string text = "key a\\b\n  \"v\" = dword 1\n";
    EXPECT_EQ(shown(text, text), "");
    EXPECT_EQ(shown("", ""), "");
}

TEST(RegistryDifference, AChangedValueIsShownBelowItsKey) {
    EXPECT_EQ(shown("key a\n  \"u\" = dword 1\n  \"v\" = dword 1\n",
                    "key a\n  \"u\" = dword 1\n  \"v\" = dword 2\n  \"w\" = sz \"x\"\n"),
              "--- A\n+++ B\n@@ key a @@\n-  \"v\" = dword 1\n+  \"v\" = dword 2\n"
              "+  \"w\" = sz \"x\"\n");
}

TEST(RegistryDifference, KeysThatGoAndComeAreShownWithAllTheyHold) {
    EXPECT_EQ(shown("key a\nkey b\\c\n  \"v\" = dword 1\nkey d\n", "key a\nkey d\nkey e\n"),
              "--- A\n+++ B\n@@ key b @@\n-key b\n@@ key b\\c @@\n-key b\\c\n"
              "-  \"v\" = dword 1\n@@ key e @@\n+key e\n");
}

TEST(RegistryDifference, AnotherSpellingIsADifference) {
    EXPECT_EQ(shown("key a\n  \"v\" = dword 1\n", "key A\n  \"V\" = dword 1\n"),
              "--- A\n+++ B\n@@ key a @@\n-key a\n-  \"v\" = dword 1\n@@ key A @@\n+key A\n"
              "+  \"V\" = dword 1\n");
    EXPECT_EQ(shown("key a\n  \"v\" = dword 1\n", "key a\n  \"V\" = dword 1\n"),
              "--- A\n+++ B\n@@ key a @@\n-  \"v\" = dword 1\n+  \"V\" = dword 1\n");
}

TEST(RegistryDifference, DescriptorsAreCompared) {
    const std::string one = "key a\n  descriptor \"O:BAG:BAD:(A;CI;KA;;;BA)\"\n";
    EXPECT_EQ(shown(one, one), "");
    EXPECT_EQ(shown(one, "key a\n"),
              "--- A\n+++ B\n@@ key a @@\n-  descriptor \"O:BAG:BAD:(A;CI;KA;;;BA)\"\n");
}

TEST(RegistryDifference, TheRootsValuesHaveAHeadingToo) {
    EXPECT_EQ(shown("", "key\n  \"v\" = dword 1\n"),
              "--- A\n+++ B\n@@ key @@\n+  \"v\" = dword 1\n");
}

/// It is empty just when the texts are the same.
TEST(RegistryDifference, AgreesWithTheTextsOfRandomTrees) {
    std::mt19937 random(7);
    const auto grown = [&random] {
        std::string text;
        for (const char* key : {"a", "a\\b", "b"})
            if (random() % 2 == 0) {
                text += std::string("key ") + key + "\n";
                for (const char* name : {"v", "w"})
                    if (random() % 2 == 0)
                        text += std::string("  \"") + name + "\" = dword " +
                                std::to_string(random() % 2) + "\n";
            }
        return text;
    };
    for (int i = 0; i < 500; ++i) {
        const std::string before = grown(), after = grown();
        const bool same = model::dump_text(tree(before)) == model::dump_text(tree(after));
        EXPECT_EQ(shown(before, after).empty(), same) << before << "--\n" << after;
    }
}

} // namespace
} // namespace bridge::cli
