// SPDX-License-Identifier: Apache-2.0
// SPC-4 5.13.8, 5.13.11.4 to 5.13.11.6: taking reservations and registrations from others.
#include "sgpr/verified.hpp"
#include "tests/contract/sgpr/fixture.hpp"

#include <algorithm>

namespace contract {
namespace {

using namespace sgpr;

using kinds = std::vector<attention_kind>;
using list = std::vector<key>;

class preemption : public shared_unit {
protected:
    /// Both registered, `a` holds.
    void SetUp() override {
        shared_unit::SetUp();
        ASSERT_NO_FATAL_FAILURE(start(registrants_only));
    }
    void start(reservation_type type) {
        wipe();
        ASSERT_EQ(code(register_key(a(), no_key, key_a)), good);
        ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
        ASSERT_EQ(code(reserve(a(), key_a, type)), good);
    }
};

TEST_P(preemption, TakesTheReservationAndTheRegistration) {
    for (const auto type : all_reservation_types) {
        if (held_by_all_registrants(type)) {
            continue;
        }
        SCOPED_TRACE(text(type));
        ASSERT_NO_FATAL_FAILURE(start(type));
        ASSERT_EQ(code(preempt(b(), key_b, key_a, type)), good);
        EXPECT_EQ(held(b()), (reservation{key_b, type}));
        EXPECT_EQ(keys(b()), list{key_b});
        EXPECT_EQ(told(a()), kinds{notice_of_preemption()});
        EXPECT_EQ(try_write(a()), errc::reservation_conflict);
        EXPECT_EQ(try_write(b()), good);
    }
}

TEST_P(preemption, MayChangeTheType) {
    const auto type = reservation_type::exclusive_access_registrants_only;
    ASSERT_EQ(code(preempt(b(), key_b, key_a, type)), good);
    EXPECT_EQ(held(b()), (reservation{key_b, type}));
    EXPECT_EQ(try_read(a()), errc::reservation_conflict);
}

TEST_P(preemption, OfOneThatHoldsNothingOnlyRemovesItsRegistration) {
    ASSERT_EQ(code(preempt(a(), key_a, key_b, registrants_only)), good);
    EXPECT_EQ(held(b()), (reservation{key_a, registrants_only}));
    EXPECT_EQ(keys(a()), list{key_a});
    EXPECT_EQ(told(b()), kinds{notice_of_preemption()});
    EXPECT_EQ(try_write(b()), errc::reservation_conflict);
}

TEST_P(preemption, OfAKeyThatNobodyHasIsRefused) {
    EXPECT_EQ(code(preempt(b(), key_b, key_c, registrants_only)), errc::reservation_conflict);
    EXPECT_EQ(held(b())->holder, key_a);
}

TEST_P(preemption, NeedsARegistration) {
    ASSERT_EQ(code(register_key(b(), key_b, no_key)), good);
    EXPECT_EQ(code(preempt(b(), key_b, key_a, registrants_only)), errc::reservation_conflict);
    EXPECT_EQ(code(preempt(b(), no_key, key_a, registrants_only)), errc::reservation_conflict);
    EXPECT_EQ(held(b())->holder, key_a);
}

TEST_P(preemption, OfKeyZeroIsForReservationsOfAllRegistrants) {
    EXPECT_EQ(code(preempt(b(), key_b, no_key, registrants_only)), errc::invalid);
    EXPECT_EQ(held(b())->holder, key_a);
    const auto type = reservation_type::write_exclusive_all_registrants;
    ASSERT_NO_FATAL_FAILURE(start(type));
    ASSERT_EQ(code(preempt(b(), key_b, no_key, registrants_only)), good);
    EXPECT_EQ(held(b()), (reservation{key_b, registrants_only}));
    EXPECT_EQ(keys(b()), list{key_b});
    EXPECT_EQ(told(a()), kinds{notice_of_preemption()});
}

TEST_P(preemption, OfOneAmongAllRegistrantsLeavesTheReservation) {
    const auto type = reservation_type::exclusive_access_all_registrants;
    ASSERT_NO_FATAL_FAILURE(start(type));
    ASSERT_EQ(code(preempt(b(), key_b, key_a, type)), good);
    EXPECT_EQ(held(b()), (reservation{no_key, type}));
    EXPECT_EQ(keys(b()), list{key_b});
}

TEST_P(preemption, OfOneHasOneWinner) {
    ASSERT_EQ(code(preempt(b(), key_b, key_a, registrants_only)), good);
    // The loser's registration is gone, so it cannot answer in kind.
    EXPECT_EQ(code(preempt(a(), key_a, key_b, registrants_only)), errc::reservation_conflict);
    EXPECT_EQ(held(a())->holder, key_b);
}

TEST_P(preemption, IsReportedOnlyOnce) {
    ASSERT_EQ(code(preempt(b(), key_b, key_a, registrants_only)), good);
    const auto got = a().execute(test_unit_ready_command(), when_preempted::fail);
    EXPECT_EQ(code(got), has(deviation::preempts_as_clear)
                             ? good
                             : std::optional(errc::registrations_preempted));
    EXPECT_EQ(code(a().execute(test_unit_ready_command(), when_preempted::fail)), good);
}

TEST_P(preemption, OfTheOwnKeyMovesTheReservationToThisPath) {
    if (a_.size() < 2) {
        GTEST_SKIP() << "one path only";
    }
    ASSERT_EQ(code(register_key(*a_[1], no_key, key_a)), good);
    ASSERT_EQ(code(preempt(*a_[1], key_a, key_a, registrants_only)), good);
    EXPECT_EQ(held(b()), (reservation{key_a, registrants_only}));
    EXPECT_EQ(told(*a_[0]), kinds{notice_of_preemption()});
    EXPECT_EQ(try_write(*a_[1]), good);
    EXPECT_EQ(try_write(*a_[0]),
              has(deviation::node_may_write) ? good : std::optional(errc::reservation_conflict));
    ASSERT_EQ(code(release(*a_[1], key_a, registrants_only)), good);
    EXPECT_FALSE(held(b()));
}

TEST_P(preemption, WithAbortDoesTheSame) {
    if (has(deviation::preempt_and_abort_hangs)) {
        GTEST_SKIP() << "PREEMPT AND ABORT hangs this target";
    }
    const auto got = preempt_and_abort(b(), key_b, key_a, registrants_only);
    if (has(deviation::no_preempt_and_abort)) {
        EXPECT_EQ(code(got), errc::unsupported);
        return;
    }
    ASSERT_EQ(code(got), good);
    EXPECT_EQ(held(b()), (reservation{key_b, registrants_only}));
    EXPECT_EQ(keys(b()), list{key_b});
    const auto all = told(a());
    EXPECT_TRUE(std::count(all.begin(), all.end(), notice_of_preemption()));
    EXPECT_EQ(try_write(a()), errc::reservation_conflict);
}

TEST_P(preemption, ClearingRemovesEverything) {
    ASSERT_EQ(code(clear(b(), key_b)), good);
    EXPECT_TRUE(keys(b()).empty());
    EXPECT_FALSE(held(b()));
    EXPECT_EQ(told(a()), kinds{attention_kind::reservations_preempted});
    EXPECT_TRUE(told(b()).empty());
    EXPECT_EQ(try_write(a()), good);
}

TEST_P(preemption, ClearingNeedsARegistration) {
    EXPECT_EQ(code(clear(b(), key_a)), errc::reservation_conflict);
    ASSERT_EQ(code(register_key(b(), key_b, no_key)), good);
    EXPECT_EQ(code(clear(b(), no_key)), errc::reservation_conflict);
    EXPECT_EQ(keys(b()), list{key_a});
}

TEST_P(preemption, MovingGivesTheReservationToAnother) {
    const auto to = b().initiator();
    const auto port = b().target_port();
    ASSERT_TRUE(to && port);
    const auto moved = register_and_move(a(), key_a, key_c, *to, port->value_or(1));
    if (has(deviation::no_move)) {
        EXPECT_EQ(code(moved), errc::unsupported);
        EXPECT_EQ(held(b()), (reservation{key_a, registrants_only}));
        return;
    }
    ASSERT_EQ(code(moved), good);
    EXPECT_EQ(held(b()), (reservation{key_c, registrants_only}));
    EXPECT_EQ(keys(b()), (list{key_c, key_a}));
    ASSERT_EQ(code(release(b(), key_c, registrants_only)), good);
    EXPECT_FALSE(held(b()));
}

TEST_P(preemption, MovingMayUnregisterTheMover) {
    if (has(deviation::no_move)) {
        GTEST_SKIP() << "the target has no REGISTER AND MOVE";
    }
    const auto to = b().initiator();
    const auto port = b().target_port();
    ASSERT_TRUE(to && port && *port);
    ASSERT_EQ(code(register_key(b(), key_b, no_key)), good);
    ASSERT_EQ(code(register_and_move(a(), key_a, key_c, *to, **port, {.unregister = true})), good);
    EXPECT_EQ(keys(b()), list{key_c});
    EXPECT_EQ(try_write(a()), errc::reservation_conflict);
    EXPECT_EQ(try_write(b()), good);
}

TEST_P(preemption, ReadBackItIsDone) {
    const auto got = verified_preempt(b(), key_b, key_a, registrants_only);
    ASSERT_TRUE(got) << text(got.error());
    EXPECT_TRUE(got->done);
    EXPECT_FALSE(got->answer);
    EXPECT_TRUE(got->picture.held_by(key_b));
    EXPECT_EQ(got->picture.registrations.has_value(), !has(deviation::no_full_status));
}

TEST_P(preemption, AReleaseByAnotherIsNotDone) {
    // GOOD from the device, and the own key holds nothing: done, though a holds on.
    const auto mine = verified_release(b(), key_b, registrants_only);
    ASSERT_TRUE(mine) << text(mine.error());
    EXPECT_TRUE(mine->picture.held_by(key_a));
    EXPECT_FALSE(mine->picture.held_by(key_b));
    ASSERT_EQ(code(register_key(b(), key_b, key_a)), good);
    const auto same_key = verified_release(b(), key_a, registrants_only);
    ASSERT_TRUE(same_key) << text(same_key.error());
    EXPECT_FALSE(same_key->done);
    EXPECT_FALSE(same_key->answer);
}

TEST_P(preemption, TheNexusIsFoundRegisteredOrNot) {
    auto found = find_registration(a(), key_a);
    ASSERT_TRUE(found) << text(found.error());
    EXPECT_TRUE(found->registered);
    found = find_registration(b(), key_a);
    ASSERT_TRUE(found) << text(found.error());
    EXPECT_FALSE(found->registered) << "the key is another nexus'";
}

INSTANTIATE_TEST_SUITE_P(Target, preemption, ::testing::ValuesIn(rigs()), rig_name);

} // namespace
} // namespace contract
