// SPDX-License-Identifier: Apache-2.0
#include "sgpr/block_stack.hpp"
#include "sgpr/guard.hpp"
#include "sgpr/guard_request.hpp"

#include "tests/unit/sgpr/ownership_rig.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace sgpr;
using namespace sgpr_test;

namespace {

struct noted_barrier final : write_barrier {
    barrier_report forbid_writes() override { return note("forbid"); }
    barrier_report shut_down_file_systems() override { return note("shut-down"); }
    barrier_report allow_writes() override { return note("allow"); }
    std::vector<std::string> in_use() override { return mounts; }

    barrier_report note(const char* what) {
        events += std::string(what) + " ";
        return {};
    }
    std::string events;
    std::vector<std::string> mounts;
};

struct guarded {
    guarded() : n(r.make(1, 2)), machine(*n.unit, n.how, {r.peers, n.gate, barrier, {}}) {}

    guard_machine::progress go(duration how_long) { return r.run(machine, how_long); }

    rig r;
    node n;
    noted_barrier barrier;
    guard_machine machine;
};

TEST(GuardMachine, AllowsWritesOnlyWhenTheDiskIsOwned) {
    guarded g;
    EXPECT_EQ(g.barrier.events, "forbid ");
    EXPECT_FALSE(g.machine.owned_until());
    (void)g.go(1s);
    EXPECT_EQ(g.machine.state(), guard_state::owned);
    EXPECT_EQ(g.barrier.events, "forbid allow ");
    EXPECT_EQ(guard_status(g.machine, g.r.time.now()).at("state").as_string(), "owned");
}

TEST(GuardMachine, StopsTheHostBeforeItReportsALoss) {
    guarded g;
    node b = g.r.make(2);
    (void)g.go(10s);
    g.r.peers.states[g.n.how.own] = peer_state::gone;
    (void)g.r.own(b);
    const auto answer = g.go(10s);
    ASSERT_TRUE(std::holds_alternative<guard_end>(answer));
    EXPECT_EQ(std::get<guard_end>(answer).outcome, guard_outcome::lost);
    EXPECT_TRUE(std::get<guard_end>(answer).clean);
    EXPECT_EQ(g.barrier.events, "forbid allow forbid shut-down ");
}

TEST(GuardMachine, StopsTheHostBeforeAChallengerCanWrite) {
    guarded g;
    (void)g.go(10s);
    const auto looked = g.machine.defended()->last_look;
    for (const auto nexus : g.n.nexuses)
        g.r.disk.set_path(nexus, false);
    while (g.barrier.events.find("shut-down") == std::string::npos &&
           g.r.time.now() < looked + 20s) {
        g.r.time.advance(50ms);
        (void)g.machine.step(g.r.time.now());
    }
    EXPECT_LE(g.r.time.now() + g.n.how.times.reaction, looked + g.n.how.times.challenge);
}

TEST(GuardMachine, ReleasesTheDiskAsTold) {
    guarded g;
    (void)g.go(10s);
    EXPECT_FALSE(g.machine.release());
    const auto answer = g.go(5s);
    ASSERT_TRUE(std::holds_alternative<guard_end>(answer));
    EXPECT_EQ(std::get<guard_end>(answer).outcome, guard_outcome::released);
    EXPECT_FALSE(g.r.disk.held());
    EXPECT_EQ(g.barrier.events, "forbid allow forbid ");
}

TEST(GuardMachine, DoesNotReleaseADiskThatIsMounted) {
    guarded g;
    (void)g.go(10s);
    g.barrier.mounts = {"/srv/data"};
    EXPECT_EQ(g.machine.release(), "mounted: /srv/data");
    EXPECT_EQ(g.machine.state(), guard_state::owned);
}

TEST(GuardMachine, KeepsTheReservationWhenItIsStopped) {
    guarded g;
    EXPECT_FALSE(g.machine.stop());
    (void)g.go(10s);
    EXPECT_TRUE(g.machine.stop());
    EXPECT_EQ(g.r.holder(), g.n.how.own);
    EXPECT_EQ(g.barrier.events, "forbid allow ");
}

TEST(GuardMachine, CountsAsLostWhenWritesWereStoppedFromOutside) {
    guarded g;
    (void)g.go(10s);
    g.machine.writes_were_stopped();
    const auto answer = g.go(5s);
    ASSERT_TRUE(std::holds_alternative<guard_end>(answer));
    EXPECT_EQ(std::get<guard_end>(answer).outcome, guard_outcome::lost);
}

TEST(GuardRequest, IsReadAndAnswered) {
    const auto asked = read_guard_request(R"({"id": 7, "command": "status"})");
    EXPECT_EQ(asked.command, guard_command::status);
    EXPECT_EQ(guard_result(asked.id, {}), "{\"id\":7,\"result\":{}}\n");
    EXPECT_EQ(read_guard_request(R"({"command": "release"})").command, guard_command::release);
    EXPECT_EQ(read_guard_request(R"({"command": "stop"})").command, guard_command::stop);
}

TEST(GuardRequest, OfNonsenseIsRefused) {
    for (const char* line : {"", "x", "[]", "{}", R"({"command": 1})", R"({"command": "format"})",
                             R"({"command": [[[[[[[[]]]]]]]]})"}) {
        const auto asked = read_guard_request(line);
        EXPECT_EQ(asked.command, guard_command::unknown) << line;
        EXPECT_FALSE(asked.error.empty()) << line;
    }
    EXPECT_TRUE(read_guard_request("{\"id\": \"" + std::string(65, 'a') + "\"}").id.is_null());
}

class BlockStack : public testing::Test {
protected:
    BlockStack() {
        device("sda", "8:0");
        device("sda/sda1", "8:1");
        put("sda/sda1/partition", "1");
        device("dm-0", "253:0");
        device("dm-1", "253:1");
        hold("sda", "dm-0");
        hold("dm-0", "dm-1");
        hold("dm-1", "dm-0"); // never so, and no loop without end
        std::filesystem::create_directory_symlink(root / "class/block/sda/sda1",
                                                  root / "class/block/sda1");
    }
    ~BlockStack() override { std::filesystem::remove_all(root); }

