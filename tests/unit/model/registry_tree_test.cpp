// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/registry_fixture.hpp"

#include "bridge/win32/utf16.hpp"

#include <gtest/gtest.h>

namespace bridge::model::test {

namespace {

registry_errc code_of(registry_tree& tree, registry_command command) {
    return tree.apply(batch({std::move(command)})).code;
}

std::string text(const registry_value* value) {
    if (!value)
        return "<none>";
    return {reinterpret_cast<const char*>(value->data.data()), value->data.size()};
}

std::vector<std::string> told(const registry_outcome& outcome) {
    std::vector<std::string> out;
    for (const auto& change : outcome.changes)
        out.push_back(std::to_string(static_cast<int>(change.kind)) + " " + change.path + " " +
                      change.now.name);
    return out;
}

} // namespace

TEST(RegistryTree, BeginsWithNothingButTheRoot) {
    const registry_tree tree;
    EXPECT_EQ(tree.keys(), 0U);
    EXPECT_EQ(tree.values(), 0U);
    EXPECT_EQ(tree.bytes(), 0U);
    EXPECT_EQ(tree.find(""), &tree.root());
    EXPECT_EQ(tree.root().path(), "");
    EXPECT_EQ(tree.find("a"), nullptr);
}

TEST(RegistryTree, FindsKeysAndValuesWhateverTheirCase) {
    registry_tree tree;
    ASSERT_EQ(
        tree.apply(batch({create("Software\\Žluť"), set("SOFTWARE\\žLUŤ", "Größe", "1")})).code,
        registry_errc::none);
    const stored_key* key = tree.find("software\\ŽLUŤ");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->path(), "Software\\Žluť");
    EXPECT_EQ(text(key->find_value("GRÖßE")), "1");
    EXPECT_EQ(key->find_value("GRÖSSE"), nullptr);
    EXPECT_EQ(tree.find("software\\"), nullptr);
    EXPECT_EQ(tree.find("\\software"), nullptr);
}

TEST(RegistryTree, KeepsSubkeysAndValuesSortedByFoldedName) {
    registry_tree tree;
    tree.apply(batch({create("b"), create("C"), create("a"), create("B"), set("", "z", "1"),
                      set("", "", "2"), set("", "Y", "3"), set("", "x", "4")}));
    const stored_key& root = tree.root();
    ASSERT_EQ(root.subkey_count(), 3U);
    EXPECT_EQ(root.subkey(0).name(), "a");
    EXPECT_EQ(root.subkey(1).name(), "b");
    EXPECT_EQ(root.subkey(2).name(), "C");
    ASSERT_EQ(root.value_count(), 4U);
    EXPECT_EQ(root.value(0).name, "");
    EXPECT_EQ(root.value(1).name, "x");
    EXPECT_EQ(root.value(3).name, "z");
}

TEST(RegistryTree, CreatesWhatIsMissingAboveAndSaysWhatItMade) {
    registry_tree tree;
    const auto out = tree.apply(batch({create("a\\b\\c"), create("A\\B"), create("")}));
    EXPECT_EQ(out.created, (std::vector<bool>{true, false, false}));
    EXPECT_EQ(told(out), (std::vector<std::string>{"1 a ", "1 a\\b ", "1 a\\b\\c "}));
    EXPECT_EQ(tree.keys(), 3U);
}

TEST(RegistryTree, GivesDescriptorsFromTheLastKeyUp) {
    registry_tree tree;
    tree.apply(batch({create("a\\b\\c\\d", {descriptor("upper"), descriptor("last")})}));
    EXPECT_EQ(*tree.find("a")->descriptor(), bytes_of("upper"));
    EXPECT_EQ(*tree.find("a\\b\\c")->descriptor(), bytes_of("upper"));
    EXPECT_EQ(*tree.find("a\\b\\c\\d")->descriptor(), bytes_of("last"));
    EXPECT_EQ(tree.find("a")->descriptor(), tree.find("a\\b")->descriptor());
    EXPECT_EQ(tree.bytes(), 4U + 9U);
}

