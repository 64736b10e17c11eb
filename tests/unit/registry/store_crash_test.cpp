// SPDX-License-Identifier: Apache-2.0
// A store that ends at every call that changes the disk, for every reason: what was reported done
// is there, each write is there whole or not at all, and nothing is taken for damaged.
#include "tests/unit/registry/fault_vfs.hpp"
#include "tests/unit/registry/store_script.hpp"

#include "bridge/registry/store_open.hpp"

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

constexpr std::array all_kinds{survival::nothing, survival::everything, survival::beginning,
                               survival::sectors};

class StoreCrash : public testing::Test {
protected:
    /// Calls of a run without faults.
    std::vector<vfs_call> calls_of_a_run() {
        const private_folder folder;
        fault_vfs vfs;
        script_run run(script_);
        run.run(script_run::settings(folder / "registry.db", vfs.name()));
        EXPECT_TRUE(run.opened());
        EXPECT_EQ(run.broken(), "");
        return vfs.calls();
    }

    /// Opens what is in the folder and compares.
    void expect_sound(const script_run& run, const std::filesystem::path& folder) {
        const auto file = folder / "registry.db";
        {
            const auto found = open_store_file(file, {}); // no thread: there are thousands
            ASSERT_TRUE(found) << found.error().what;
            EXPECT_EQ(run.judge({found->content.meta.state, found->content.rows}), "");
        }
        if (++judged_ % 16 == 0)
            expect_of_use(file);
    }

    /// Writes go on where it stands.
    static void expect_of_use(const std::filesystem::path& file) {
        store_owner owner(file);
        ASSERT_FALSE(owner.error()) << owner.error()->what;
        journal_reference after(owner.content());
        journal_write what;
        what.append = {entry_maker(after.last(), after.last_hash()).next("afterwards")};
        after.carry_out(what);
        ASSERT_EQ(owner.write(std::move(what)), journal_errc::none) << owner.broken();
        owner.close();
        const store_owner again(file);
        ASSERT_FALSE(again.error()) << again.error()->what;
        EXPECT_EQ(difference(again.content(), after.content()), "");
    }

    const std::vector<script_batch> script_ = make_script();
    std::mt19937 random_{20260101}; // NOLINT: every run is the same
    std::size_t judged_ = 0;
};

TEST_F(StoreCrash, AtEachCallLosesNothing) {
    const auto calls = calls_of_a_run();
    EXPECT_GT(calls.size(), 300U);
    for (std::size_t at = 1; at <= calls.size(); ++at) {
        const private_folder folder;
        fault_vfs vfs;
        vfs.decide([&](const vfs_call& call) {
            return call.number == at ? vfs_fault::crash : vfs_fault::none;
        });
        script_run run(script_);
        run.run(script_run::settings(folder / "registry.db", vfs.name()));
        EXPECT_EQ(run.wrong(), "");
        for (const auto how : {survival::nothing, survival::sectors,
                               at % 2 == 0 ? survival::everything : survival::beginning}) {
            SCOPED_TRACE("call " + std::to_string(at) + ", survival " +
                         std::to_string(static_cast<int>(how)));
            const private_folder disk;
            vfs.power_cut(how, random_, disk.path());
            expect_sound(run, disk.path());
        }
        ASSERT_FALSE(HasFailure()) << "call " << at;
    }
}

