// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/absent_votes.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge;
using corosync::absent_dropped;

/// Three nodes, of which the third is lost and not counted any more.
model::membership shrunk() {
    model::membership m;
    m.last_man_standing = true;
    m.votes = m.expected_votes = 2;
    m.members = {{1, "a", true, 1, 1}, {2, "b", true, 1, 1}, {3, "c", false, 1, 0}};
    return m;
}

const ports::quorum_view two{.in = {1, 8}, .quorate = true, .nodes = {1, 2}};

TEST(AbsentVotes, AreDroppedWhenNoMoreThanThePresentOnesAreExpected) {
    EXPECT_TRUE(absent_dropped(shrunk(), two));
}

TEST(AbsentVotes, CountWithoutTheOption) {
    auto m = shrunk();
    m.last_man_standing = false;
    EXPECT_FALSE(absent_dropped(m, two));
}

TEST(AbsentVotes, CountWhileTheyAreExpected) {
    auto m = shrunk();
    m.expected_votes = 3;
    EXPECT_FALSE(absent_dropped(m, two));
}

TEST(AbsentVotes, CountWhenTheVotesWereReadInAnotherRing) {
    auto before = shrunk();
    before.members[2] = {3, "c", true, 1, 1};
    before.votes = before.expected_votes = 3;
    EXPECT_FALSE(absent_dropped(before, two));
}

/// The new ring is known, and corosync has not counted its votes yet.
TEST(AbsentVotes, CountWhileTheVotesAreThoseOfTheFormerRing) {
    auto m = shrunk();
    m.votes = m.expected_votes = 3;
    EXPECT_FALSE(absent_dropped(m, two));
}

TEST(AbsentVotes, CountWithoutQuorum) {
    auto q = two;
    q.quorate = false;
    EXPECT_FALSE(absent_dropped(shrunk(), q));
}

} // namespace
