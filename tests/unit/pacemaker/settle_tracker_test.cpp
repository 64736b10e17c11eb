// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/settle_tracker.hpp"

#include <gtest/gtest.h>

namespace {

using bridge::model::cib_version;
using bridge::pacemaker::cib_scope;
using bridge::pacemaker::settle_tracker;
using ask = settle_tracker::ask;

constexpr cib_version v1{1, 1, 0};
constexpr cib_version v2{1, 2, 0};

settle_tracker settled_at(cib_version version) {
    settle_tracker t;
    t.changed(version, cib_scope::configuration, true);
    t.version_answer(version);
    t.state_answer(true);
    t.state_answer(true);
    return t;
}

TEST(SettleTracker, IsNotSettledBeforeTheFirstCib) {
    EXPECT_FALSE(settle_tracker().settled());
}

TEST(SettleTracker, AsksTheDcForItsVersionFirst) {
    settle_tracker t;
    EXPECT_EQ(t.changed(v1, cib_scope::configuration, true).what, ask::version);
    EXPECT_EQ(t.version_answer(v1).what, ask::state);
}

TEST(SettleTracker, NeedsTwoIdleAnswers) {
    settle_tracker t;
    t.changed(v1, cib_scope::configuration, true);
    t.version_answer(v1);
    EXPECT_EQ(t.state_answer(true).what, ask::state);
    EXPECT_FALSE(t.settled());
    const auto last = t.state_answer(true);
    EXPECT_TRUE(t.settled());
    EXPECT_EQ(last.what, ask::nothing);
    EXPECT_FALSE(last.wake);
}

TEST(SettleTracker, WaitsLongerWhileTheDcIsBusy) {
    settle_tracker t;
    t.changed(v1, cib_scope::configuration, true);
    t.version_answer(v1);
    EXPECT_EQ(t.state_answer(false).wake, settle_tracker::first_delay);
    EXPECT_EQ(t.timer().what, ask::state); // its version is known by now
    EXPECT_EQ(t.state_answer(false).wake, 2 * settle_tracker::first_delay);
    for (int i = 0; i < 20; ++i) {
        t.timer();
        t.state_answer(false);
    }
    t.timer();
    EXPECT_EQ(t.state_answer(false).wake, settle_tracker::longest_delay);
}

TEST(SettleTracker, DoesNotTrustADcThatLagsBehind) {
    settle_tracker t;
    t.changed(v2, cib_scope::configuration, true);
    const auto step = t.version_answer(v1);
    EXPECT_EQ(step.what, ask::nothing);
    EXPECT_TRUE(step.wake);
    EXPECT_EQ(t.timer().what, ask::version);
}

TEST(SettleTracker, StartsAgainWhenAChangeComesBetweenTheIdleAnswers) {
    settle_tracker t;
    t.changed(v1, cib_scope::configuration, true);
    t.version_answer(v1);
    t.state_answer(true);
    EXPECT_EQ(t.changed(v2, cib_scope::history, true).what, ask::nothing);
    EXPECT_EQ(t.state_answer(true).what, ask::version);
    EXPECT_FALSE(t.settled());
}

TEST(SettleTracker, StaysSettledWhenOnlyAnAttributeChanges) {
    settle_tracker t = settled_at(v1);
    const auto step = t.changed(v2, cib_scope::attributes, true);
    EXPECT_TRUE(t.settled());
    EXPECT_EQ(step.what, ask::nothing);
    EXPECT_FALSE(step.wake);
}

TEST(SettleTracker, IsUnsettledByAnOperation) {
    settle_tracker t = settled_at(v1);
    EXPECT_EQ(t.changed(v2, cib_scope::history, true).what, ask::version);
    EXPECT_FALSE(t.settled());
}

TEST(SettleTracker, AsksNobodyWithoutADc) {
    settle_tracker t = settled_at(v1);
    const auto step = t.changed(v2, cib_scope::membership, false);
    EXPECT_FALSE(t.settled());
    EXPECT_EQ(step.what, ask::nothing);
    EXPECT_FALSE(step.wake);
    EXPECT_EQ(t.changed(v2, cib_scope::membership, true).what, ask::version);
}

TEST(SettleTracker, GoesOnWithoutTheVersionWhenItIsNeverAnswered) {
    settle_tracker t;
    t.changed(v1, cib_scope::configuration, true);
    for (unsigned i = 0; i < settle_tracker::version_attempts; ++i) {
        EXPECT_TRUE(t.timer().wake); // no answer in time
        if (i + 1 < settle_tracker::version_attempts) {
            EXPECT_EQ(t.timer().what, ask::version);
        }
    }
    EXPECT_EQ(t.timer().what, ask::state);
}

TEST(SettleTracker, IgnoresAnswersThatNobodyWaitsFor) {
    settle_tracker t = settled_at(v1);
    t.state_answer(false);
    t.version_answer(v1);
    t.timer();
    EXPECT_TRUE(t.settled());
}

TEST(SettleTracker, ForgetsEverythingWhenTheConnectionIsLost) {
    settle_tracker t = settled_at(v1);
    t.reset();
    EXPECT_FALSE(t.settled());
    EXPECT_FALSE(t.timer().wake);
}

} // namespace
