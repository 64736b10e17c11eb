// SPDX-License-Identifier: Apache-2.0
#include "sgpr/node_key.hpp"
#include "sgpr/ownership.hpp"

#include <gtest/gtest.h>

using namespace sgpr;
using namespace std::chrono_literals;

namespace {

TEST(NodeKey, ComesBackAsItWasComposed) {
    const node_key of{0xabcdef, 0x1234, 0x7f};
    EXPECT_EQ(compose(of).value(), 0xabcdef12347fcb57ULL);
    EXPECT_EQ(recognise(compose(of)), of);
}

TEST(NodeKey, DiffersBetweenNodesAndBootsOnly) {
    EXPECT_NE(compose({1, 2, 3}), compose({1, 2, 4}));
    EXPECT_NE(compose({1, 2, 3}), compose({1, 3, 3}));
    EXPECT_TRUE(same_node(compose({1, 2, 3}), compose({1, 2, 4})));
    EXPECT_FALSE(same_node(compose({1, 2, 3}), compose({1, 3, 3})));
    EXPECT_FALSE(same_node(compose({1, 2, 3}), compose({2, 2, 3})));
}

TEST(NodeKey, OfOthersIsNotRecognised) {
    EXPECT_FALSE(recognise(key(0x1234)));
    EXPECT_FALSE(recognise(no_key));
    EXPECT_FALSE(same_cluster(key(0x1234), key(0x1234)));
}

TEST(NodeKey, IsExplained) {
    EXPECT_EQ(explain(compose({0x00000a, 1, 7})),
              "0x00000a000107cb57 (node 1, boot 7 of cluster 00000a)");
    EXPECT_EQ(explain(key(0xaa)), "0x00000000000000aa (not ours)");
}

TEST(ClusterHash, Is24BitsAndStays) {
    EXPECT_EQ(cluster_hash(""), 0x811c9dc5U >> 24U ^ 0x1c9dc5U);
    EXPECT_LE(cluster_hash("2c4dc1f5-6f2e-4b39-8b3c-0d5c1f0d8a11"), 0xffffffU);
    EXPECT_NE(cluster_hash("a"), cluster_hash("b"));
}

TEST(OwnershipTiming, OfTheDefaultIsSafe) {
    EXPECT_TRUE(ownership_timing{}.safe());
}

TEST(OwnershipTiming, NeedsAnEndOfTheBeliefBeforeTheChallengersWait) {
    ownership_timing times;
    times.lost_after = 7000ms;
    EXPECT_FALSE(times.safe());
    times = {};
    times.challenge = 6800ms; // the reaction, but not the clocks' drift
    EXPECT_FALSE(times.safe());
    times = {};
    times.reaction = 1000ms;
    EXPECT_FALSE(times.safe());
}

TEST(OwnershipTiming, NeedsTwoLooksWithinTheBelief) {
    ownership_timing times;
    times.period = 3100ms;
    EXPECT_FALSE(times.safe());
}

} // namespace