    void put(const std::string& name, const std::string& text) {
        const auto file = root / "class/block" / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text << "\n";
    }
    void device(const std::string& name, const std::string& number) { put(name + "/dev", number); }
    void hold(const std::string& below, const std::string& above) {
        put(below + "/holders/" + above, "");
    }

    std::filesystem::path root =
        std::filesystem::path(testing::TempDir()) /
        ("block_stack_" +
         std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(BlockStack, HasPartitionsAndHolders) {
    const auto stack = stack_on(root, {"sda", "gone"});
    EXPECT_EQ(stack, (std::vector<block_node>{
                         {"sda", 8, 0}, {"sda1", 8, 1}, {"dm-0", 253, 0}, {"dm-1", 253, 1}}));
}

TEST_F(BlockStack, KnowsWhatIsMounted) {
    const auto all =
        parse_mountinfo("29 1 253:1 / /srv/a\\040b rw,noatime shared:1 - ext4 /dev/x rw\n"
                        "nonsense\n"
                        "30 1 0:5 / /proc rw - proc proc rw\n"
                        "31 1 8:1 / /mnt rw master:1 shared:2 - xfs /dev/sda1 rw");
    ASSERT_EQ(all.size(), 3U);
    const auto mounts = mounted_from(stack_on(root, {"sda"}), all);
    ASSERT_EQ(mounts.size(), 2U);
    EXPECT_EQ(mounts[0].mount_point, "/srv/a b");
    EXPECT_EQ(mounts[0].type, "ext4");
    EXPECT_EQ(mounts[1].mount_point, "/mnt");
}

} // namespace
