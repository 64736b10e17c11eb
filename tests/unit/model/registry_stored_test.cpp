// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/registry_fixture.hpp"

#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/model/registry_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace bridge::model::test {

namespace {

registry_tree stored_example() {
    registry_tree tree;
    tree.apply(batch({create("a\\b\\c", {descriptor("one"), descriptor("two")}), create("d"),
                      set("a\\b", "x", "1"), set("a\\b\\c", "y", "2"), set("a\\b\\c", "z", "3"),
                      set("", "", "root")}));
    return tree;
}

} // namespace

TEST(RegistryRows, OfADeletedSubtreeGoAndNothingElseButTheParentsTimeChanges) {
    registry_tree tree = stored_example();
    tree.take_rows();
    const auto parent = tree.find("a")->id();
    tree.apply(batch({erase("a\\b", true)}, 200));
    const auto rows = tree.take_rows();
    ASSERT_EQ(rows.size(), 1U + 2U + 3U);
    EXPECT_EQ(rows[0].key, registry_rows::key_row(parent));
    EXPECT_TRUE(rows[0].value);
    EXPECT_TRUE(std::all_of(rows.begin() + 1, rows.end(), [](const auto& r) { return !r.value; }));
}

TEST(RegistryRows, OfOneValueAreItsOwnAndItsKeys) {
    registry_tree tree = stored_example();
    EXPECT_EQ(tree.take_rows().size(), 1U + 4U + 4U + 1U);
    tree.apply(batch({set("d", "Name", "v"), set("d", "NAME", "w")}));
    const auto rows = tree.take_rows();
    ASSERT_EQ(rows.size(), 2U);
    const auto id = tree.find("d")->id();
    EXPECT_EQ(rows[0].key, registry_rows::key_row(id));
    EXPECT_EQ(rows[1].key, registry_rows::value_row(id, "NAME"));
    EXPECT_TRUE(tree.take_rows().empty());
}

TEST(RegistryRows, OfAFailedBatchAreNone) {
    registry_tree tree = stored_example();
    tree.take_rows();
    tree.apply(batch({create("new"), set("d", "v", "1"), erase("a", true), erase("nothing")}));
    EXPECT_TRUE(tree.take_rows().empty());
}

TEST(RegistryRows, AreRefusedWhenTheyAreNoTree) {
    const auto rows = stored_example().all_rows();
    ASSERT_TRUE(registry_tree::from_rows(rows));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto broken = rows;
        broken[i].value->push_back({});
        EXPECT_FALSE(registry_tree::from_rows(broken));
        broken[i].value->pop_back();
        broken[i].value->pop_back();
        EXPECT_FALSE(registry_tree::from_rows(broken));
        broken[i].value.reset();
        EXPECT_FALSE(registry_tree::from_rows(broken));
        broken = rows;
        broken[i].key[0] = std::byte{'X'};
        EXPECT_FALSE(registry_tree::from_rows(broken));
        broken = rows;
        broken.push_back(broken[i]);
        EXPECT_FALSE(registry_tree::from_rows(broken));
    }
    auto orphans = rows;
    orphans.erase(orphans.begin() + 1);
    EXPECT_FALSE(registry_tree::from_rows(orphans));
    auto low = rows;
    const auto next = std::find_if(low.begin(), low.end(), [](const registry_row& row) {
        return row.key == registry_rows::next_row();
    });
    ASSERT_NE(next, low.end());
    next->value = registry_rows::next_content(stored_example().find("d")->id());
    EXPECT_FALSE(registry_tree::from_rows(low));
    EXPECT_TRUE(registry_tree::from_rows({}));
}

TEST(RegistryRows, ThatHangOnEachOtherAreNoTree) {
    registry_tree tree;
    tree.apply(batch({create("a\\b")}));
    auto rows = tree.all_rows();
    ASSERT_EQ(rows.size(), 4U);
    // The parent's number stands after the format byte.
    (*rows[1].value)[1] = static_cast<std::byte>(tree.find("a\\b")->id());
    EXPECT_FALSE(registry_tree::from_rows(rows));
}

TEST(RegistrySaved, IsTheSameTree) {
    const registry_tree tree = stored_example();
    const auto saved = tree.save();
    const auto loaded = registry_tree::load(saved);
    ASSERT_TRUE(loaded);
    EXPECT_TRUE(*loaded == tree);
    EXPECT_EQ(loaded->digest(), tree.digest());
    EXPECT_EQ(loaded->keys(), tree.keys());
    EXPECT_EQ(loaded->values(), tree.values());
    EXPECT_EQ(loaded->bytes(), tree.bytes());
    EXPECT_EQ(loaded->save(), saved);
    EXPECT_TRUE(registry_tree::load(registry_tree().save()));
}

TEST(RegistrySaved, IsRefusedWithAnyOctetChangedOrMissing) {
    const auto saved = stored_example().save();
    for (std::size_t i = 0; i < saved.size(); ++i) {
        auto broken = saved;
        broken[i] ^= std::byte{1};
        const auto loaded = registry_tree::load(broken);
        // Versions and numbers are not part of the digest.
        EXPECT_TRUE(!loaded || loaded->digest() == stored_example().digest()) << i;
        EXPECT_FALSE(registry_tree::load(std::span(saved).first(i)));
    }
    auto longer = saved;
    longer.push_back({});
    EXPECT_FALSE(registry_tree::load(longer));
}

TEST(RegistryBatchCodec, KeepsWhatItIsGiven) {
    auto full =
        batch({create("a\\b", {descriptor("x"), nullptr, descriptor("y")}), erase("ä", true),
               set("k", "n", "data", registry_type::multi_sz), unset("k", ""), secure("k", nullptr),
               require(registry_verb::require_absent, "k", "n")},
              0x0123456789ABCDEF);
    full.commands[0].replace_descriptor = true;
    const auto bytes = encode_batch(full);
    const auto back = decode_batch(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, full);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        EXPECT_FALSE(decode_batch(std::span(bytes).first(i)));
    EXPECT_EQ(*decode_batch(encode_batch({})), registry_batch{});
}

TEST(RegistryBatchCodec, WritesASharedDescriptorOnce) {
    const auto shared = descriptor(std::string(1000, 's'));
    const auto bytes = encode_batch(batch({create("a", {shared}), create("b", {shared})}));
    EXPECT_LT(bytes.size(), 1200U);
    const auto back = decode_batch(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->commands[0].descriptors[0], back->commands[1].descriptors[0]);
}

TEST(RegistryBatchCodec, RefusesWhatIsBeyondItsLimits) {
    auto many = batch({});
    many.commands.resize(registry_limit::batch_commands + 1);
    for (auto& command : many.commands)
        command.verb = registry_verb::create_key;
    EXPECT_FALSE(decode_batch(encode_batch(many)));
    many.commands.pop_back();
    EXPECT_TRUE(decode_batch(encode_batch(many)));
    many.commands.back().verb = static_cast<registry_verb>(9);
    EXPECT_FALSE(decode_batch(encode_batch(many)));
    auto caller = batch({});
    caller.caller = std::string(registry_limit::caller_bytes + 1, 'c');
    EXPECT_FALSE(decode_batch(encode_batch(caller)));
    caller.caller = "\xC0";
    EXPECT_FALSE(decode_batch(encode_batch(caller)));
    auto large = batch({set("", "v", std::string(registry_limit::batch_bytes, 'x'))});
    EXPECT_FALSE(decode_batch(encode_batch(large)));
}

} // namespace bridge::model::test
