// SPDX-License-Identifier: Apache-2.0
// Who may open a store, and what becomes of files that are not one.
#include "tests/unit/registry/store_owner.hpp"

#include "bridge/registry/store_files.hpp"
#include "bridge/registry/store_open.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

unsigned mode_of(const std::filesystem::path& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777;
}

void run_sql(const std::filesystem::path& file, const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    char* what = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, &what), SQLITE_OK) << what;
    sqlite3_close(db);
}

class StoreOpen : public testing::Test {
protected:
    /// The code of opening `file_`; none: it opens.
    std::optional<open_errc> outcome() {
        const store_owner owner(file_);
        if (!owner.error())
            return std::nullopt;
        EXPECT_NE(owner.error()->what.find(file_.parent_path()), std::string::npos);
        return owner.error()->code;
    }

    /// A store with one row, closed.
    journal_content make_store() {
        store_owner owner(file_);
        entry_maker made;
        journal_write what;
        what.append = {made.next("one")};
        what.rows = row_changes{1, false, {row("key", "value")}};
        EXPECT_EQ(owner.write(std::move(what)), journal_errc::none);
        owner.close();
        return store_owner(file_).content();
    }

    private_folder folder_;
    std::filesystem::path file_ = folder_ / "registry.db";
};

TEST_F(StoreOpen, NobodyElseMayReadItsFiles) {
    const auto before = ::umask(0);
    file_ = folder_.path() / "made" / "registry.db";
    store_owner owner(file_);
    EXPECT_EQ(owner.write({}), journal_errc::none);
    journal_write what;
    what.promised = epoch_id{1, 1};
    EXPECT_EQ(owner.write(std::move(what)), journal_errc::none);
    EXPECT_EQ(owner.back_up(folder_ / "backup", 0).code, backup_errc::none);
    ::umask(before);
    EXPECT_EQ(mode_of(file_.parent_path()), 0700U);
    for (const char* suffix : {"", "-wal", "-shm", ".lock", ".reserve"})
        EXPECT_EQ(mode_of(file_.string() + suffix), 0600U) << suffix;
    EXPECT_EQ(mode_of(folder_ / "backup"), 0600U);
}

TEST_F(StoreOpen, NarrowsTheModeOfAFileThatWasLeftOpenToOthers) {
    make_store();
    std::filesystem::permissions(file_, std::filesystem::perms(0644));
    EXPECT_EQ(outcome(), std::nullopt);
    EXPECT_EQ(mode_of(file_), 0600U);
}

TEST_F(StoreOpen, RefusesAFolderThatOthersMayEnter) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0750));
    EXPECT_EQ(outcome(), open_errc::unusable);
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0700));
    EXPECT_EQ(outcome(), std::nullopt);
}

TEST_F(StoreOpen, RefusesAFolderWhoseParentIsMissing) {
    file_ = folder_ / "a/b/registry.db";
    EXPECT_EQ(outcome(), open_errc::unusable);
}

TEST_F(StoreOpen, ASecondOpenerIsRefusedUntilTheFirstIsGone) {
    store_owner first(file_);
    EXPECT_EQ(outcome(), open_errc::in_use);
    EXPECT_EQ(set_aside(file_).error().code, open_errc::in_use);
    first.close();
    EXPECT_EQ(outcome(), std::nullopt);
}

TEST_F(StoreOpen, RefusesANewerSchemaAndLeavesItAlone) {
    const auto content = make_store();
    run_sql(file_, "PRAGMA user_version = 2; CREATE TABLE later (x)");
    EXPECT_EQ(outcome(), open_errc::newer);
    run_sql(file_, "DROP TABLE later; PRAGMA user_version = 1");
    EXPECT_EQ(difference(store_owner(file_).content(), content), "");
}

TEST_F(StoreOpen, RefusesDatabasesOfOthers) {
    run_sql(file_, "CREATE TABLE theirs (x)");
    EXPECT_EQ(outcome(), open_errc::foreign);
    run_sql(file_, "DROP TABLE theirs; PRAGMA application_id = 1; PRAGMA user_version = 1");
    EXPECT_EQ(outcome(), open_errc::foreign);
}

