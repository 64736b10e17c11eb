// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sgpr/ownership_rig.hpp"

#include <gtest/gtest.h>

using namespace sgpr;
using namespace sgpr_test;

namespace {

/// A node that owns the disk and defends it.
struct defended {
    explicit defended(unsigned paths = 1, fake::profile target = fake::profile::strict())
        : r(target), n(r.make(1, paths)), machine(*n.unit, n.how, r.own(n), n.gate) {}

    defence::answer go(duration how_long) { return r.run(machine, how_long); }

    rig r;
    node n;
    defence machine;
};

const lost* loss_in(const defence::answer& answer) {
    return std::get_if<lost>(&answer);
}

TEST(Defence, GoesOnAsLongAsTheDiskIsOurs) {
    defended d(2);
    EXPECT_EQ(d.machine.status().holder, "a");
    EXPECT_FALSE(loss_in(d.go(60s)));
    EXPECT_TRUE(d.machine.believes(d.r.time.now()));
    EXPECT_EQ(d.n.gate.events, "+a +b ");
    EXPECT_GE(d.machine.status().looks, 19U);
    EXPECT_EQ(d.machine.status().unexplained, 0U);
}

TEST(Defence, RemovesAChallengerWithinAPeriod) {
    defended d;
    node b = d.r.make(2, 2);
    (void)d.go(10s);
    for (const auto nexus : b.nexuses) {
        path p(d.r.disk.open(nexus), d.r.time);
        ASSERT_TRUE(register_and_ignore(p, b.how.own));
    }
    (void)d.go(3100ms);
    EXPECT_EQ(d.r.registrations(b.how.own), 0U);
    EXPECT_EQ(d.machine.status().removed, 1U);
    EXPECT_EQ(d.machine.status().unexplained, 1U);
}

// The inequality of ownership_timing: whoever registered right after our last look may preempt no
// earlier than its wait says, and by then we do not believe any more.
TEST(Defence, EndsItsBeliefBeforeAChallengerMayPreempt) {
    defended d;
    (void)d.go(10s);
    const auto looked = d.machine.status().last_look;
    const auto& times = d.n.how.times;
    EXPECT_EQ(d.machine.owned_until(), looked + times.lost_after);
    const auto earliest_preemption = looked + times.challenge;
    EXPECT_GE(earliest_preemption - d.machine.owned_until(), times.reaction);
    EXPECT_FALSE(d.machine.believes(earliest_preemption - times.reaction));
    EXPECT_EQ(loss_in(d.machine.step(d.machine.owned_until()))->why, loss::unconfirmed);
}

TEST(Defence, IsLostAfterTwoMissedPeriods) {
    defended d;
    (void)d.go(10s);
    const auto looked = d.machine.status().last_look;
    d.r.disk.set_path(d.n.nexuses[0], false);
    const auto answer = d.go(20s);
    ASSERT_TRUE(loss_in(answer));
    EXPECT_EQ(loss_in(answer)->why, loss::unconfirmed);
    EXPECT_GE(d.r.time.now() - looked, 6s);
    EXPECT_LT(d.r.time.now() - looked, 6100ms);
}

TEST(Defence, DoesNotProlongItsBeliefBesideAChallenger) {
    defended d;
    node b = d.r.make(2);
    (void)d.go(10s);
    path p(d.r.disk.open(b.nexuses[0]), d.r.time);
    ASSERT_TRUE(register_and_ignore(p, b.how.own));
    // The challenger cannot be removed: its removal is never carried out.
    d.r.disk.inject(d.n.nexuses[0], {.kind = fake::fault_kind::busy,
                                     .times = 1000,
                                     .operation_code = 0x5f,
                                     .service_action = 0x04});
    const auto until = d.machine.owned_until();
    const auto answer = d.go(20s);
    EXPECT_EQ(d.machine.owned_until(), until);
    ASSERT_TRUE(loss_in(answer));
    EXPECT_EQ(loss_in(answer)->why, loss::unconfirmed);
}

TEST(Defence, IsLostAtOnceWhenToldThatItWasPreempted) {
    defended d(2);
    node b = d.r.make(2);
    (void)d.go(10s);
    d.r.peers.states[d.n.how.own] = peer_state::gone;
    (void)d.r.own(b);
    const auto answer = d.go(3100ms);
    ASSERT_TRUE(loss_in(answer));
    EXPECT_EQ(loss_in(answer)->why, loss::preempted);
    EXPECT_EQ(d.r.registrations(d.n.how.own), 0U);
}

TEST(Defence, DoubtsItselfWhenIoWasToldSoUntilItLooked) {
    defended d;
    (void)d.go(10s);
    d.machine.registrations_preempted();
    EXPECT_FALSE(d.machine.believes(d.r.time.now()));
    EXPECT_FALSE(loss_in(d.go(100ms)));
    EXPECT_TRUE(d.machine.believes(d.r.time.now()));

    d.machine.registrations_preempted();
    d.r.disk.set_path(d.n.nexuses[0], false);
    ASSERT_TRUE(loss_in(d.go(100ms)));
}

TEST(Defence, OutlivesWhatItsOwnMoveOfTheReservationTellsOtherPaths) {
    defended d(3, fake::profile::lio());
    (void)d.go(10s);
    d.r.disk.set_path(d.n.nexuses[0], false);
    EXPECT_FALSE(loss_in(d.go(10s)));
    d.r.disk.set_path(d.n.nexuses[0], true);
    EXPECT_FALSE(loss_in(d.go(10s)));
    EXPECT_EQ(d.r.registrations(d.n.how.own), 3U);
}

TEST(Defence, IsLostWhenATargetForgotEverything) {
    auto target = fake::profile::strict();
    target.persistence = false;
    defended d(1, target);
    (void)d.go(10s);
    d.r.disk.power_cycle();
    const auto answer = d.go(3100ms);
    ASSERT_TRUE(loss_in(answer));
    EXPECT_EQ(loss_in(answer)->why, loss::released);
}

TEST(Defence, OutlivesATargetThatRemembers) {
    defended d(2);
    (void)d.go(10s);
    d.r.disk.power_cycle();
    EXPECT_FALSE(loss_in(d.go(20s)));
}

TEST(Defence, RegistersANewSessionBeforeItGetsIo) {
    defended d(2);
    (void)d.go(10s);
    d.n.gate.events.clear();
    d.r.disk.log_in_again(d.n.nexuses[1], {0, 2, 0x3d, 0, 1, 9});
    d.machine.path_changed("b");
    EXPECT_EQ(d.n.gate.events, "-b ");
    EXPECT_FALSE(loss_in(d.go(1s)));
    EXPECT_EQ(d.n.gate.events, "-b +b ");
    path p(d.r.disk.open(d.n.nexuses[1]), d.r.time);
    EXPECT_TRUE(find_registration(p, d.n.how.own)->registered);
}

TEST(Defence, GivesAReturnedPathNoIoWhenTheDiskIsAnothersByThen) {
    defended d(2);
    node b = d.r.make(2);
    (void)d.go(10s);
    d.r.disk.set_path(d.n.nexuses[1], false);
    (void)d.go(4s);
    d.n.gate.events.clear();
    d.r.disk.set_path(d.n.nexuses[1], true);
    d.r.disk.log_in_again(d.n.nexuses[1], {0, 2, 0x3d, 0, 1, 9});
    // Stop it right before the command that registers the path.
    const auto seen = [&] { return d.r.disk.commands_seen(d.n.nexuses[1]); };
    const auto before = seen();
    while (seen() == before) {
        d.r.time.advance(100ms);
        (void)d.machine.step(d.r.time.now());
    }
    const auto frozen = d.r.time.now();
    d.r.peers.states[d.n.how.own] = peer_state::gone;
    (void)d.r.own(b);
    (void)d.machine.step(frozen);
    (void)d.machine.step(frozen);
    (void)d.machine.step(frozen);
    EXPECT_EQ(d.n.gate.events.find("+b"), std::string::npos);
    EXPECT_FALSE(d.machine.believes(d.r.time.now()));
}

TEST(Defence, MovesTheReservationFromALostPath) {
    defended d(3);
    (void)d.go(10s);
    ASSERT_EQ(d.machine.status().holder, "a");
    d.r.disk.set_path(d.n.nexuses[0], false);
    EXPECT_FALSE(loss_in(d.go(10s)));
    const auto status = d.machine.status();
    EXPECT_EQ(status.moves, 1U);
    EXPECT_NE(status.holder, "a");
    EXPECT_EQ(d.r.registrations(d.n.how.own), 2U);
    EXPECT_TRUE(status.paths[1].usable && status.paths[2].usable);
    // The other live path is unregistered for a moment and was kept from I/O meanwhile.
    EXPECT_EQ(d.n.gate.events, "+a +b +c -a -c +c ");
}

TEST(Defence, TakesARefusedWriteForALossOnlyIfTheDiskSaysSo) {
    defended d(2);
    (void)d.go(10s);
    d.r.disk.log_in_again(d.n.nexuses[1], {0, 2, 0x3d, 0, 1, 9});
    d.machine.write_refused("b");
    EXPECT_FALSE(d.machine.believes(d.r.time.now()));
    (void)d.machine.step(d.r.time.now());
    EXPECT_TRUE(d.machine.believes(d.r.time.now()));

    for (const auto nexus : d.n.nexuses)
        d.r.disk.set_path(nexus, false);
    d.machine.write_refused("a");
    const auto answer = d.go(100ms);
    ASSERT_TRUE(loss_in(answer));
}

TEST(Defence, OutlivesAPathThatHangs) {
    defended d(2);
    (void)d.go(10s);
    d.r.disk.inject(d.n.nexuses[0], {.kind = fake::fault_kind::timeout, .times = 100000});
    EXPECT_FALSE(loss_in(d.go(60s)));
    EXPECT_FALSE(d.machine.status().paths[0].usable);
}

TEST(Defence, OutlivesAttentionsAndABusyTarget) {
    defended d(1);
    (void)d.go(10s);
    for (int i = 0; i < 5; ++i)
        d.r.disk.queue_attention(d.n.nexuses[0], 0x3f, 0x0e);
    d.r.disk.inject(d.n.nexuses[0], {.kind = fake::fault_kind::busy, .times = 6});
    EXPECT_FALSE(loss_in(d.go(20s)));
}

TEST(Defence, NoticesAPathThatItsUnitGotLater) {
    defended d(1);
    (void)d.go(10s);
    const auto nexus = d.r.disk.connect(
        iscsi_transport_id("iqn.2026-01.example:n1", {0, 2, 0x3d, 0, 5, 1}), 1, "later");
    ASSERT_TRUE(d.n.unit->add_path(std::make_unique<path>(d.r.disk.open(nexus), d.r.time)));
    EXPECT_EQ(d.r.registrations(d.n.how.own), 1U);
    EXPECT_FALSE(loss_in(d.go(7s)));
    EXPECT_EQ(d.r.registrations(d.n.how.own), 2U);
    EXPECT_EQ(d.n.gate.events, "+a +later ");
}

TEST(Withdrawal, LeavesNothing) {
    defended d(3);
    (void)d.go(10s);
    withdrawal machine(*d.n.unit, d.n.how, withdrawal::cache::flush);
    const auto answer = d.r.run(machine);
    EXPECT_TRUE(std::get<withdrawn>(answer).clean);
    EXPECT_FALSE(d.r.disk.held());
    EXPECT_TRUE(d.r.disk.status().registrations.empty());
}

TEST(Withdrawal, ReleasesWhatALostPathHolds) {
    defended d(2);
    (void)d.go(10s);
    d.r.disk.set_path(d.n.nexuses[0], false);
    withdrawal machine(*d.n.unit, d.n.how);
    EXPECT_TRUE(std::get<withdrawn>(d.r.run(machine)).clean);
    EXPECT_FALSE(d.r.disk.held());
    EXPECT_TRUE(d.r.disk.status().registrations.empty());
}

TEST(Withdrawal, OfAnotherOwnersDiskTouchesNothingOfHis) {
    rig r;
    node a = r.make(1), b = r.make(2);
    (void)r.own(a);
    withdrawal machine(*b.unit, b.how);
    EXPECT_TRUE(std::get<withdrawn>(r.run(machine)).clean);
    EXPECT_EQ(r.disk.held(), (reservation{a.how.own, ours}));
}

TEST(Withdrawal, SaysWhenSomethingMayBeLeft) {
    defended d(1);
    d.r.disk.set_path(d.n.nexuses[0], false);
    withdrawal machine(*d.n.unit, d.n.how);
    const auto answer = d.r.run(machine);
    EXPECT_FALSE(std::get<withdrawn>(answer).clean);
    EXPECT_EQ(std::get<withdrawn>(answer).why->code, errc::transport);
}

} // namespace
