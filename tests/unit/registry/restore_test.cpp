// SPDX-License-Identifier: Apache-2.0
// A restore replaces the registry at one log entry, the same on all members, or does nothing.
#include "bridge/registry/restore.hpp"

#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/model/registry_text.hpp"
#include "bridge/registry/intent.hpp"
#include "bridge/registry/tree_state.hpp"
#include "tests/unit/model/registry_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace {

using namespace bridge::registry;
using namespace bridge::model;
using namespace bridge::model::test;

/// One node: its state and the rows that its disk holds.
class member {
public:
    member() : state_(registry_tree{}, 0) {
        state_.watch([this](const registry_batch&, const registry_outcome& o) { told_ = o; });
    }

    registry_outcome commit(const registry_batch& what) {
        log_entry entry;
        entry.index = ++index_;
        entry.operation.sequence = index_;
        entry.body = std::make_shared<const std::vector<std::byte>>(encode_batch(what));
        EXPECT_LE(entry.body->size(), registry_limit::batch_bytes);
        state_.apply(entry);
        return *state_.outcome(entry.operation);
    }

    /// Up to the first that is refused.
    registry_errc commit_all(const std::vector<registry_batch>& batches) {
        for (const registry_batch& each : batches)
            if (const auto code = commit(each).code; code != registry_errc::none)
                return code;
        return registry_errc::none;
    }

    /// The tree after a restart.
    registry_tree reloaded() {
        if (auto taken = state_.take_rows()) {
            if (taken->everything)
                rows_.clear();
            for (row_change& row : taken->rows)
                if (row.value)
                    rows_[row.key] = *row.value;
                else
                    rows_.erase(row.key);
        }
        std::vector<registry_row> all;
        for (const auto& [key, value] : rows_)
            all.push_back({key, value});
        auto tree = registry_tree::from_rows(all);
        EXPECT_TRUE(tree);
        return tree ? std::move(*tree) : registry_tree{};
    }

    [[nodiscard]] const registry_tree& tree() const { return state_.tree(); }
    [[nodiscard]] std::string text() const { return dump_text(tree()); }
    [[nodiscard]] const registry_outcome& told() const { return told_; }

private:
    tree_state state_;
    std::uint64_t index_ = 0;
    std::map<std::vector<std::byte>, std::vector<std::byte>> rows_;
    registry_outcome told_;
};

registry_batch identity(std::string_view text) {
    const std::string key(identity_key);
    return batch({create(key), set(key, "Id", text)});
}

/// A tree like those of a small cluster, another one for each seed.
void grow(member& node, unsigned seed) {
    std::mt19937 random(seed);
    for (int step = 0; step < 60; ++step) {
        const std::string key = "Resources\\" + std::to_string(random() % 12) + "\\Parameters";
        registry_batch what =
            batch({create(key, {descriptor(std::to_string(random() % 3))}),
                   set(key, "v" + std::to_string(random() % 4), std::string(random() % 200, 'x'))},
                  1000 + random() % 100);
        EXPECT_EQ(node.commit(what).code, registry_errc::none);
    }
    EXPECT_EQ(node.commit(batch({set("", "Seed", std::to_string(seed))})).code,
              registry_errc::none);
}

TEST(Restore, MakesTheRunningTreeTheSavedOne) {
    member old, running;
    grow(old, 1);
    grow(running, 2);
    ASSERT_NE(old.text(), running.text());
    ASSERT_EQ(running.commit_all(restore_batches(old.tree(), "r1")), registry_errc::none);
    EXPECT_EQ(running.text(), old.text());
    EXPECT_EQ(running.reloaded(), running.tree());
}

TEST(Restore, IsTheSameOnEveryMember) {
    for (unsigned seed = 10; seed < 40; ++seed) {
        member saved, first, second;
        grow(saved, seed);
        grow(first, seed + 100);
        grow(second, seed + 100);
        std::ignore = first.reloaded(); // what was written before does not matter
        auto batches = restore_batches(saved.tree(), "r");
        for (registry_batch& each : batches)
            each.time = 2000;
        ASSERT_EQ(first.commit_all(batches), registry_errc::none);
        ASSERT_EQ(second.commit_all(batches), registry_errc::none);
        EXPECT_EQ(first.tree().digest(), second.tree().digest());
        EXPECT_EQ(first.tree(), second.tree());
        EXPECT_EQ(first.tree().save(), second.tree().save());
        EXPECT_EQ(first.reloaded(), second.reloaded());
        EXPECT_EQ(first.reloaded(), first.tree());
    }
}

