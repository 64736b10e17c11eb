// SPDX-License-Identifier: Apache-2.0
// SPC-4 5.13.9, 5.13.11.2 and table 65: who may do what, and how a reservation ends.
#include "sgpr/mode.hpp"
#include "tests/contract/sgpr/fixture.hpp"

#include <algorithm>

namespace contract {
namespace {

using namespace sgpr;

using kinds = std::vector<attention_kind>;

/// Whether initiators that hold nothing may read and write.
struct rights {
    reservation_type type;
    bool registered_reads, registered_writes;
    bool others_read, others_write;
};

constexpr rights matrix[] = {
    {reservation_type::write_exclusive, true, false, true, false},
    {reservation_type::exclusive_access, false, false, false, false},
    {reservation_type::write_exclusive_registrants_only, true, true, true, false},
    {reservation_type::exclusive_access_registrants_only, true, true, false, false},
    {reservation_type::write_exclusive_all_registrants, true, true, true, false},
    {reservation_type::exclusive_access_all_registrants, true, true, false, false},
};

std::optional<errc> expected(bool allowed) {
    return allowed ? std::nullopt : std::optional(errc::reservation_conflict);
}

TEST_P(shared_unit, EveryTypeLetsThroughWhatItSays) {
    for (const auto& row : matrix) {
        SCOPED_TRACE(text(row.type));
        ASSERT_NO_FATAL_FAILURE(wipe());
        ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
        ASSERT_EQ(code(reserve(a(), key_a, row.type)), good);
        EXPECT_EQ(try_read(a()), good);
        EXPECT_EQ(try_write(a()), good);
        EXPECT_EQ(try_read(b()), expected(row.others_read));
        EXPECT_EQ(try_write(b()), expected(row.others_write));
        ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
        EXPECT_EQ(try_read(b()), expected(row.registered_reads));
        EXPECT_EQ(try_write(b()), expected(row.registered_writes));
        ASSERT_EQ(code(release(a(), key_a, row.type)), good);
        EXPECT_EQ(try_write(b()), good);
    }
}

TEST_P(shared_unit, QuestionsAreAllowedToEverybody) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(reserve(a(), key_a, reservation_type::exclusive_access)), good);
    EXPECT_EQ(code(test_unit_ready(b())), good);
    EXPECT_EQ(code(read_inquiry(b())), good);
    EXPECT_EQ(code(report_luns(b())), good);
    for (const auto& capacity : {read_capacity_10_command(), read_capacity_16_command()}) {
        EXPECT_EQ(code(b().execute(capacity)), expected(!has(deviation::capacity_conflicts)));
    }
    EXPECT_EQ(code(read_keys(b())), good);
    EXPECT_EQ(code(read_reservation(b())), good);
    EXPECT_EQ(code(report_capabilities(b())), good);
    EXPECT_EQ(code(b().execute(mode_sense_10_command(0x3f, 252))), errc::reservation_conflict);
    EXPECT_EQ(code(b().execute(synchronize_cache_10_command())), errc::reservation_conflict);
}

TEST_P(shared_unit, ReservingNeedsARegistration) {
    EXPECT_EQ(code(reserve(a(), no_key, registrants_only)),
              has(deviation::not_ready_if_unregistered) ? errc::not_ready
                                                        : errc::reservation_conflict);
    EXPECT_FALSE(held(b()));
}

TEST_P(shared_unit, ReservingWithAWrongKeyIsRefused) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    const bool any = has(deviation::reserve_needs_no_key);
    EXPECT_EQ(code(reserve(a(), key_b, registrants_only)), expected(any));
    EXPECT_EQ(held(b()).has_value(), any);
}

TEST_P(shared_unit, AnUnknownTypeIsInvalid) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    EXPECT_EQ(code(reserve(a(), key_a, reservation_type{0xf})), errc::invalid);
    EXPECT_FALSE(held(b()));
}

TEST_P(shared_unit, TheHolderAndItsTypeAreShown) {
    for (const auto type : all_reservation_types) {
        SCOPED_TRACE(text(type));
        ASSERT_NO_FATAL_FAILURE(wipe());
        ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
        ASSERT_EQ(code(reserve(a(), key_a, type)), good);
        const auto now = held(b());
        ASSERT_TRUE(now);
        EXPECT_EQ(now->type, type);
        EXPECT_EQ(now->holder, held_by_all_registrants(type) ? no_key : key_a);
    }
}

TEST_P(shared_unit, FullStatusMarksTheHolder) {
    if (has(deviation::no_full_status)) {
        GTEST_SKIP() << "the target has no READ FULL STATUS";
    }
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    ASSERT_EQ(code(reserve(b(), key_b, registrants_only)), good);
    const auto all = read_full_status(a());
    ASSERT_TRUE(all) << text(all.error());
    for (const auto& one : all->registrations) {
        EXPECT_EQ(one.holds,
                  one.registered == key_b ? std::optional(registrants_only) : std::nullopt);
    }
}

