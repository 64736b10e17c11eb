// SPDX-License-Identifier: Apache-2.0
// What is written is what is found when the store is opened again.
#include "tests/unit/registry/store_owner.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

class StoreWrite : public testing::Test {
protected:
    journal_content reopened() {
        owner_.reset();
        owner_ = std::make_unique<store_owner>(file_);
        EXPECT_FALSE(owner_->error()) << owner_->error()->what;
        return owner_->content();
    }

    void write(journal_write what) {
        EXPECT_EQ(owner_->write(std::move(what)), journal_errc::none) << owner_->broken();
    }

    /// Entries 1..count, applied up to `applied` with one row an entry.
    void fill(std::uint64_t count, std::uint64_t applied) {
        journal_write what;
        what.rows.emplace().index = applied;
        while (made_.index() < count) {
            what.append.push_back(made_.next("body " + std::to_string(made_.index())));
            if (made_.index() <= applied)
                what.rows->rows.push_back(row("key" + std::to_string(made_.index()), "value"));
        }
        log_ = what.append;
        write(std::move(what));
    }

    private_folder folder_;
    std::filesystem::path file_ = folder_ / "registry.db";
    std::unique_ptr<store_owner> owner_ = std::make_unique<store_owner>(file_);
    entry_maker made_;
    std::vector<log_entry> log_;
};

TEST_F(StoreWrite, ABlankStoreHasAnIdOfItsOwnAndKeepsIt) {
    const auto first = owner_->content();
    EXPECT_NE(first.state.store, random_id{});
    EXPECT_EQ(first.state.lineage, random_id{});
    EXPECT_EQ(first.state.level, 1U);
    EXPECT_TRUE(first.rows.empty());
    EXPECT_EQ(difference(reopened(), first), "");
    const private_folder other;
    EXPECT_NE(store_owner(other / "registry.db").content().state.store, first.state.store);
}