TEST(RegistryTree, SharesEqualDescriptorsOfDifferentBatches) {
    registry_tree tree;
    tree.apply(batch({create("a", {descriptor("same")})}));
    tree.apply(batch({create("b", {descriptor("same")})}));
    EXPECT_EQ(tree.find("a")->descriptor(), tree.find("b")->descriptor());
    EXPECT_EQ(tree.bytes(), 6U);
    tree.apply(batch({erase("a")}));
    EXPECT_EQ(tree.bytes(), 5U);
    tree.apply(batch({secure("b", nullptr)}));
    EXPECT_EQ(tree.bytes(), 1U);
}

TEST(RegistryTree, ReplacesTheDescriptorOfAnExistingKeyOnlyWhenTold) {
    registry_tree tree;
    tree.apply(batch({create("a", {descriptor("one")})}));
    auto again = create("a", {descriptor("two")});
    tree.apply(batch({again}));
    EXPECT_EQ(*tree.find("a")->descriptor(), bytes_of("one"));
    again.replace_descriptor = true;
    const auto out = tree.apply(batch({again}));
    EXPECT_EQ(*tree.find("a")->descriptor(), bytes_of("two"));
    EXPECT_EQ(told(out), std::vector<std::string>{"5 a "});
    EXPECT_TRUE(tree.apply(batch({again})).changes.empty());
}

TEST(RegistryTree, TellsTheValueThatWasThere) {
    registry_tree tree;
    tree.apply(batch({set("", "Name", "old")}));
    const auto out = tree.apply(batch({set("", "NAME", "new"), unset("", "name")}));
    ASSERT_EQ(out.changes.size(), 2U);
    EXPECT_EQ(out.changes[0].kind, registry_change_kind::value_set);
    EXPECT_EQ(out.changes[0].now.name, "Name");
    EXPECT_EQ(text(&out.changes[0].now), "new");
    EXPECT_EQ(text(&out.changes[0].before), "old");
    EXPECT_TRUE(out.changes[0].existed);
    EXPECT_EQ(out.changes[1].command, 1U);
    EXPECT_EQ(text(&out.changes[1].before), "new");
    EXPECT_EQ(tree.values(), 0U);
}

TEST(RegistryTree, SettingTheSameAgainChangesNothing) {
    registry_tree tree;
    tree.apply(batch({set("", "a", "1")}, 10));
    const auto digest = tree.digest();
    tree.take_rows();
    EXPECT_TRUE(tree.apply(batch({set("", "A", "1")}, 20)).changes.empty());
    EXPECT_EQ(tree.root().last_write(), 10U);
    EXPECT_EQ(tree.digest(), digest);
    EXPECT_TRUE(tree.take_rows().empty());
    EXPECT_EQ(tree.apply(batch({set("", "A", "1", registry_type::sz)}, 20)).changes.size(), 1U);
}

TEST(RegistryTree, TimesAreOfValuesAndDirectSubkeysAndNeverGoBack) {
    registry_tree tree;
    tree.apply(batch({create("a\\b")}, 10));
    tree.apply(batch({create("a\\b\\c")}, 20));
    EXPECT_EQ(tree.root().last_write(), 10U);
    EXPECT_EQ(tree.find("a")->last_write(), 10U);
    EXPECT_EQ(tree.find("a\\b")->last_write(), 20U);
    tree.apply(batch({set("a\\b", "v", "1")}, 15));
    EXPECT_EQ(tree.find("a\\b")->last_write(), 20U);
    EXPECT_EQ(tree.find("a\\b")->version(), 3U);
    tree.apply(batch({secure("a\\b", descriptor("x"))}, 30));
    EXPECT_EQ(tree.find("a\\b")->last_write(), 20U);
    EXPECT_EQ(tree.find("a\\b")->version(), 4U);
    tree.apply(batch({erase("a\\b\\c")}, 40));
    EXPECT_EQ(tree.find("a\\b")->last_write(), 40U);
}

TEST(RegistryTree, AKeyMadeAgainIsAnotherOne) {
    registry_tree tree;
    tree.apply(batch({create("a")}));
    const auto first = tree.find("a")->id();
    tree.apply(batch({erase("a"), create("a")}));
    EXPECT_NE(tree.find("a")->id(), first);
    const auto second = tree.find("a")->id();
    tree.apply(batch({create("b"), erase("nothing")}));
    tree.apply(batch({create("c")}));
    EXPECT_EQ(tree.find("c")->id(), second + 1);
}