TEST_P(shared_unit, ASecondHolderIsRefused) {
    for (const auto type : all_reservation_types) {
        SCOPED_TRACE(text(type));
        ASSERT_NO_FATAL_FAILURE(wipe());
        ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
        ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
        ASSERT_EQ(code(reserve(a(), key_a, type)), good);
        // Of an all-registrants reservation every registrant is a holder already.
        EXPECT_EQ(code(reserve(b(), key_b, type)), expected(held_by_all_registrants(type)));
        EXPECT_EQ(held(b())->holder, held_by_all_registrants(type) ? no_key : key_a);
    }
}

TEST_P(shared_unit, ReservingAgainNeedsTheSameType) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    EXPECT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    EXPECT_EQ(code(reserve(a(), key_a, reservation_type::write_exclusive)),
              errc::reservation_conflict);
    EXPECT_EQ(held(b())->type, registrants_only);
}

TEST_P(shared_unit, OnlyTheHolderReleases) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    // GOOD, and nothing is released.
    EXPECT_EQ(code(release(b(), key_b, registrants_only)), good);
    EXPECT_EQ(held(b())->holder, key_a);
    EXPECT_EQ(code(release(b(), key_a, registrants_only)),
              expected(has(deviation::release_needs_no_key)));
    EXPECT_EQ(held(b())->holder, key_a);
    EXPECT_EQ(code(release(a(), key_a, registrants_only)), good);
    EXPECT_FALSE(held(b()));
}

TEST_P(shared_unit, ReleasingWithoutRegistrationIsRefused) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    EXPECT_EQ(code(release(b(), no_key, registrants_only)), errc::reservation_conflict);
    EXPECT_EQ(held(b())->holder, key_a);
}

TEST_P(shared_unit, ReleasingNothingIsNoError) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    EXPECT_EQ(code(release(a(), key_a, registrants_only)), good);
}

TEST_P(shared_unit, ReleasingAnotherTypeIsRefused) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    const auto got = release(a(), key_a, reservation_type::write_exclusive);
    if (has(deviation::conflict_on_wrong_release)) {
        EXPECT_EQ(code(got), errc::reservation_conflict);
    } else {
        ASSERT_EQ(code(got), errc::invalid);
        EXPECT_TRUE(got.error().sense.is(0x26, 0x04));
    }
    EXPECT_EQ(held(b())->type, registrants_only);
}

TEST_P(shared_unit, AReleaseTellsTheOtherRegistrants) {
    for (const auto type : all_reservation_types) {
        SCOPED_TRACE(text(type));
        ASSERT_NO_FATAL_FAILURE(wipe());
        ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
        ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
        ASSERT_EQ(code(reserve(a(), key_a, type)), good);
        ASSERT_EQ(code(release(a(), key_a, type)), good);
        const bool others_may =
            type != reservation_type::write_exclusive && type != reservation_type::exclusive_access;
        const kinds released{attention_kind::reservations_released};
        const bool wrongly = has(deviation::release_tells_wrongly);
        EXPECT_EQ(told(b()), others_may && !wrongly ? released : kinds{});
        EXPECT_EQ(told(a()), !others_may && wrongly ? released : kinds{});
    }
}

TEST_P(shared_unit, AHolderThatUnregistersReleases) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    ASSERT_EQ(code(register_key(a(), key_a, no_key)), good);
    EXPECT_FALSE(held(b()));
    EXPECT_EQ(keys(b()), std::vector{key_b});
}

TEST_P(shared_unit, TheLastRegistrantTakesAReservationOfAllAlong) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    const auto type = reservation_type::write_exclusive_all_registrants;
    ASSERT_EQ(code(reserve(a(), key_a, type)), good);
    ASSERT_EQ(code(register_key(a(), key_a, no_key)), good);
    ASSERT_TRUE(held(b()));
    EXPECT_EQ(held(b())->type, type);
    ASSERT_EQ(code(register_key(b(), key_b, no_key)), good);
    EXPECT_FALSE(held(b()));
}

TEST_P(shared_unit, AHolderWithANewKeyStillHolds) {
    ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
    ASSERT_EQ(code(reserve(a(), key_a, registrants_only)), good);
    ASSERT_EQ(code(register_key(a(), key_a, key_c)), good);
    ASSERT_TRUE(held(b()));
    EXPECT_EQ(held(b())->holder, key_c);
}

TEST_P(shared_unit, EveryPathOfARegistrantNeedsItsOwnRegistration) {
    if (a_.size() < 2) {
        GTEST_SKIP() << "one path only";
    }
    ASSERT_EQ(code(register_key(*a_[0], no_key, key_a)), good);
    ASSERT_EQ(code(reserve(*a_[0], key_a, registrants_only)), good);
    EXPECT_EQ(try_write(*a_[1]), expected(has(deviation::node_may_write)));
    ASSERT_EQ(code(register_key(*a_[1], no_key, key_a)), good);
    EXPECT_EQ(try_write(*a_[1]), good);
    // The reservation belongs to the nexus, not to the key.
    EXPECT_EQ(code(release(*a_[1], key_a, registrants_only)), good);
    EXPECT_TRUE(held(b()));
}

} // namespace
} // namespace contract
