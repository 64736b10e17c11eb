// SPDX-License-Identifier: Apache-2.0
// A store whose bytes have changed is found damaged, or is read as it was.
#include "tests/unit/registry/store_owner.hpp"

#include "bridge/registry/store_files.hpp"
#include "bridge/registry/store_open.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

using file_bytes = std::vector<char>;

constexpr std::size_t page = 4096, wal_header = 32, frame_header = 24, frame = frame_header + page;

file_bytes read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A store as a killed process leaves it: database and WAL.
struct image {
    file_bytes database, wal;

    static image of(const std::filesystem::path& file) {
        return {read_file(file), read_file(wal_of(file))};
    }

    void put(const std::filesystem::path& file) const {
        const auto write = [](const std::filesystem::path& path, const file_bytes& what) {
            std::ofstream(path, std::ios::binary)
                .write(what.data(), static_cast<std::streamsize>(what.size()));
        };
        write(file, database);
        if (!wal.empty())
            write(wal_of(file), wal);
    }
};

/// What opening an image gives: its content, or the error.
boost::system::result<journal_content, open_error> open_image(const image& what) {
    const private_folder folder;
    what.put(folder / "registry.db");
    auto found = open_store_file(folder / "registry.db", {}); // no thread: there are hundreds
    if (!found)
        return found.error();
    return journal_content{std::move(found->content.meta.state), std::move(found->content.rows)};
}

