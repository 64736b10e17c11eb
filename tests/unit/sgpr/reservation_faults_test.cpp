// SPDX-License-Identifier: Apache-2.0
// Changes of reservations on devices that lie, stay silent, or lack what others have.
#include "sgpr/fake/disk.hpp"
#include "sgpr/path.hpp"
#include "sgpr/verified.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sgpr;
using fake::fault_kind;

constexpr key own{0xaa};
constexpr key other{0xbb};
constexpr auto type = reservation_type::write_exclusive_registrants_only;
constexpr std::uint8_t reserve_out = 0x5f;
constexpr std::uint8_t reserve_in = 0x5e;

struct target {
    explicit target(const fake::profile& kind = {}) : disk({.target = kind}) {}

    fake::disk disk;
    virtual_clock time;
    fake::nexus_number a = disk.connect(sas_transport_id(0xa1), 1, "a");
    fake::nexus_number b = disk.connect(sas_transport_id(0xb1), 1, "b");
    path on_a{disk.open(a), time};
    path on_b{disk.open(b), time};
};

TEST(VerifiedChange, IsDoneThoughTheDeviceSaysNotReady) {
    auto kind = fake::profile::lio();
    kind.not_ready_after_change = true;
    target t(kind);
    const auto got = verified_register(t.on_a, no_key, own);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->done);
    ASSERT_TRUE(got->answer);
    EXPECT_EQ(got->answer->code, errc::not_ready);
    EXPECT_TRUE(verified_reserve(t.on_a, own, type)->done);
    EXPECT_TRUE(verified_clear(t.on_a, own)->done);
}

TEST(VerifiedChange, IsDoneThoughNoAnswerCame) {
    target t;
    t.disk.inject(
        t.a, {.kind = fault_kind::timeout, .operation_code = reserve_out, .carried_out = true});
    const auto got = verified_register_and_ignore(t.on_a, own);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->done);
    EXPECT_EQ(got->answer->code, errc::timeout);
}

TEST(VerifiedChange, IsNotDoneIfItNeverArrived) {
    target t;
    t.disk.inject(t.a, {.kind = fault_kind::timeout, .operation_code = reserve_out});
    const auto got = verified_register_and_ignore(t.on_a, own);
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->done);
    EXPECT_EQ(got->why_not().code, errc::timeout);
}

TEST(VerifiedChange, IsUnknownIfItCannotBeReadBack) {
    target t;
    t.disk.inject(t.a, {.kind = fault_kind::unreachable, .operation_code = reserve_in});
    const auto got = verified_register_and_ignore(t.on_a, own);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::transport);
}

TEST(VerifiedChange, IsSentOnce) {
    target t;
    const auto before = t.disk.commands_seen(t.a);
    t.disk.inject(t.a, {.kind = fault_kind::conflict, .times = 9, .operation_code = reserve_out});
    const auto got = verified_register_and_ignore(t.on_a, own);
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->done);
    EXPECT_EQ(got->why_not().code, errc::reservation_conflict);
    // PERSISTENT RESERVE OUT, READ FULL STATUS, READ RESERVATION, and once page 83h, its two reads.
    EXPECT_LE(t.disk.commands_seen(t.a), before + 5);
}

TEST(VerifiedPreempt, IsDoneThoughNoAnswerCame) {
    target t;
    ASSERT_TRUE(register_key(t.on_a, no_key, own));
    ASSERT_TRUE(reserve(t.on_a, own, type));
    ASSERT_TRUE(register_key(t.on_b, no_key, other));
    t.disk.inject(
        t.b, {.kind = fault_kind::unreachable, .operation_code = reserve_out, .carried_out = true});
    const auto got = verified_preempt(t.on_b, other, own, type);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->done);
    EXPECT_EQ(t.disk.held(), (reservation{other, type}));
}

TEST(VerifiedPreempt, OfNobodyIsDoneAndSaysThatItWasRefused) {
    target t;
    ASSERT_TRUE(register_key(t.on_b, no_key, other));
    const auto got = verified_preempt(t.on_b, other, own, type);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->done) << "nobody has the key";
    EXPECT_EQ(got->answer->code, errc::reservation_conflict);
}

TEST(Registration, IsFoundByTestWithoutFullStatus) {
    target t(fake::profile::tgt());
    ASSERT_TRUE(register_key(t.on_a, no_key, own));
    auto found = find_registration(t.on_a, own);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->registered);
    EXPECT_EQ(found->how, evidence::by_test);
    found = find_registration(t.on_b, own);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->registered) << "the key is the other nexus'";
}