TEST_F(StoreOpen, TakesAFileThatIsNoDatabaseForDamaged) {
    std::ofstream(file_) << std::string(5000, 'x');
    EXPECT_EQ(outcome(), open_errc::damaged);
}

TEST_F(StoreOpen, RefusesASymbolicLink) {
    std::filesystem::create_symlink(folder_ / "elsewhere", file_);
    EXPECT_EQ(outcome(), open_errc::unusable);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

TEST_F(StoreOpen, TakesAnEmptyFileForBlankButNotWithAWal) {
    std::ofstream(file_).flush();
    EXPECT_EQ(outcome(), std::nullopt);
    std::filesystem::resize_file(file_, 0);
    std::ofstream(wal_of(file_)) << std::string(5000, 'x');
    EXPECT_EQ(outcome(), open_errc::damaged);
}

TEST_F(StoreOpen, MigratesAnOlderFileBehindACopy) {
    const auto content = make_store();
    const std::vector<migration> steps{{"CREATE TABLE later (x ANY) STRICT"}};
    const auto wanted = std::string(current_schema().tables) + "CREATE TABLE later (x ANY) STRICT;";
    {
        const auto found = open_store_file(file_, {}, schema_plan{2, wanted.c_str(), steps});
        ASSERT_TRUE(found) << found.error().what;
        EXPECT_EQ(difference({found->content.meta.state, found->content.rows}, content), "");
        EXPECT_EQ(found->db->number("PRAGMA user_version"), 2);
    }
    EXPECT_EQ(outcome(), open_errc::newer);
    const auto copy = copy_before_migration(file_, 1);
    EXPECT_EQ(mode_of(copy), 0600U);
    const auto old = open_store_file(copy, {});
    ASSERT_TRUE(old) << old.error().what;
    EXPECT_EQ(difference({old->content.meta.state, old->content.rows}, content), "");
}

TEST_F(StoreOpen, AFailedMigrationLeavesTheFileAsItWas) {
    const auto content = make_store();
    const std::vector<migration> steps{
        {"DELETE FROM rows; CREATE TABLE later (x); THIS IS NOT SQL"}};
    const auto found = open_store_file(file_, {}, schema_plan{2, current_schema().tables, steps});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, open_errc::unusable);
    EXPECT_EQ(difference(store_owner(file_).content(), content), "");
}

TEST_F(StoreOpen, ASchemaThatLacksATableIsDamaged) {
    make_store();
    run_sql(file_, "DROP TABLE rows");
    EXPECT_EQ(outcome(), open_errc::damaged);
}

TEST_F(StoreOpen, WhatIsSetAsideMakesRoomForABlankStore) {
    const auto content = make_store();
    std::ofstream(wal_of(file_)) << "wal";
    const auto aside = set_aside(file_);
    ASSERT_TRUE(aside) << aside.error().what;
    EXPECT_TRUE(aside->filename().string().starts_with("registry.db.bad-"));
    EXPECT_TRUE(std::filesystem::exists(*aside));
    EXPECT_TRUE(std::filesystem::exists(wal_of(*aside)));
    const store_owner blank(file_);
    ASSERT_FALSE(blank.error());
    EXPECT_NE(blank.content().state.store, content.state.store);
    EXPECT_TRUE(blank.content().rows.empty());
}

TEST_F(StoreOpen, KeepsFourOfThoseSetAside) {
    std::vector<std::filesystem::path> names;
    for (int at = 0; at < 6; ++at) {
        make_store();
        names.push_back(set_aside(file_).value());
    }
    for (std::size_t at = 0; at < names.size(); ++at)
        EXPECT_EQ(std::filesystem::exists(names[at]), at >= 2) << at;
}

TEST_F(StoreOpen, SettingAsideWhatIsNotThereSaysSo) {
    EXPECT_EQ(set_aside(file_).error().code, open_errc::unusable);
}

} // namespace
