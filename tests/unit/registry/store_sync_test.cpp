// SPDX-License-Identifier: Apache-2.0
// When the store synchronises, and what waits for it.
#include "tests/unit/registry/fault_vfs.hpp"
#include "tests/unit/registry/store_script.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

/// Lets the store's thread through, or not.
class gate {
public:
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        closed_ = false;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !closed_; });
        --waiting_;
    }
    void await_visitor() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ > 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool closed_ = false;
    int waiting_ = 0;
};

class StoreSync : public testing::Test {
protected:
    StoreSync() {
        vfs_.decide([this](const vfs_call& call) {
            if (call.wal && call.what == vfs_call::kind::sync)
                gate_.pass();
            const bool write = call.wal && call.what == vfs_call::kind::write;
            const bool fails = write && ((full_ != 0 && call.number >= full_) ||
                                         (largest_wal_ != 0 && call.offset > largest_wal_));
            return fails ? vfs_fault::full : vfs_fault::none;
        });
        auto settings = store_owner::small(folder_ / "registry.db");
        settings.vfs = vfs_.name();
        owner_ = std::make_unique<store_owner>(settings);
        // The first write to a new WAL synchronises its header too.
        std::vector<journal_errc> results;
        write(&results);
        owner_->loop().run_until([&] { return !results.empty(); });
    }

    ~StoreSync() override { gate_.open(); }

    void write(std::vector<journal_errc>* results = nullptr) {
        journal_write what;
        what.append = {made_.next("entry")};
        owner_->store().write(std::move(what), [results](journal_errc code) {
            if (results != nullptr)
                results->push_back(code);
        });
    }

    private_folder folder_;
    fault_vfs vfs_;
    gate gate_;
    std::atomic<std::size_t> full_ = 0; ///< writes to the WAL from this call on find no space
    std::atomic<std::size_t> largest_wal_ = 0; ///< bytes; 0: as large as it likes
    std::unique_ptr<store_owner> owner_;
    entry_maker made_;
};

TEST_F(StoreSync, ComesBetweenEachWriteAndItsCompletion) {
    for (int at = 0; at < 50; ++at) {
        const auto before = vfs_.calls().size();
        std::vector<journal_errc> results;
        write(&results);
        owner_->loop().run_until([&] { return !results.empty(); });
        const auto calls = vfs_.calls();
        std::size_t writes = 0;
        bool synchronised = false;
        for (auto next = before; next < calls.size(); ++next) {
            if (!calls[next].wal)
                continue;
            const bool is_write = calls[next].what == vfs_call::kind::write;
            writes += is_write ? 1 : 0;
            synchronised = calls[next].what == vfs_call::kind::sync || (synchronised && !is_write);
        }
        EXPECT_GT(writes, 0U);
        EXPECT_TRUE(synchronised);
    }
}

TEST_F(StoreSync, IsSharedByTheWritesThatWaitedForTheOneBefore) {
    gate_.close();
    std::vector<journal_errc> results;
    write(&results);
    gate_.await_visitor();
    for (int at = 0; at < 100; ++at)
        write(&results); // does not wait for the disk
    owner_->loop().run_posted();
    EXPECT_TRUE(results.empty());
    const auto before = vfs_.calls().size();
    gate_.open();
    owner_->loop().run_until([&] { return results.size() == 101; });
    const auto calls = vfs_.calls();
    const auto syncs = std::count_if(
        calls.begin() + static_cast<std::ptrdiff_t>(before), calls.end(),
        [](const vfs_call& call) { return call.wal && call.what == vfs_call::kind::sync; });
    EXPECT_EQ(syncs, 1);
    EXPECT_EQ(results, std::vector<journal_errc>(101, journal_errc::none));
}

TEST_F(StoreSync, AFullDiskRefusesWhatWasWaitingUntilTheOwnerKnows) {
    gate_.close();
    std::vector<journal_errc> results;
    write(&results);
    gate_.await_visitor();
    const auto good = made_;
    for (int at = 0; at < 5; ++at)
        write(&results);
    full_ = vfs_.calls().size() + 1;
    gate_.open();
    owner_->loop().run_until([&] { return !results.empty(); });
    EXPECT_EQ(results, std::vector{journal_errc::none});
    // There is space again, but the owner does not know yet what it lost.
    std::vector<journal_errc> more;
    owner_->loop().run_until([&] {
        if (results.size() > 1 && full_ != 0) {
            EXPECT_EQ(results[1], journal_errc::full);
            full_ = 0;
            made_ = good; // from the first one's completion on the next may be written
            write(&more);
        }
        return results.size() == 6 && more.size() == 1;
    });
    EXPECT_EQ(std::ranges::count(results, journal_errc::full), 5);
    EXPECT_EQ(more, std::vector{journal_errc::none});
    EXPECT_FALSE(std::filesystem::exists(folder_ / "registry.db.reserve"));
    EXPECT_EQ(owner_->room_told(), std::vector{false});
    EXPECT_EQ(owner_->broken(), "");
}

TEST_F(StoreSync, OnlyTheWriteThatDoesNotFitIsRefused) {
    gate_.close();
    std::vector<journal_errc> results;
    write(&results);
    gate_.await_visitor();
    for (int at = 0; at < 3; ++at)
        write(&results);
    const auto last = made_.index();
    journal_write large;
    large.append = {made_.next(std::string(400'000, 'x'))};
    owner_->store().write(std::move(large), [&](journal_errc code) { results.push_back(code); });
    largest_wal_ = 60 * 4096; // the small ones fit, together with the large one they do not
    gate_.open();
    owner_->loop().run_until([&] { return results.size() == 5; });
    auto wanted = std::vector(5, journal_errc::none);
    wanted.back() = journal_errc::full;
    EXPECT_EQ(results, wanted);
    owner_ = nullptr;
    largest_wal_ = 0;
    EXPECT_EQ(store_owner(folder_ / "registry.db").content().state.log.back().index, last);
}

} // namespace