TEST(Registration, IsNotTestedForAKeyThatNobodyHas) {
    target t(fake::profile::tgt());
    const auto generation = t.disk.status().generation;
    EXPECT_FALSE(find_registration(t.on_a, own)->registered);
    EXPECT_EQ(t.disk.status().generation, generation);
}

TEST(Registration, OfAnOlderSessionIsNotOurs) {
    fake::disk disk;
    virtual_clock time;
    const auto nexus =
        disk.connect(iscsi_transport_id("iqn.2026-01.example:a", {0, 2, 0x3d, 0, 0, 1}), 1, "a");
    path on(disk.open(nexus), time);
    ASSERT_TRUE(register_key(on, no_key, own));
    ASSERT_TRUE(find_registration(on, own)->registered);
    disk.log_in_again(nexus, {0, 2, 0x3d, 0, 0, 2});
    const auto found = find_registration(on, own);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->registered);
    EXPECT_EQ(found->how, evidence::by_nexus);
    EXPECT_TRUE(read_keys(on)->count(own)) << "its key is still there";
}

TEST(Registration, TellsAnotherKeyOfThisNexus) {
    target t;
    ASSERT_TRUE(register_key(t.on_a, no_key, other));
    const auto found = find_registration(t.on_a, own);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->registered);
    EXPECT_EQ(found->other, other);
}

TEST(Picture, IsReadAgainWhileOthersChangeIt) {
    target t;
    ASSERT_TRUE(register_key(t.on_a, no_key, own));
    ASSERT_TRUE(reserve(t.on_a, own, type));
    const auto got = read_picture(t.on_b);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->held_by(own));
    EXPECT_FALSE(got->held_by(other));
    EXPECT_FALSE(got->held_by(no_key));
    ASSERT_EQ(got->registrations->size(), 1U);
}

TEST(Picture, OfAllRegistrantsIsHeldByEachOfThem) {
    target t;
    ASSERT_TRUE(register_key(t.on_a, no_key, own));
    ASSERT_TRUE(register_key(t.on_b, no_key, other));
    ASSERT_TRUE(reserve(t.on_a, own, reservation_type::write_exclusive_all_registrants));
    const auto got = read_picture(t.on_b);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->held_by(own));
    EXPECT_TRUE(got->held_by(other));
    EXPECT_FALSE(got->held_by(key(0xcc)));
}

TEST(Picture, OfADeviceWithoutReservationsIsUnsupported) {
    target t({.reservations = false});
    EXPECT_EQ(read_picture(t.on_a).error().code, errc::unsupported);
}

TEST(PowerLoss, ForgetsRegistrationsUnlessTheyPersist) {
    target t;
    ASSERT_TRUE(register_key(t.on_a, no_key, own));
    ASSERT_TRUE(reserve(t.on_a, own, type));
    t.disk.power_cycle();
    EXPECT_TRUE(read_picture(t.on_a)->keys.empty());
    EXPECT_EQ(t.on_a.take_attentions().front().kind, attention_kind::reset);
    ASSERT_TRUE(register_key(t.on_a, no_key, own, {.persist = true}));
    ASSERT_TRUE(reserve(t.on_a, own, type));
    t.disk.power_cycle();
    EXPECT_TRUE(read_picture(t.on_a)->held_by(own));
}

TEST(AllTargetPorts, RegisterEveryPortOfTheInitiator) {
    fake::disk disk;
    virtual_clock time;
    path one(disk.open(disk.connect(sas_transport_id(0xa1), 1, "1")), time);
    path two(disk.open(disk.connect(sas_transport_id(0xa1), 2, "2")), time);
    ASSERT_TRUE(register_key(one, no_key, own, {.all_target_ports = true}));
    EXPECT_TRUE(find_registration(two, own)->registered);
    ASSERT_TRUE(register_key(two, own, no_key));
    EXPECT_FALSE(find_registration(one, own)->registered);
}

TEST(SpecifiedInitiators, AreRegisteredTooOrNoneIs) {
    target t;
    ASSERT_TRUE(register_key(t.on_a, no_key, own, {.initiators = {sas_transport_id(0xb1)}}));
    EXPECT_TRUE(find_registration(t.on_b, own)->registered);
    ASSERT_TRUE(register_and_ignore(t.on_a, no_key));
    const auto again = register_key(
        t.on_a, no_key, own, {.initiators = {sas_transport_id(0xc1), sas_transport_id(0xb1)}});
    EXPECT_EQ(again.error().code, errc::invalid);
    EXPECT_EQ(t.disk.status().registrations.size(), 1U);
}

} // namespace