TEST(Restore, KeepsWhatIsEqualAndTellsTheRest) {
    member running;
    running.commit(batch({create("a"), set("a", "same", "1"), create("b"), set("b", "v", "2")}));
    const std::vector<std::byte> saved = running.tree().save();
    const auto number = running.tree().find("a")->id();
    const auto version = running.tree().find("a")->version();
    running.commit(batch({set("b", "v", "3"), create("c"), set("c", "w", "4")}));
    auto batches = restore_batches(*registry_tree::load(saved), "r");
    batches.back().time = 5000;
    ASSERT_EQ(running.commit_all(batches), registry_errc::none);
    EXPECT_EQ(running.tree().find("a")->id(), number);
    EXPECT_EQ(running.tree().find("a")->version(), version);
    EXPECT_EQ(running.tree().find("b")->last_write(), 5000U);
    std::multiset<std::string> told;
    for (const registry_change& change : running.told().changes) {
        EXPECT_EQ(change.command, 0U);
        told.insert(std::to_string(static_cast<int>(change.kind)) + change.path);
    }
    const std::multiset<std::string> wanted{"2c", "2.clusbridge\\Staged\\r", "2.clusbridge\\Staged",
                                            "2.clusbridge", "3b"};
    EXPECT_EQ(told, wanted);
    EXPECT_EQ(running.told().created, std::vector<bool>{false});
}

TEST(Restore, KeepsTheIdentityOfTheRunningCluster) {
    member old, running, blank;
    old.commit(identity("old"));
    old.commit(batch({create("x")}));
    running.commit(identity("running"));
    const auto batches = restore_batches(old.tree(), "r");
    ASSERT_EQ(running.commit_all(batches), registry_errc::none);
    ASSERT_EQ(blank.commit_all(batches), registry_errc::none);
    const auto id_of = [](const member& m) {
        return m.tree().find(identity_key)->find_value("Id")->data;
    };
    EXPECT_EQ(id_of(running), bytes_of("running"));
    EXPECT_EQ(id_of(blank), bytes_of("old")); // it had none
    EXPECT_NE(running.tree().find("x"), nullptr);
}

TEST(Restore, LeavesOutWhatBelongedToTheMomentOfSaving) {
    member old, running;
    intent what;
    what.mark = "m";
    what.batch = batch({create("later")});
    ASSERT_EQ(old.commit(intent_batch(what)).code, registry_errc::none);
    old.commit(batch({create(std::string(staged_key) + "\\other"), create("x")}));
    const auto batches = restore_batches(old.tree(), "r");
    ASSERT_EQ(running.commit_all(batches), registry_errc::none);
    EXPECT_EQ(pending_intent(running.tree()), nullptr);
    EXPECT_EQ(running.tree().find(staged_key), nullptr);
    EXPECT_EQ(running.tree().find(restore_key), nullptr);
}

TEST(Restore, WaitsForAPendingIntent) {
    member old, running;
    old.commit(batch({create("x")}));
    auto batches = restore_batches(old.tree(), "r");
    const registry_batch last = batches.back();
    batches.pop_back();
    ASSERT_EQ(running.commit_all(batches), registry_errc::none);
    intent what;
    what.mark = "m";
    what.batch = batch({create("later")});
    ASSERT_EQ(running.commit(intent_batch(what)).code, registry_errc::none);
    EXPECT_EQ(running.commit(last).code, registry_errc::busy);
    ASSERT_EQ(running.commit(settling_batch(what, true)).code, registry_errc::none);
    EXPECT_EQ(running.commit(last).code, registry_errc::none);
    EXPECT_NE(running.tree().find("x"), nullptr);
    EXPECT_EQ(running.tree().find("later"), nullptr);
}

TEST(Restore, RemovesWhatAnAbortedOneLeft) {
    member old, running;
    grow(old, 3);
    const auto aborted = restore_batches(old.tree(), "aborted");
    const auto next = restore_batches(old.tree(), "next");
    running.commit(aborted[0]);
    running.commit(aborted[1]);
    ASSERT_EQ(running.commit(next[0]).code, registry_errc::none);
    EXPECT_EQ(running.tree().find(std::string(staged_key) + "\\aborted"), nullptr);
    // The aborted one was only slow: it ends here.
    EXPECT_EQ(running.commit(aborted[1]).code, registry_errc::key_not_found);
    EXPECT_EQ(running.commit(aborted.back()).code, registry_errc::invalid);
    EXPECT_EQ(running.commit_all({next.begin() + 1, next.end()}), registry_errc::none);
}