TEST_F(StoreWrite, KeepsEachPartOfAWrite) {
    journal_write what;
    what.promised = epoch_id{0xFFFF'FFFF'FFFF'FFFE, 0xFFFF'FFFD};
    what.installed = an_installation(7);
    what.known_voters = std::vector<voter>{{9, id(9)}};
    what.append = {made_.next("one"), made_.next(""), made_.next(std::string(70'000, 'x'))};
    what.rows = row_changes{2, false, {row("a", "1"), row("b", ""), row("", "empty key")}};
    const auto log = what.append;
    write(std::move(what));

    const auto found = reopened();
    const auto wanted = an_installation(7);
    EXPECT_EQ(found.state.promised, (epoch_id{0xFFFF'FFFF'FFFF'FFFE, 0xFFFF'FFFD}));
    EXPECT_EQ(found.state.lineage, wanted.lineage);
    EXPECT_EQ(found.state.installed, wanted.epoch);
    EXPECT_EQ(found.state.core, wanted.core);
    EXPECT_EQ(found.state.lives, wanted.lives);
    EXPECT_EQ(found.state.voters, wanted.voters);
    EXPECT_EQ(found.state.known_voters, (std::vector<voter>{{9, id(9)}}));
    EXPECT_EQ(found.state.level, 7U);
    EXPECT_EQ(found.state.applied, 2U);
    EXPECT_TRUE(std::ranges::equal(found.state.log, log, same_entry));
    EXPECT_TRUE(std::ranges::equal(
        found.rows, std::vector{row("", "empty key"), row("a", "1"), row("b", "")}, same_row));
}

TEST_F(StoreWrite, AnEmptyWriteIsDone) {
    write({});
}

TEST_F(StoreWrite, CutsTheEndOfTheLogAndGoesOnFromThere) {
    fill(10, 3);
    entry_maker other(4, log_[3].hash);
    journal_write what;
    what.cut_after = 4;
    what.append = {other.next("another fifth")};
    const auto fifth = what.append.front();
    write(std::move(what));
    const auto found = reopened();
    ASSERT_EQ(found.state.log.size(), 5U);
    EXPECT_TRUE(same_entry(found.state.log[3], log_[3]));
    EXPECT_TRUE(same_entry(found.state.log[4], fifth));
}

TEST_F(StoreWrite, CutsNothingBehindTheEnd) {
    fill(3, 1);
    journal_write what;
    what.cut_after = 3;
    write(what);
    what.cut_after = 99;
    write(std::move(what));
    EXPECT_EQ(reopened().state.log.size(), 3U);
}

TEST_F(StoreWrite, TrimsTheBeginningOfTheLog) {
    fill(10, 8);
    journal_write what;
    what.trim_to = 6;
    write(what);
    what.trim_to = 2; // that far already
    write(what);
    auto found = reopened();
    EXPECT_EQ(found.state.trimmed, 6U);
    EXPECT_EQ(found.state.trimmed_hash, log_[5].hash);
    ASSERT_EQ(found.state.log.size(), 4U);
    EXPECT_EQ(found.state.log.front().index, 7U);

    what = {};
    what.rows = row_changes{10, false, {}};
    what.trim_to = 10;
    write(std::move(what));
    found = reopened();
    EXPECT_TRUE(found.state.log.empty());
    EXPECT_EQ(found.state.trimmed_hash, log_[9].hash);
    what = {};
    what.append = {made_.next("eleventh")};
    write(std::move(what));
    EXPECT_EQ(reopened().state.log.size(), 1U);
}

TEST_F(StoreWrite, CutsBackToTheTrimmedBeginning) {
    fill(5, 2);
    journal_write what;
    what.trim_to = 2;
    what.cut_after = 2;
    write(std::move(what));
    const auto found = reopened();
    EXPECT_TRUE(found.state.log.empty());
    EXPECT_EQ(found.state.trimmed, 2U);
    EXPECT_EQ(found.state.trimmed_hash, log_[1].hash);
}

TEST_F(StoreWrite, TakesOverATransferredState) {
    fill(5, 5);
    history_hash hash{};
    hash.fill(std::byte{5});
    entry_maker there(1000, hash);
    journal_write what;
    what.restart_after.emplace(1000, hash);
    what.append = {there.next("first behind")};
    what.rows = row_changes{1000, true, {row("only", "row")}};
    what.installed = an_installation(3);
    write(std::move(what));
    const auto found = reopened();
    EXPECT_EQ(found.state.trimmed, 1000U);
    EXPECT_EQ(found.state.trimmed_hash, hash);
    EXPECT_EQ(found.state.applied, 1000U);
    ASSERT_EQ(found.state.log.size(), 1U);
    EXPECT_EQ(found.state.log[0].index, 1001U);
    ASSERT_EQ(found.rows.size(), 1U);
    EXPECT_TRUE(same_row(found.rows[0], row("only", "row")));
}

TEST_F(StoreWrite, ReplacesAndDropsRows) {
    fill(4, 3);
    journal_write what;
    what.rows =
        row_changes{4,
                    false,
                    {row("key1", "new"), no_row("key2"), no_row("absent"), row("twice", "1"),
                     row("twice", "2"), row("gone", "x"), no_row("gone")}};
    write(std::move(what));
    const auto found = reopened();
    EXPECT_TRUE(std::ranges::equal(
        found.rows, std::vector{row("key1", "new"), row("key3", "value"), row("twice", "2")},
        same_row));
}

TEST_F(StoreWrite, ReplacesAllRows) {
    fill(4, 3);
    journal_write what;
    what.rows = row_changes{4, true, {row("b", "2"), row("a", "1"), no_row("c")}};
    write(std::move(what));
    EXPECT_TRUE(
        std::ranges::equal(reopened().rows, std::vector{row("a", "1"), row("b", "2")}, same_row));
}

TEST_F(StoreWrite, ManyRowsSurvive) {
    journal_write what;
    what.append = {made_.next("x")};
    what.rows.emplace().index = 1;
    for (unsigned at = 0; at < 5000; ++at)
        what.rows->rows.push_back(row("key" + std::to_string(100'000 + at),
                                      std::string(at % 1000 == 0 ? 300'000 : at % 300, 'v')));
    const auto wanted = what.rows->rows;
    write(std::move(what));
    EXPECT_TRUE(std::ranges::equal(reopened().rows, wanted, same_row));
}

TEST_F(StoreWrite, ThatLeavesAGapOrContradictsItselfFailsForEver) {
    using change = void (*)(journal_write&, entry_maker&, const std::vector<log_entry>&);
    const std::vector<std::pair<const char*, change>> wrong{
        {"gap", [](auto& w, auto& m, auto&) { m.next("skipped"), w.append = {m.next("x")}; }},
        {"hash",
         [](auto& w, auto& m, auto&) {
             w.append = {m.next("x")};
             w.append[0].hash[0] ^= std::byte{1};
         }},
        {"applied behind the end",
         [](auto& w, auto&, auto&) {
             w.rows = row_changes{6, false, {}};
         }},
        {"trimmed behind applied", [](auto& w, auto&, auto&) { w.trim_to = 4; }},
        {"cut before applied", [](auto& w, auto&, auto&) { w.cut_after = 2; }},
        {"restart without rows",
         [](auto& w, auto&, auto&) { w.restart_after.emplace(9, history_hash{}); }},
        {"too many voters",
         [](auto& w, auto&, auto&) { w.known_voters = std::vector<voter>(2000); }},
    };
    for (const auto& [name, make] : wrong) {
        const private_folder folder;
        const auto file = folder / "registry.db";
        {
            store_owner owner(file);
            entry_maker maker;
            journal_write what;
            for (int at = 0; at < 5; ++at)
                what.append.push_back(maker.next("body"));
            const auto log = what.append;
            what.rows = row_changes{3, false, {row("a", "1")}};
            EXPECT_EQ(owner.write(std::move(what)), journal_errc::none);
            what = {};
            what.promised = epoch_id{99, 1};
            make(what, maker, log);
            EXPECT_EQ(owner.write(std::move(what)), journal_errc::failed) << name;
            EXPECT_FALSE(owner.broken().empty()) << name;
            EXPECT_EQ(owner.write({}), journal_errc::failed) << name;
        }
        const store_owner again(file);
        ASSERT_FALSE(again.error()) << name << again.error()->what;
        EXPECT_EQ(again.content().state.promised, epoch_id{}) << name;
        EXPECT_EQ(again.content().state.log.size(), 5U) << name;
    }
}

TEST_F(StoreWrite, CompletionsComeInOrderAndOnTheOwnersThread) {
    const auto here = std::this_thread::get_id();
    std::vector<int> order;
    for (int at = 0; at < 600; ++at) {
        journal_write what;
        what.append = {made_.next("entry")};
        owner_->store().write(std::move(what), [&, at](journal_errc code) {
            EXPECT_EQ(code, journal_errc::none);
            EXPECT_EQ(std::this_thread::get_id(), here);
            order.push_back(at);
        });
    }
    EXPECT_TRUE(order.empty());
    owner_->loop().run_until([&] { return order.size() == 600; });
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_EQ(reopened().state.log.size(), 600U);
}

TEST_F(StoreWrite, ClosingCarriesOutWhatWaitsAndCallsNobody) {
    bool called = false;
    for (int at = 0; at < 300; ++at) {
        journal_write what;
        what.append = {made_.next("entry")};
        owner_->store().write(std::move(what), [&](journal_errc) { called = true; });
    }
    owner_->close();
    owner_->loop().run_posted();
    EXPECT_FALSE(called);
    EXPECT_EQ(reopened().state.log.size(), 300U);
}

TEST_F(StoreWrite, ACompletionMayDestroyTheStore) {
    int called = 0;
    for (int at = 0; at < 10; ++at) {
        journal_write what;
        what.append = {made_.next("entry")};
        owner_->store().write(std::move(what), [&](journal_errc) {
            ++called;
            owner_->close();
        });
    }
    owner_->loop().run_until([&] { return called > 0; });
    owner_->loop().run_posted();
    EXPECT_EQ(called, 1);
}

TEST_F(StoreWrite, TheLogDoesNotGrowWithoutBound) {
    for (int at = 0; at < 3000; ++at) {
        journal_write what;
        what.append = {made_.next(std::string(200, 'x'))};
        what.rows = row_changes{made_.index(), false, {row("key", std::to_string(at))}};
        if (made_.index() > 50)
            what.trim_to = made_.index() - 50;
        owner_->store().write(std::move(what), {});
    }
    write({});
    EXPECT_LT(std::filesystem::file_size(file_), 1U << 20);
    EXPECT_LT(std::filesystem::file_size(folder_ / "registry.db-wal"), 20U << 20);
}

} // namespace
