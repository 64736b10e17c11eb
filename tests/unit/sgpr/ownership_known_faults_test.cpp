// SPDX-License-Identifier: Apache-2.0
// What existing agents are known to do wrong (tests/disks/known_faults.md), where no other test
// would notice it.
#include "tests/unit/sgpr/ownership_rig.hpp"

#include <gtest/gtest.h>

using namespace sgpr;
using namespace sgpr_test;

namespace {

/// A machine of another cluster that calls itself like this one: its keys look like ours.
struct namesake {
    explicit namesake(rig& r, std::uint8_t boot) : key(key_of(1, boot)) {
        const auto nexus = r.disk.connect(
            iscsi_transport_id("iqn.2026-01.example:elsewhere", {0, 2, 0x3d, 0, 0, 1}), 9, "x");
        on = std::make_unique<path>(r.disk.open(nexus), r.time);
        EXPECT_TRUE(register_and_ignore(*on, key));
        EXPECT_TRUE(reserve(*on, key, ours));
    }
    sgpr::key key;
    std::unique_ptr<path> on;
};

refusal why_refused(const acquisition::answer& answer) {
    const auto* no = std::get_if<refused>(&answer);
    EXPECT_TRUE(no);
    return no != nullptr ? no->why : refusal::lost_race;
}

TEST(KnownFaults, ADiskOfAnotherMachineWithOurKeyIsRefusedAndLeftAlone) {
    rig r;
    node n = r.make(1, 2);
    const namesake other(r, 1);
    const auto before = r.disk.status().generation;
    EXPECT_EQ(why_refused(r.acquire(n)), refusal::key_in_use);
    EXPECT_EQ(r.disk.status().generation, before);
    EXPECT_EQ(r.holder(), other.key);
}

TEST(KnownFaults, ADiskOfAnotherMachineIsNotTakenForOneOfAnEarlierBoot) {
    rig r;
    node n = r.make(1, 2, 2);
    const namesake other(r, 1);
    acquisition machine(*n.unit, n.how, r.peers);
    (void)r.run(machine, 5s);
    EXPECT_TRUE(machine.challenging());
    EXPECT_EQ(r.holder(), other.key);
    ASSERT_TRUE(preempt(*other.on, other.key, n.how.own, ours)); // it defends itself
    EXPECT_EQ(why_refused(r.run(machine)), refusal::owner_defends);
    EXPECT_EQ(r.holder(), other.key);
    EXPECT_EQ(r.registrations(n.how.own), 0U);
}

TEST(KnownFaults, ATakenDiskHasEveryPathOfTheNewOwnerAndNoneOfTheOld) {
    rig r;
    node a = r.make(1, 3), b = r.make(2, 3);
    (void)r.own(a);
    EXPECT_EQ(r.own(b).paths.size(), 3U);
    EXPECT_EQ(r.registrations(a.how.own), 0U);
    EXPECT_EQ(r.registrations(b.how.own), 3U);
}

TEST(KnownFaults, APathThatComesDuringTheRegistrationIsNotMissed) {
    rig r;
    node n = r.make(1, 2);
    acquisition machine(*n.unit, n.how, r.peers);
    for (int i = 0; i < 1000 && r.registrations(n.how.own) == 0; ++i) {
        (void)machine.step(r.time.now());
        r.time.advance(1ms);
    }
    ASSERT_EQ(r.registrations(n.how.own), 1U);
    const auto nexus = r.disk.connect(
        iscsi_transport_id("iqn.2026-01.example:n1", {0, 2, 0x3d, 0, 5, 1}), 3, "late");
    ASSERT_TRUE(n.unit->add_path(std::make_unique<path>(r.disk.open(nexus), r.time)));
    auto got = std::get<owned>(r.run(machine));
    defence keep(*n.unit, n.how, got, n.gate);
    (void)r.run(keep, 7s);
    EXPECT_EQ(r.registrations(n.how.own), 3U);
    EXPECT_EQ(n.gate.events, "+a +b +late ");
}

TEST(KnownFaults, AnAcquisitionThatIsGivenUpAtAnyStepLeavesNothing) {
    for (unsigned steps = 0; steps < 200; ++steps) {
        rig r;
        node left = r.make(2), n = r.make(1, 3);
        path stayed(r.disk.open(left.nexuses[0]), r.time);
        ASSERT_TRUE(register_and_ignore(stayed, left.how.own));
        acquisition machine(*n.unit, n.how, r.peers);
        acquisition::answer answer = call_again{};
        for (unsigned i = 0; i < steps && std::holds_alternative<call_again>(answer); ++i) {
            answer = machine.step(r.time.now());
            r.time.advance(1ms);
        }
        if (std::holds_alternative<owned>(answer))
            return; // all steps were tried
        const bool registered = r.registrations(n.how.own) > 0;
        machine.cancel();
        answer = r.run(machine);
        ASSERT_TRUE(std::holds_alternative<failed>(answer)) << steps;
        // Before its first look it does not claim to know.
        EXPECT_TRUE(std::get<failed>(answer).clean || !registered) << steps;
        EXPECT_EQ(r.registrations(n.how.own), 0U) << steps;
        EXPECT_FALSE(r.disk.held()) << steps;
    }
    FAIL() << "never owned";
}

TEST(KnownFaults, ANewSessionIsRegisteredWithoutAMomentInWhichAnotherPathIsNot) {
    rig r;
    node n = r.make(1, 2);
    const owned got = r.own(n);
    ASSERT_EQ(got.holder, "a");
    defence machine(*n.unit, n.how, got, n.gate);
    (void)r.run(machine, 10s);
    r.disk.log_in_again(n.nexuses[1], {0, 2, 0x3d, 0, 1, 9});
    machine.path_changed("b");
    const auto holds = [&] {
        for (const registration& one : r.disk.status().registrations)
            if (one.holds && one.initiator.session == initiator_session{0, 2, 0x3d, 0, 0, 1})
                return true;
        return false;
    };
    for (int i = 0; i < 5000; ++i) {
        (void)machine.step(r.time.now());
        r.time.advance(2ms);
        ASSERT_TRUE(holds()) << i;
        ASSERT_EQ(r.holder(), n.how.own);
    }
    EXPECT_NE(n.gate.events.find("-b +b"), std::string::npos);
    EXPECT_TRUE(machine.believes(r.time.now()));
}

} // namespace