TEST(Restore, DoesNothingUnlessAllIsThereAndRight) {
    member old;
    grow(old, 4);
    const auto batches = restore_batches(old.tree(), "r");
    const auto order = *decode_restore(batches.back().commands[0].data);
    const auto attempt = [&](auto spoil) {
        member running;
        grow(running, 5);
        auto mine = batches;
        restore_order wrong = order;
        spoil(mine, wrong);
        if (wrong != order)
            mine.back().commands[0].data = encode_restore(wrong);
        const registry_batch last = mine.back();
        mine.pop_back();
        EXPECT_EQ(running.commit_all(mine), registry_errc::none);
        const auto before = running.tree().digest();
        EXPECT_EQ(running.commit(last).code, registry_errc::invalid);
        EXPECT_EQ(running.tree().digest(), before);
        EXPECT_EQ(running.reloaded(), running.tree());
    };
    using list = std::vector<registry_batch>;
    attempt([](list&, restore_order& o) { ++o.digest.low; });
    attempt([](list&, restore_order& o) { ++o.chunks; });
    attempt([](list&, restore_order& o) { o.chunks = 0; });
    attempt([](list&, restore_order& o) { --o.bytes; });
    attempt([](list&, restore_order& o) { ++o.bytes; });
    attempt([](list&, restore_order& o) { o.id = "other"; });
    attempt([](list&, restore_order& o) { o.id = "..\\r"; });
    attempt([](list& b, restore_order&) {
        // In a value: versions are not what the digest covers, nor what a restore takes over.
        auto& data = b[1].commands[0].data;
        *std::find(data.begin(), data.end(), std::byte{'x'}) = std::byte{'y'};
    });
    attempt([](list& b, restore_order&) { b.erase(b.begin() + 1); });
    attempt([](list& b, restore_order&) { b.back().commands.push_back(create("more")); });
    attempt([](list& b, restore_order&) { b.back().commands[0].data.pop_back(); });
    attempt([](list& b, restore_order&) { b.back().commands[0].data.push_back({}); });
    attempt([](list& b, restore_order&) { b.back().commands[0].data.clear(); });
}

TEST(Restore, StagingStaysWithinTheLimitOfTheTree) {
    member large, running;
    const std::string value(registry_limit::value_bytes, 'v');
    ASSERT_EQ(large.commit(batch({create("big")})).code, registry_errc::none);
    for (int i = 0; i < 80; ++i) // 40 MiB: once it fits, twice it does not
        ASSERT_EQ(large.commit(batch({set("big", std::to_string(i), value)})).code,
                  registry_errc::none);
    const auto batches = restore_batches(large.tree(), "r");
    EXPECT_EQ(running.commit_all(batches), registry_errc::none);
    EXPECT_EQ(running.tree().bytes(), large.tree().bytes());
    EXPECT_EQ(running.commit_all(batches), registry_errc::tree_full);
    EXPECT_NE(running.tree().find("big"), nullptr);
}

TEST(Restore, MoreChangesThanABatchMayHaveAreOneStep) {
    member many, running;
    for (int i = 0; i < 3; ++i) {
        registry_batch what;
        for (int k = 0; k < 2000; ++k) {
            const std::string key = "k" + std::to_string(i) + "\\" + std::to_string(k);
            what.commands.push_back(create(key));
            what.commands.push_back(set(key, "v", "1"));
        }
        ASSERT_EQ(many.commit(what).code, registry_errc::none);
    }
    ASSERT_EQ(running.commit_all(restore_batches(many.tree(), "r")), registry_errc::none);
    EXPECT_EQ(running.told().changes.size(), 3U + 3U * 4001U);
    EXPECT_EQ(running.reloaded(), running.tree());
}

TEST(Restore, RecognisesItsOwnBatchesOnly) {
    member old;
    grow(old, 6);
    for (const registry_batch& each : restore_batches(old.tree(), "r")) {
        EXPECT_TRUE(belongs_to_restore(each));
        EXPECT_TRUE(belongs_to_restore(*decode_batch(encode_batch(each))));
    }
    EXPECT_FALSE(belongs_to_restore(batch({})));
    EXPECT_FALSE(belongs_to_restore(batch({set("Resources", "v", "1")})));
    EXPECT_FALSE(belongs_to_restore(batch({set(std::string(staged_key) + "\\a\\b", "0", "1")})));
    EXPECT_FALSE(belongs_to_restore(batch({set(std::string(staged_key), "0", "1")})));
    EXPECT_FALSE(belongs_to_restore(batch({erase("x", true), create("y")})));
    EXPECT_FALSE(belongs_to_restore(identity("x")));
}

} // namespace