TEST(RegistryTree, DeletesASubtreeLeafFirst) {
    registry_tree tree;
    tree.apply(batch({create("a\\b\\c"), create("a\\d"), set("a\\b", "v", "1")}));
    EXPECT_EQ(code_of(tree, erase("a")), registry_errc::has_subkeys);
    const auto out = tree.apply(batch({erase("a", true)}));
    EXPECT_EQ(told(out), (std::vector<std::string>{"2 a\\b\\c ", "2 a\\b ", "2 a\\d ", "2 a "}));
    EXPECT_EQ(tree.keys() + tree.values() + tree.bytes(), 0U);
    EXPECT_EQ(code_of(tree, erase("a")), registry_errc::key_not_found);
}

TEST(RegistryTree, AnswersWhatIsWrong) {
    registry_tree tree;
    tree.apply(batch({create("a")}));
    EXPECT_EQ(code_of(tree, set("b", "v", "1")), registry_errc::key_not_found);
    EXPECT_EQ(code_of(tree, unset("b", "v")), registry_errc::key_not_found);
    EXPECT_EQ(code_of(tree, unset("a", "v")), registry_errc::value_not_found);
    EXPECT_EQ(code_of(tree, secure("b", nullptr)), registry_errc::key_not_found);
    auto lenient = unset("a", "v");
    lenient.must_exist = false;
    EXPECT_EQ(code_of(tree, lenient), registry_errc::none);
    lenient.path = "b";
    EXPECT_EQ(code_of(tree, lenient), registry_errc::none);
    EXPECT_EQ(code_of(tree, erase("")), registry_errc::invalid);
    EXPECT_EQ(code_of(tree, create("\\a")), registry_errc::invalid);
    EXPECT_EQ(code_of(tree, create("a\\")), registry_errc::invalid);
    EXPECT_EQ(code_of(tree, create("a\\\\b")), registry_errc::invalid);
    EXPECT_EQ(code_of(tree, create("\xFF")), registry_errc::invalid);
    EXPECT_EQ(code_of(tree, create(std::string("a\0b", 3))), registry_errc::invalid);
    EXPECT_EQ(code_of(tree, set("a", "v", "1", static_cast<registry_type>(5))),
              registry_errc::invalid);
    EXPECT_EQ(code_of(tree, registry_command{}), registry_errc::invalid);
    EXPECT_EQ(tree.apply(batch({create("b"), create("a\\\\")})).failed_command, 1U);
    EXPECT_EQ(tree.find("b"), nullptr);
}

TEST(RegistryTree, GuardsDecide) {
    using enum registry_verb;
    registry_tree tree;
    tree.apply(batch({create("a"), set("a", "v", "1")}));
    EXPECT_EQ(code_of(tree, require(require_key, "A")), registry_errc::none);
    EXPECT_EQ(code_of(tree, require(require_key, "b")), registry_errc::guard_failed);
    EXPECT_EQ(code_of(tree, require(require_value, "a", "V", "1")), registry_errc::none);
    EXPECT_EQ(code_of(tree, require(require_value, "a", "v", "2")), registry_errc::guard_failed);
    EXPECT_EQ(code_of(tree, require(require_value, "a", "w", "")), registry_errc::guard_failed);
    EXPECT_EQ(code_of(tree, require(require_absent, "a", "w")), registry_errc::none);
    EXPECT_EQ(code_of(tree, require(require_absent, "b", "w")), registry_errc::none);
    EXPECT_EQ(code_of(tree, require(require_absent, "a", "v")), registry_errc::guard_failed);
}