class StoreDamage : public testing::Test {
protected:
    StoreDamage() {
        journal_write what;
        what.installed = an_installation(3);
        what.promised = epoch_id{3, 1};
        for (int at = 0; at < 40; ++at)
            what.append.push_back(made_.next("log body " + std::to_string(at)));
        what.rows.emplace().index = 30;
        for (int at = 0; at < 300; ++at)
            what.rows->rows.push_back(
                row("row key " + std::to_string(at), "row value " + std::to_string(at)));
        what.rows->rows.push_back(row("large", std::string(20'000, 'L')));
        write(std::move(what));
    }

    void write(journal_write what) {
        ASSERT_EQ(owner_->write(std::move(what)), journal_errc::none);
    }

    /// The database alone, its WAL written back.
    image closed() {
        owner_->close();
        auto out = image::of(file_);
        owner_ = std::make_unique<store_owner>(file_);
        content_ = owner_->content();
        return out;
    }

    /// Damaged, or as it was. `marked`: the change may be in the marks that say what the file is.
    bool found_out(const image& what, bool marked = false) {
        const auto found = open_image(what);
        if (!found) {
            EXPECT_TRUE(marked || found.error().code == open_errc::damaged) << found.error().what;
            return true;
        }
        EXPECT_EQ(difference(*found, content_), "");
        return false;
    }

    /// Changes one byte of the first place that holds the text.
    void expect_found_out(const image& good, std::string_view text, std::size_t offset,
                          std::string_view part) {
        auto bad = good;
        const auto at =
            std::search(bad.database.begin(), bad.database.end(), text.begin(), text.end());
        ASSERT_NE(at, bad.database.end()) << text;
        *(at + static_cast<std::ptrdiff_t>(offset)) ^= 1;
        const auto found = open_image(bad);
        ASSERT_FALSE(found) << text;
        EXPECT_EQ(found.error().code, open_errc::damaged);
        EXPECT_NE(found.error().what.find(part), std::string::npos) << found.error().what;
    }

    private_folder folder_;
    std::filesystem::path file_ = folder_ / "registry.db";
    std::unique_ptr<store_owner> owner_ = std::make_unique<store_owner>(file_);
    entry_maker made_;
    journal_content content_;
};

TEST_F(StoreDamage, OfEachTableIsNamed) {
    const auto good = closed();
    ASSERT_TRUE(open_image(good));
    expect_found_out(good, "log body 7", 9, "log: the hash of entry 8");
    expect_found_out(good, "row key 123", 0, "row");
    expect_found_out(good, "row value 123", 0, "rows: the check sum");
    expect_found_out(good, std::string(3000, 'L'), 1500, "rows: the check sum");
    expect_found_out(good, "known_voters", 13, "meta");
    expect_found_out(good, "known_voters", 11, "meta");
    expect_found_out(good, "promised", 9, "meta: the check sum of \"promised\"");
    // The hash that an entry stores, and the check sum that a row stores.
    const auto& hash = content_.state.log[9].hash;
    expect_found_out(good, {reinterpret_cast<const char*>(hash.data()), hash.size()}, 31,
                     "log: the hash of entry 10");
    expect_found_out(good, "row value 123", 13, "row");
}

TEST_F(StoreDamage, AnyChangedByteIsFoundOrDoesNotMatter) {
    const auto good = closed();
    std::mt19937 random(1); // NOLINT: the same bytes in each run
    std::vector<std::size_t> places(100);
    for (std::size_t at = 0; at < 100; ++at)
        places[at] = at; // the header
    for (int at = 0; at < 200; ++at)
        places.push_back(random() % good.database.size());
    std::size_t found = 0;
    for (const auto place : places) {
        auto bad = good;
        bad.database[place] = static_cast<char>(bad.database[place] ^ (1 << random() % 8));
        SCOPED_TRACE(place);
        found += found_out(bad, place < 100) ? 1 : 0;
    }
    EXPECT_GT(found, 100U); // the others hit unused space
}

TEST_F(StoreDamage, APageThatWasNotWrittenIsFound) {
    const auto before = closed();
    for (int at = 0; at < 20; ++at) {
        journal_write what;
        what.append = {made_.next("later body " + std::to_string(at))};
        what.rows = row_changes{made_.index(),
                                false,
                                {row("row key " + std::to_string(at * 9), "another value"),
                                 no_row("row key " + std::to_string(at * 9 + 1))}};
        write(std::move(what));
    }
    const auto after = closed();
    std::size_t found = 0, differing = 0;
    for (std::size_t at = 0; at + page <= before.database.size(); at += page) {
        auto bad = after;
        std::copy_n(before.database.begin() + static_cast<std::ptrdiff_t>(at), page,
                    bad.database.begin() + static_cast<std::ptrdiff_t>(at));
        if (bad.database == after.database)
            continue;
        ++differing;
        SCOPED_TRACE(at / page);
        found += found_out(bad) ? 1 : 0;
    }
    EXPECT_GT(differing, 5U);
    // The first page says nothing but how often the file was changed.
    EXPECT_GE(found + 1, differing);
}

TEST_F(StoreDamage, AShortenedFileIsFound) {
    const auto good = closed();
    for (std::size_t pages = 1; pages * page < good.database.size(); ++pages) {
        auto bad = good;
        bad.database.resize(pages * page);
        SCOPED_TRACE(pages);
        EXPECT_TRUE(found_out(bad));
    }
}

/// A WAL of known transactions.
class StoreWalDamage : public StoreDamage {
protected:
    StoreWalDamage() {
        closed();
        for (int at = 0; at < 20; ++at) {
            journal_write what;
            what.append = {made_.next("wal body " + std::to_string(at))};
            what.rows = row_changes{made_.index(), false, {row("wal key", std::to_string(at))}};
            frames_.push_back(frames());
            write(std::move(what));
        }
        frames_.push_back(frames());
        good_ = image::of(file_);
        last_ = open_image(good_).value();
        const auto& second = frames_[frames_.size() - 2];
        auto shorter = good_;
        shorter.wal.resize(wal_header + second * frame);
        before_last_ = open_image(shorter).value();
    }

    std::size_t frames() {
        std::error_code ignored;
        const auto size = std::filesystem::file_size(wal_of(file_), ignored);
        return ignored || size < wal_header ? 0 : (size - wal_header) / frame;
    }

    image good_;
    std::vector<std::size_t> frames_; ///< in the WAL before each transaction, and at the end
    journal_content last_, before_last_;
};

TEST_F(StoreWalDamage, InAnOldTransactionIsFound) {
    const auto safe = frames_[frames_.size() - 3]; // frames before the last two transactions
    ASSERT_GT(safe, 30U);
    constexpr std::array<std::size_t, 11> offsets{0, 3, 5, 7, 8, 15, 16, 23, 24, 1000, 4119};
    for (std::size_t number = 0; number < safe; ++number)
        for (std::size_t which = number % 4; which < offsets.size(); which += 4) {
            const auto offset = offsets[which];
            auto bad = good_;
            bad.wal[wal_header + number * frame + offset] ^= 4;
            const auto found = open_image(bad);
            ASSERT_FALSE(found) << number << ' ' << offset;
            EXPECT_EQ(found.error().code, open_errc::damaged);
            EXPECT_NE(found.error().what.find("write-ahead log"), std::string::npos);
        }
}

TEST_F(StoreWalDamage, InTheNewestTransactionLooksLikeATornWrite) {
    for (auto number = frames_[frames_.size() - 2]; number < frames_.back(); ++number)
        for (const std::size_t offset : {0U, 8U, 23U, 24U, 4119U}) {
            auto bad = good_;
            bad.wal[wal_header + number * frame + offset] ^= 4;
            const auto found = open_image(bad);
            ASSERT_TRUE(found) << number << ' ' << offset << found.error().what;
            EXPECT_EQ(difference(*found, before_last_), "");
        }
}

TEST_F(StoreWalDamage, InItsHeaderIsFound) {
    for (std::size_t at = 0; at < wal_header; ++at) {
        auto bad = good_;
        bad.wal[at] ^= 1;
        const auto found = open_image(bad);
        ASSERT_FALSE(found) << at;
        EXPECT_EQ(found.error().code, open_errc::damaged);
    }
}

TEST_F(StoreWalDamage, ATornEndIsNoDamage) {
    const auto complete = wal_header + frames_[frames_.size() - 2] * frame;
    for (auto size = complete; size < good_.wal.size(); size += 97) {
        auto torn = good_;
        torn.wal.resize(size);
        const auto found = open_image(torn);
        ASSERT_TRUE(found) << found.error().what;
        EXPECT_EQ(difference(*found, before_last_), "") << size;
    }
}

TEST_F(StoreWalDamage, RemainsOfAnOlderLogAreNoDamage) {
    // A checkpoint is not followed by a shorter file: the next transactions overwrite the
    // beginning.
    owner_->close();
    auto settings = store_owner::small(file_);
    settings.checkpoint_pages = 8;
    settings.room_interval = std::chrono::milliseconds(1);
    store_owner owner(settings);
    for (int at = 0; at < 60; ++at) {
        journal_write what;
        what.append = {made_.next(std::string(static_cast<std::size_t>(at) * 300, 'x'))};
        ASSERT_EQ(owner.write(std::move(what)), journal_errc::none);
        const auto found = open_image(image::of(file_));
        ASSERT_TRUE(found) << at << found.error().what;
        EXPECT_EQ(found->state.log.back().index, made_.index());
    }
    EXPECT_LT(std::filesystem::file_size(wal_of(file_)), 80 * frame);
}

} // namespace
