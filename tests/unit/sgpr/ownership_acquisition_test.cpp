// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sgpr/ownership_rig.hpp"

#include <gtest/gtest.h>

using namespace sgpr;
using namespace sgpr_test;

namespace {

const refused* refusal_in(const acquisition::answer& answer) {
    return std::get_if<refused>(&answer);
}

TEST(Acquisition, TakesAFreeDiskAndRegistersEveryPath) {
    rig r;
    node n = r.make(1, 3);
    const owned got = r.own(n);
    EXPECT_EQ(r.disk.held(), (reservation{n.how.own, ours}));
    EXPECT_EQ(got.paths, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(r.registrations(n.how.own), 3U);
    EXPECT_TRUE(got.persistent);
}

TEST(Acquisition, WorksWhereFullStatusIsMissing) {
    rig r(fake::profile::tgt());
    node n = r.make(1, 2);
    const owned got = r.own(n);
    EXPECT_EQ(got.paths.size(), 2U);
    EXPECT_FALSE(got.persistent);
    EXPECT_EQ(r.holder(), n.how.own);
}

TEST(Acquisition, LeavesOutAPathThatIsDown) {
    rig r;
    node n = r.make(1, 2);
    r.disk.set_path(n.nexuses[0], false);
    const owned got = r.own(n);
    EXPECT_EQ(got.paths, std::vector<std::string>{"b"});
    EXPECT_EQ(got.holder, "b");
}

TEST(Acquisition, BelievesTheDiskAndNotTheAnswer) {
    auto target = fake::profile::lio();
    target.not_ready_after_change = true;
    rig r(target);
    node n = r.make(1, 2);
    EXPECT_EQ(r.own(n).paths.size(), 2U);
}

TEST(Acquisition, GoesOnAfterAReservationWhoseAnswerWasLost) {
    rig r;
    node n = r.make(1, 2);
    r.disk.inject(n.nexuses[0], {.kind = fake::fault_kind::timeout,
                                 .operation_code = 0x5f,
                                 .service_action = 0x01,
                                 .carried_out = true});
    (void)r.own(n);
    EXPECT_EQ(r.holder(), n.how.own);
}

TEST(Acquisition, TakesADeadPeersDiskAfterTheWait) {
    rig r;
    node a = r.make(1), b = r.make(2);
    (void)r.own(a);
    const auto began = r.time.now();
    (void)r.own(b);
    EXPECT_EQ(r.holder(), b.how.own);
    EXPECT_EQ(r.registrations(a.how.own), 0U);
    EXPECT_GE(r.time.now() - began, 7s);
    EXPECT_LT(r.time.now() - began, 8s);
}

TEST(Acquisition, TakesAGonePeersDiskAtOnce) {
    rig r;
    node a = r.make(1), b = r.make(2);
    (void)r.own(a);
    r.peers.states[a.how.own] = peer_state::gone;
    const auto began = r.time.now();
    (void)r.own(b);
    EXPECT_EQ(r.holder(), b.how.own);
    EXPECT_LT(r.time.now() - began, 1s);
}

TEST(Acquisition, LeavesALivePeersDiskUntouched) {
    rig r;
    node a = r.make(1), b = r.make(2);
    (void)r.own(a);
    const auto before = r.disk.status().generation;
    r.peers.states[a.how.own] = peer_state::alive;
    const auto answer = r.acquire(b);
    ASSERT_TRUE(refusal_in(answer));
    EXPECT_EQ(refusal_in(answer)->why, refusal::owner_alive);
    EXPECT_TRUE(refusal_in(answer)->clean);
    EXPECT_EQ(r.disk.status().generation, before);
}

TEST(Acquisition, GivesUpWhenItsRegistrationIsRemoved) {
    rig r;
    node a = r.make(1), b = r.make(2);
    (void)r.own(a);
    acquisition machine(*b.unit, b.how, r.peers);
    (void)r.run(machine, 3s);
    ASSERT_TRUE(machine.challenging());
    path defender(r.disk.open(a.nexuses[0]), r.time);
    ASSERT_TRUE(preempt(defender, a.how.own, b.how.own, ours));
    const auto answer = r.run(machine);
    ASSERT_TRUE(refusal_in(answer));
    EXPECT_EQ(refusal_in(answer)->why, refusal::owner_defends);
    EXPECT_EQ(r.holder(), a.how.own);
    EXPECT_EQ(r.registrations(b.how.own), 0U);
}

TEST(Acquisition, TakesADiskWhoseTargetForgotItsOwnerAndTheChallenger) {
    rig r;
    node a = r.make(1);
    node b = r.make(2);
    a.how.persist = b.how.persist = false;
    (void)r.own(a);
    acquisition machine(*b.unit, b.how, r.peers);
    (void)r.run(machine, 2s);
    ASSERT_TRUE(machine.challenging());
    r.disk.power_cycle();
    const auto answer = r.run(machine, 3s);
    EXPECT_TRUE(std::holds_alternative<owned>(answer));
    EXPECT_EQ(r.holder(), b.how.own);
}

TEST(Acquisition, OfOneOfTwoChallengersWins) {
    rig r;
    node a = r.make(1), b = r.make(2), c = r.make(3);
    (void)r.own(a);
    acquisition one(*b.unit, b.how, r.peers), other(*c.unit, c.how, r.peers);
    acquisition::answer first, second;
    for (int i = 0; i < 4000; ++i) {
        first = one.step(r.time.now());
        second = other.step(r.time.now());
        r.time.advance(10ms);
    }
    EXPECT_TRUE(std::holds_alternative<owned>(first));
    ASSERT_TRUE(refusal_in(second));
    EXPECT_EQ(refusal_in(second)->why, refusal::lost_race);
    EXPECT_EQ(r.registrations(c.how.own), 0U);
}

TEST(Acquisition, TakesOverWhatAnEarlierBootLeft) {
    rig r;
    node before = r.make(1, 2, 1), now = r.make(1, 2, 2);
    (void)r.own(before);
    const auto began = r.time.now();
    (void)r.own(now);
    EXPECT_EQ(r.holder(), now.how.own);
    EXPECT_EQ(r.registrations(before.how.own), 0U);
    EXPECT_LT(r.time.now() - began, 1s);
}

TEST(Acquisition, RemovesTheRegistrationsOfItsOldSessions) {
    rig r;
    node n = r.make(1, 2);
    (void)r.own(n);
    r.disk.log_in_again(n.nexuses[0], {0, 2, 0x3d, 0, 0, 9});
    r.disk.log_in_again(n.nexuses[1], {0, 2, 0x3d, 0, 1, 9});
    const owned got = r.own(n);
    EXPECT_EQ(got.paths.size(), 2U);
    EXPECT_EQ(r.registrations(n.how.own), 2U);
}

TEST(Acquisition, RemovesWhoStayedRegistered) {
    rig r;
    node n = r.make(1), other = r.make(2);
    path left(r.disk.open(other.nexuses[0]), r.time);
    ASSERT_TRUE(register_and_ignore(left, other.how.own));
    (void)r.own(n);
    EXPECT_EQ(r.registrations(other.how.own), 0U);
}

struct foreign_case {
    const char* name;
    key holder;
    reservation_type type;
    refusal why;
};

class Foreign : public testing::TestWithParam<foreign_case> {};

TEST_P(Foreign, ReservationIsNotTouchedUnlessTold) {
    rig r;
    node n = r.make(1), other = r.make(7);
    path theirs(r.disk.open(other.nexuses[0]), r.time);
    ASSERT_TRUE(register_and_ignore(theirs, GetParam().holder));
    ASSERT_TRUE(reserve(theirs, GetParam().holder, GetParam().type));
    const auto answer = r.acquire(n);
    ASSERT_TRUE(refusal_in(answer));
    EXPECT_EQ(refusal_in(answer)->why, GetParam().why);
    EXPECT_EQ(r.disk.status().registrations.size(), 1U);

    n.how.foreign = foreign_policy::preempt;
    (void)r.own(n);
    EXPECT_EQ(r.disk.held(), (reservation{n.how.own, ours}));
}

INSTANTIATE_TEST_SUITE_P(
    Of, Foreign,
    testing::Values(foreign_case{"OtherSoftware", key(0x77), ours, refusal::foreign_reservation},
                    foreign_case{"AnotherCluster", compose({0x123456, 1, 1}), ours,
                                 refusal::foreign_reservation},
                    foreign_case{"AnotherType", key_of(7), reservation_type::write_exclusive,
                                 refusal::other_type},
                    foreign_case{"AllRegistrants", key_of(7),
                                 reservation_type::write_exclusive_all_registrants,
                                 refusal::other_type}),
    [](const auto& which) { return which.param.name; });

TEST(Acquisition, RefusesAFreeDiskWithRegistrationsOfOthers) {
    rig r;
    node n = r.make(1), other = r.make(7);
    path theirs(r.disk.open(other.nexuses[0]), r.time);
    ASSERT_TRUE(register_and_ignore(theirs, key(0x77)));
    const auto answer = r.acquire(n);
    ASSERT_TRUE(refusal_in(answer));
    EXPECT_EQ(refusal_in(answer)->why, refusal::foreign_registration);
}

TEST(Acquisition, FailsWithoutAPath) {
    rig r;
    node n = r.make(1);
    r.disk.set_path(n.nexuses[0], false);
    const auto answer = r.acquire(n);
    ASSERT_TRUE(std::holds_alternative<failed>(answer));
    EXPECT_EQ(std::get<failed>(answer).why.code, errc::transport);
}

TEST(Acquisition, FailsOnADiskWithoutReservations) {
    auto target = fake::profile::strict();
    target.reservations = false;
    rig r(target);
    node n = r.make(1);
    const auto answer = r.acquire(n);
    ASSERT_TRUE(std::holds_alternative<failed>(answer));
    EXPECT_EQ(std::get<failed>(answer).why.code, errc::unsupported);
}

TEST(Acquisition, ThatIsCancelledLeavesNothing) {
    rig r;
    node a = r.make(1), b = r.make(2, 2);
    (void)r.own(a);
    acquisition machine(*b.unit, b.how, r.peers);
    (void)r.run(machine, 3s);
    EXPECT_EQ(r.registrations(b.how.own), 2U);
    machine.cancel();
    const auto answer = r.run(machine);
    ASSERT_TRUE(std::holds_alternative<failed>(answer));
    EXPECT_TRUE(std::get<failed>(answer).clean);
    EXPECT_EQ(r.registrations(b.how.own), 0U);
}

} // namespace