TEST(RegistryTree, HoldsNamesToTheirLimits) {
    registry_tree tree;
    EXPECT_EQ(code_of(tree, create(std::string(255, 'k'))), registry_errc::none);
    EXPECT_EQ(code_of(tree, create(std::string(256, 'k'))), registry_errc::too_large);
    std::string umlauts;
    for (int i = 0; i < 255; ++i)
        umlauts += "ü";
    EXPECT_EQ(code_of(tree, create(umlauts)), registry_errc::none);
    EXPECT_EQ(code_of(tree, create(umlauts + "ü")), registry_errc::too_large);
    EXPECT_EQ(code_of(tree, set("", std::string(16383, 'v'), "")), registry_errc::none);
    EXPECT_EQ(code_of(tree, set("", std::string(16384, 'v'), "")), registry_errc::too_large);
    std::string deep = "d";
    for (int i = 1; i < 512; ++i)
        deep += "\\d";
    EXPECT_EQ(code_of(tree, create(deep)), registry_errc::none);
    EXPECT_EQ(code_of(tree, create(deep + "\\d")), registry_errc::too_large);
    std::string wide = std::string(200, 'p');
    for (int i = 0; i < 40; ++i)
        wide += "\\" + std::string(200, 'p');
    EXPECT_EQ(code_of(tree, create(wide)), registry_errc::too_large);
}

TEST(RegistryTree, HoldsDataAndDescriptorsToTheirLimits) {
    registry_tree tree;
    EXPECT_EQ(code_of(tree, set("", "v", std::string(512U << 10, 'x'))), registry_errc::none);
    EXPECT_EQ(code_of(tree, set("", "v", std::string((512U << 10) + 1, 'x'))),
              registry_errc::too_large);
    EXPECT_EQ(code_of(tree, create("a", {descriptor(std::string((64U << 10) + 1, 'x'))})),
              registry_errc::too_large);
    EXPECT_EQ(code_of(tree, create("a", {descriptor("")})), registry_errc::invalid);
    auto many = batch({});
    many.commands.resize(registry_limit::batch_commands + 1, create("a"));
    EXPECT_EQ(tree.apply(many).code, registry_errc::too_large);
}

TEST(RegistryTree, IsFullAtItsLimitOfBytesAndTakesNothingThen) {
    registry_tree tree;
    const std::string large(512U << 10, 'x');
    for (int i = 0; i < 127; ++i)
        ASSERT_EQ(code_of(tree, set("", "v" + std::to_string(i), large)), registry_errc::none);
    const auto digest = tree.digest();
    const auto out = tree.apply(batch({set("", "w", "small"), set("", "z", large)}));
    EXPECT_EQ(out.code, registry_errc::tree_full);
    EXPECT_EQ(out.failed_command, 1U);
    EXPECT_TRUE(out.changes.empty());
    EXPECT_EQ(tree.digest(), digest);
    EXPECT_EQ(tree.values(), 127U);
}

TEST(RegistryTree, DoesNotTellMoreOfOneBatchThanItsLimit) {
    registry_tree tree;
    std::string deep = std::string(15, 'd');
    for (int i = 1; i < 490; ++i)
        deep += "\\" + std::string(15, 'd');
    ASSERT_EQ(code_of(tree, create(deep)), registry_errc::none);
    for (int from = 0; from < 9000; from += 3000) {
        auto some = batch({});
        for (int i = from; i < from + 3000; ++i)
            some.commands.push_back(create(deep + "\\" + std::to_string(i)));
        ASSERT_EQ(tree.apply(some).code, registry_errc::none);
    }
    const auto digest = tree.digest();
    EXPECT_EQ(code_of(tree, erase(std::string(15, 'd'), true)), registry_errc::too_large);
    EXPECT_EQ(tree.digest(), digest);
    EXPECT_EQ(tree.keys(), 9490U);
}

TEST(RegistryDigest, DoesNotDependOnTheWay) {
    registry_tree one;
    registry_tree two;
    one.apply(batch({create("a\\b"), create("c"), set("a", "x", "1"), set("c", "y", "2")}));
    two.apply(batch({create("c"), set("c", "y", "other"), set("c", "gone", "")}));
    two.apply(batch({create("a\\b"), set("a", "x", "1"), set("c", "y", "2"), unset("c", "gone")}));
    EXPECT_EQ(one.digest(), two.digest());
    two.apply(batch({set("c", "y", "3")}));
    EXPECT_NE(one.digest(), two.digest());
}

TEST(RegistryDigest, SumsWithCarry) {
    registry_digest sum{~std::uint64_t{0}, 5};
    sum += {2, 1};
    EXPECT_EQ(sum, (registry_digest{1, 7}));
    sum -= {2, 1};
    EXPECT_EQ(sum, (registry_digest{~std::uint64_t{0}, 5}));
}

} // namespace bridge::model::test
