// SPDX-License-Identifier: Apache-2.0
// SPC-4 5.13.7: who is registered, and how that changes.
#include "tests/contract/sgpr/fixture.hpp"

#include <algorithm>

namespace contract {
namespace {

using namespace sgpr;

using list = std::vector<key>;

TEST_P(shared_unit, ItCanHoldEveryTypeOfReservation) {
    const auto can = report_capabilities(a());
    ASSERT_TRUE(can) << text(can.error());
    for (const auto type : all_reservation_types) {
        EXPECT_TRUE(can->supports(type)) << text(type);
    }
    EXPECT_EQ(can->persists, !has(deviation::no_persistence));
}

TEST_P(shared_unit, ARegistrationShowsToBothInitiators) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    EXPECT_EQ(keys(a()), list{key_a});
    EXPECT_EQ(keys(b()), list{key_a});
}

TEST_P(shared_unit, FullStatusNamesTheNexusOfARegistration) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    const auto all = read_full_status(a());
    if (has(deviation::no_full_status)) {
        EXPECT_EQ(code(all), errc::unsupported);
        return;
    }
    ASSERT_TRUE(all) << text(all.error());
    ASSERT_EQ(all->registrations.size(), 2U);
    for (auto* one : {&a(), &b()}) {
        const auto own = one == &a() ? key_a : key_b;
        const auto found = std::find_if(all->registrations.begin(), all->registrations.end(),
                                        [&](const registration& r) { return r.registered == own; });
        ASSERT_NE(found, all->registrations.end());
        EXPECT_EQ(text(found->initiator), text(one->initiator().value()));
        EXPECT_FALSE(found->all_target_ports);
        EXPECT_EQ(found->relative_target_port, one->target_port()->value());
        EXPECT_FALSE(found->holds);
    }
}

TEST_P(shared_unit, ARegistrationWithTheRightOldKeyChangesIt) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(a(), key_a, key_c)), good);
    EXPECT_EQ(keys(b()), list{key_c});
}

TEST_P(shared_unit, AWrongOldKeyIsRefused) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    EXPECT_EQ(code(register_key(a(), key_b, key_c)), errc::reservation_conflict);
    EXPECT_EQ(code(register_key(a(), no_key, key_c)), errc::reservation_conflict);
    EXPECT_EQ(keys(b()), list{key_a});
}

TEST_P(shared_unit, AnOldKeyWithoutRegistrationIsRefused) {
    EXPECT_EQ(code(register_key(a(), key_a, key_a)), errc::reservation_conflict);
    EXPECT_TRUE(keys(b()).empty());
}

TEST_P(shared_unit, IgnoringTheOldKeyAlwaysRegisters) {
    ASSERT_EQ(code(register_and_ignore(a(), key_a)), good);
    ASSERT_EQ(code(register_and_ignore(a(), key_c)), good);
    EXPECT_EQ(keys(b()), list{key_c});
}

TEST_P(shared_unit, KeyZeroUnregisters) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    ASSERT_EQ(code(register_key(a(), key_a, no_key)), good);
    EXPECT_EQ(keys(b()), list{key_b});
    ASSERT_EQ(code(register_and_ignore(b(), no_key)), good);
    EXPECT_TRUE(keys(b()).empty());
}

TEST_P(shared_unit, UnregisteringTwiceIsNoError) {
    EXPECT_EQ(code(register_and_ignore(a(), no_key)), good);
    EXPECT_EQ(code(register_key(a(), no_key, no_key)), good);
}

TEST_P(shared_unit, TwoInitiatorsMayUseTheSameKey) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_a)), good);
    EXPECT_EQ(keys(b()), (list{key_a, key_a}));
}

TEST_P(shared_unit, EachPathHasItsOwnRegistration) {
    for (const auto& one : a_) {
        ASSERT_EQ(code(register_key(*one, no_key, key_a)), good) << one->name();
    }
    EXPECT_EQ(keys(b()), list(a_.size(), key_a));
    ASSERT_EQ(code(register_key(*a_.back(), key_a, no_key)), good);
    EXPECT_EQ(keys(b()), list(a_.size() - 1, key_a));
}

TEST_P(shared_unit, ChangedRegistrationsCountTheGeneration) {
    const auto before = read_keys(a());
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    const auto after = read_keys(a());
    ASSERT_TRUE(before && after);
    EXPECT_EQ(after->generation, before->generation + 1);
}

TEST_P(shared_unit, ReservingLeavesTheGenerationAlone) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    const auto before = read_keys(a());
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    ASSERT_EQ(code(release(a(), key_a, registrants_only)), good);
    const auto after = read_keys(a());
    ASSERT_TRUE(before && after);
    EXPECT_EQ(after->generation, before->generation);
}

TEST_P(shared_unit, PersistenceIsReported) {
    const register_options persist{.persist = true};
    if (has(deviation::no_persistence)) {
        EXPECT_EQ(code(register_key(a(), no_key, key_a, persist)), errc::invalid);
        return;
    }
    ASSERT_EQ(code(register_key(a(), no_key, key_a, persist)), good);
    auto can = report_capabilities(a());
    ASSERT_TRUE(can);
    EXPECT_TRUE(can->persistence_active);
    // The last registration decides.
    ASSERT_EQ(code(register_key(a(), key_a, key_a)), good);
    can = report_capabilities(a());
    ASSERT_TRUE(can);
    EXPECT_FALSE(can->persistence_active);
}

TEST_P(shared_unit, RegistrationsTellNobody) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    ASSERT_EQ(code(register_key(b(), key_b, no_key)), good);
    EXPECT_TRUE(told(a()).empty());
    EXPECT_TRUE(told(b()).empty());
}

} // namespace
} // namespace contract