TEST_F(StoreCrash, WhileItRecoversFromACrashLosesNothing) {
    const auto calls = calls_of_a_run().size();
    std::size_t crashed = 0;
    for (std::size_t at = 1; at <= calls; at += 3) {
        const private_folder folder, disk;
        script_run run(script_);
        {
            fault_vfs vfs;
            vfs.decide([&](const vfs_call& call) {
                return call.number == at ? vfs_fault::crash : vfs_fault::none;
            });
            run.run(script_run::settings(folder / "registry.db", vfs.name()));
            vfs.power_cut(survival::sectors, random_, disk.path());
        }
        // A recovery makes up to fifty calls; over all crashes each of them is met several times.
        for (const std::size_t second : {1 + random_() % 16, 1 + random_() % 50}) {
            const private_folder copy, disk_again;
            std::filesystem::copy(disk.path(), copy.path());
            std::filesystem::permissions(copy.path(), std::filesystem::perms(0700));
            fault_vfs vfs;
            vfs.decide([&](const vfs_call& call) {
                return call.number == second ? vfs_fault::crash : vfs_fault::none;
            });
            (void)open_store_file(copy / "registry.db", vfs.name());
            crashed += vfs.crashed() ? 1 : 0;
            vfs.power_cut(survival::sectors, random_, disk_again.path());
            SCOPED_TRACE(std::to_string(at) + ", then " + std::to_string(second));
            expect_sound(run, disk_again.path());
        }
        ASSERT_FALSE(HasFailure()) << "call " << at;
    }
    EXPECT_GT(crashed, 100U);
}

TEST_F(StoreCrash, AnErrorOfTheDiskIsNeverRetried) {
    const auto calls = calls_of_a_run();
    for (std::size_t at = 1; at <= calls.size(); ++at) {
        const private_folder folder;
        fault_vfs vfs;
        vfs.decide([&](const vfs_call& call) {
            return call.number == at ? vfs_fault::io_error : vfs_fault::none;
        });
        script_run run(script_);
        run.run(script_run::settings(folder / "registry.db", vfs.name()));
        SCOPED_TRACE("call " + std::to_string(at));
        EXPECT_EQ(run.wrong(), "");
        const auto made = vfs.calls();
        if (run.opened() && !run.broken().empty()) {
            // After it the disk is left alone.
            EXPECT_EQ(made.size(), at) << static_cast<int>(made[at].what) << made[at].wal;
        } else if (run.opened()) {
            EXPECT_FALSE(run.failed()); // closing, after everything was done
        }
        for (const auto how : {survival::sectors, all_kinds[at % 3]}) {
            const private_folder disk;
            vfs.power_cut(how, random_, disk.path());
            expect_sound(run, disk.path());
        }
        ASSERT_FALSE(HasFailure());
    }
}

TEST_F(StoreCrash, AFullDiskIsSurvivedAtEachCall) {
    const auto calls = calls_of_a_run();
    std::size_t met = 0;
    for (std::size_t at = 1; at <= calls.size(); ++at) {
        const std::size_t length = at % 3 == 0 ? 4 : 1;
        const private_folder folder;
        fault_vfs vfs;
        vfs.decide([&](const vfs_call& call) {
            return call.number >= at && call.number < at + length ? vfs_fault::full
                                                                  : vfs_fault::none;
        });
        script_run run(script_);
        run.run(script_run::settings(folder / "registry.db", vfs.name()));
        SCOPED_TRACE("call " + std::to_string(at));
        EXPECT_EQ(run.wrong(), "");
        EXPECT_EQ(run.broken(), "");
        met += run.full();
        const private_folder disk;
        vfs.power_cut(survival::sectors, random_, disk.path());
        expect_sound(run, disk.path());
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_GT(met, 100U);
}

TEST_F(StoreCrash, ACrashAfterAFullDiskLosesNothing) {
    const auto calls = calls_of_a_run().size();
    for (std::size_t at = 20; at <= calls; at += 3) {
        const private_folder folder, disk;
        fault_vfs vfs;
        const auto crash = at + 2 + random_() % 40;
        vfs.decide([&](const vfs_call& call) {
            if (call.number == crash)
                return vfs_fault::crash;
            return call.number == at || call.number == at + 1 ? vfs_fault::full : vfs_fault::none;
        });
        script_run run(script_);
        run.run(script_run::settings(folder / "registry.db", vfs.name()));
        SCOPED_TRACE("call " + std::to_string(at) + ", crash at " + std::to_string(crash));
        vfs.power_cut(survival::sectors, random_, disk.path());
        expect_sound(run, disk.path());
        ASSERT_FALSE(HasFailure());
    }
}

} // namespace
