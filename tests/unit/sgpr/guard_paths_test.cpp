// SPDX-License-Identifier: Apache-2.0
// Paths that come and go under a guard.
#include "sgpr/guard.hpp"

#include "tests/unit/sgpr/ownership_rig.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

using namespace sgpr;
using namespace sgpr_test;

namespace {

struct counting_barrier final : write_barrier {
    barrier_report forbid_writes() override {
        ++forbidden;
        return {};
    }
    barrier_report shut_down_file_systems() override { return {}; }
    barrier_report allow_writes() override { return {}; }
    std::vector<std::string> in_use() override { return {}; }
    int forbidden = 0;
};

struct GuardPaths : testing::Test {
    void go(duration how_long) { last = r.run(machine, how_long); }
    /// As after a log-out: commands fail, the device is gone.
    void lose(const std::string& name) {
        r.disk.set_path(nexuses.at(name), false);
        ASSERT_TRUE(n.unit->remove_path(name));
        machine.path_changed(name);
        (void)json(); // whoever asks before the next step
    }
    /// As after a log-in: a new session, perhaps with the name of an old one.
    void get(const std::string& name) {
        ++session;
        nexuses[name] = r.disk.connect(
            iscsi_transport_id("iqn.2026-01.example:n1", {0, 2, 0x3d, 0, session, 1}), session,
            name);
        ASSERT_TRUE(
            n.unit->add_path(std::make_unique<sgpr::path>(r.disk.open(nexuses.at(name)), r.time)));
        machine.path_changed(name);
        (void)json();
    }
    std::string json() { return boost::json::serialize(guard_status(machine, r.time.now())); }
    bool owned() { return machine.state() == guard_state::owned && machine.writable(); }

    rig r;
    node n = r.make(1, 2);
    counting_barrier barrier;
    guard_machine machine{*n.unit, n.how, {r.peers, n.gate, barrier, {}}};
    guard_machine::progress last;
    std::map<std::string, fake::nexus_number> nexuses{{"a", n.nexuses[0]}, {"b", n.nexuses[1]}};
    std::uint8_t session = 10;
};

TEST_F(GuardPaths, RegistersAPathThatCameBeforeItCarriesIo) {
    go(1s);
    ASSERT_EQ(n.gate.events, "+a +b ");
    get("c");
    EXPECT_EQ(n.gate.events, "+a +b ");
    go(100ms); // not only when the next round is due
    EXPECT_EQ(n.gate.events, "+a +b +c ");
    EXPECT_EQ(r.registrations(n.how.own), 3U);
}

TEST_F(GuardPaths, KeepsADiskWhoseHoldersPathWent) {
    go(1s);
    const std::string holder = machine.defended()->holder;
    lose(holder);
    go(100ms);
    EXPECT_NE(machine.defended()->holder, holder);
    EXPECT_EQ(r.registrations(n.how.own), 1U);
    go(20s);
    EXPECT_TRUE(owned());
}

TEST_F(GuardPaths, BlocksAPathThatWent) {
    go(1s);
    n.gate.events.clear();
    lose("b");
    EXPECT_EQ(n.gate.events, "-b ");
}

TEST_F(GuardPaths, KeepsADiskAllOfWhosePathsAreReplaced) {
    go(1s);
    for (int i = 0; i < 4; ++i)
        for (const char* name : {"a", "b"}) {
            lose(name);
            go(200ms);
            get(name);
            go(1s);
            ASSERT_TRUE(owned()) << i << name << json();
        }
    EXPECT_EQ(r.registrations(n.how.own), 2U);
    EXPECT_EQ(machine.defended()->paths.size(), 2U);
}

TEST_F(GuardPaths, KeepsADiskThatWasWithoutPathsForLessThanItsBelief) {
    go(1s);
    lose("a");
    lose("b");
    go(2s);
    get("a");
    go(1s);
    EXPECT_TRUE(owned());
    EXPECT_EQ(machine.defended()->holder, "a");
}

TEST_F(GuardPaths, LosesADiskThatIsWithoutPathsForLonger) {
    go(1s);
    lose("a");
    lose("b");
    go(30s);
    ASSERT_TRUE(std::holds_alternative<guard_end>(last));
    EXPECT_EQ(std::get<guard_end>(last).outcome, guard_outcome::lost);
    EXPECT_FALSE(std::get<guard_end>(last).clean);
}

TEST_F(GuardPaths, MayNotBeWrittenThroughAPathThatCameBeforeTheDiskIsOwned) {
    ASSERT_EQ(barrier.forbidden, 1);
    get("c");
    EXPECT_EQ(barrier.forbidden, 2);
    go(1s);
    get("d");
    EXPECT_EQ(barrier.forbidden, 2);
}

/// A path goes, and another comes, after each number of steps of an acquisition, a defence and a
/// withdrawal: what was decided about paths before must not reach others.
TEST(GuardPathsAtEachStep, AreOwnedAndLeftAllTheSame) {
    for (int at = 0; at < 60; ++at) {
        rig r;
        node n = r.make(1, 2);
        counting_barrier barrier;
        guard_machine machine(*n.unit, n.how, {r.peers, n.gate, barrier, {}});
        for (int i = 0; i < at; ++i) {
            r.time.advance(1ms);
            (void)machine.step(r.time.now());
            if (i == 40)
                (void)machine.release();
        }
        r.disk.set_path(n.nexuses[0], false);
        ASSERT_TRUE(n.unit->remove_path("a"));
        machine.path_changed("a");
        const auto late = r.disk.connect(
            iscsi_transport_id("iqn.2026-01.example:n1", {0, 2, 0x3d, 0, 9, 9}), 9, "c");
        ASSERT_TRUE(n.unit->add_path(std::make_unique<sgpr::path>(r.disk.open(late), r.time)));
        machine.path_changed("c");
        (void)r.run(machine, 12s);
        if (at <= 40) {
            EXPECT_EQ(machine.state(), guard_state::owned) << at;
            EXPECT_EQ(r.registrations(n.how.own), 2U) << at;
        } else {
            EXPECT_EQ(machine.state(), guard_state::ended) << at;
            EXPECT_EQ(r.registrations(n.how.own), 0U) << at;
        }
    }
}

} // namespace
