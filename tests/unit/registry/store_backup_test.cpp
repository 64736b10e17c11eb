// SPDX-License-Identifier: Apache-2.0
// Backups: what is in them, when they are refused, and that writes go on.
#include "tests/unit/registry/store_owner.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

class StoreBackup : public testing::Test {
protected:
    StoreBackup() {
        journal_write what;
        what.installed = an_installation(2);
        for (int at = 0; at < 10; ++at)
            what.append.push_back(made_.next("body"));
        hash_ = what.append[6].hash;
        what.rows.emplace().index = 7;
        for (int at = 0; at < 1000; ++at)
            what.rows->rows.push_back(row("key " + std::to_string(1000 + at), "value"));
        rows_ = what.rows->rows;
        EXPECT_EQ(owner_->write(std::move(what)), journal_errc::none);
    }

    void expect_good_backup(std::uint64_t index) {
        const auto found = read_backup(backup_);
        ASSERT_TRUE(found) << found.error().what;
        const auto wanted = an_installation(2);
        EXPECT_EQ(found->state.store, random_id{});
        EXPECT_EQ(found->state.lineage, wanted.lineage);
        EXPECT_EQ(found->state.installed, wanted.epoch);
        EXPECT_EQ(found->state.applied, index);
        EXPECT_EQ(found->state.trimmed, index);
        EXPECT_EQ(found->state.trimmed_hash, hash_);
        EXPECT_TRUE(found->state.log.empty());
        EXPECT_TRUE(std::ranges::equal(found->rows, rows_, same_row));
        EXPECT_FALSE(std::filesystem::exists(backup_.string() + ".part"));
    }

    private_folder folder_, elsewhere_;
    std::unique_ptr<store_owner> owner_ = std::make_unique<store_owner>(folder_ / "registry.db");
    std::filesystem::path backup_ = elsewhere_ / "backup.db";
    entry_maker made_;
    history_hash hash_{};
    std::vector<row_change> rows_;
};

TEST_F(StoreBackup, HoldsTheRowsAtAnIndexAndNoLog) {
    const auto result = owner_->back_up(backup_, 7);
    EXPECT_EQ(result.code, backup_errc::none) << result.what;
    expect_good_backup(7);
}

TEST_F(StoreBackup, IsOfTheMomentOfItsTurnWhileWritesGoOn) {
    std::optional<backup_result> result;
    owner_->store().backup_to(backup_, 7, [&](backup_result what) { result = std::move(what); });
    std::size_t written = 0;
    for (int at = 0; at < 300; ++at) {
        journal_write what;
        what.append = {made_.next("later")};
        what.rows = row_changes{made_.index(), at == 200, {row("later", std::to_string(at))}};
        what.trim_to = made_.index();
        owner_->store().write(std::move(what), [&](journal_errc code) {
            EXPECT_EQ(code, journal_errc::none);
            ++written;
        });
    }
    owner_->loop().run_until([&] { return result && written == 300; });
    EXPECT_EQ(result->code, backup_errc::none) << result->what;
    expect_good_backup(7);
}

TEST_F(StoreBackup, OfAnotherIndexIsRefused) {
    EXPECT_EQ(owner_->back_up(backup_, 10).code, backup_errc::moved);
    EXPECT_FALSE(std::filesystem::exists(backup_));
    journal_write what;
    what.rows = row_changes{10, false, {}};
    hash_ = made_.hash();
    EXPECT_EQ(owner_->write(std::move(what)), journal_errc::none);
    EXPECT_EQ(owner_->back_up(backup_, 10).code, backup_errc::none);
    expect_good_backup(10);
}

TEST_F(StoreBackup, OneAtATime) {
    std::vector<backup_errc> results;
    for (int at = 0; at < 2; ++at)
        owner_->store().backup_to(at == 0 ? backup_ : elsewhere_ / "second", 7,
                                  [&](backup_result what) { results.push_back(what.code); });
    owner_->loop().run_until([&] { return results.size() == 2; });
    EXPECT_EQ(results, (std::vector{backup_errc::busy, backup_errc::none}));
    EXPECT_FALSE(std::filesystem::exists(elsewhere_ / "second"));
    EXPECT_EQ(owner_->back_up(backup_, 7).code, backup_errc::none);
}

TEST_F(StoreBackup, ReplacesAnOlderOneOnlyWhenItIsComplete) {
    std::ofstream(backup_) << "older";
    EXPECT_EQ(owner_->back_up(backup_, 7).code, backup_errc::none);
    expect_good_backup(7);
}

TEST_F(StoreBackup, IntoAMissingFolderFailsAndHarmsNothing) {
    EXPECT_EQ(owner_->back_up(elsewhere_ / "missing/backup", 7).code, backup_errc::failed);
    EXPECT_EQ(owner_->write({}), journal_errc::none);
    EXPECT_EQ(owner_->back_up(backup_, 7).code, backup_errc::none);
}

TEST_F(StoreBackup, IsGivenUpWhenTheStoreCloses) {
    owner_->store().backup_to(backup_, 7, {});
    owner_->close();
    if (std::filesystem::exists(backup_))
        expect_good_backup(7); // it was quicker
    EXPECT_FALSE(std::filesystem::exists(backup_.string() + ".part"));
}

TEST_F(StoreBackup, IsNoStoreAndAStoreIsNoBackup) {
    EXPECT_EQ(owner_->back_up(backup_, 7).code, backup_errc::none);
    const store_owner as_store(backup_);
    ASSERT_TRUE(as_store.error());
    EXPECT_EQ(as_store.error()->code, open_errc::foreign);
    owner_->close();
    EXPECT_EQ(read_backup(folder_ / "registry.db").error().code, open_errc::foreign);
    EXPECT_EQ(read_backup(folder_ / "absent").error().code, open_errc::unusable);
}

TEST_F(StoreBackup, ADamagedOneIsRefused) {
    EXPECT_EQ(owner_->back_up(backup_, 7).code, backup_errc::none);
    const auto size = std::filesystem::file_size(backup_);
    std::fstream file(backup_, std::ios::in | std::ios::out | std::ios::binary);
    std::string all(size, ' ');
    file.read(all.data(), static_cast<std::streamsize>(size));
    file.seekp(static_cast<std::streamoff>(all.find("key 1500")));
    file.put('K').flush();
    EXPECT_EQ(read_backup(backup_).error().code, open_errc::damaged);
}

} // namespace
