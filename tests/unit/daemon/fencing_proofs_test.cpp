// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/fencing_proofs.hpp"

#include <gtest/gtest.h>

namespace bridge::daemon {
namespace {

using namespace std::chrono_literals;
using verdict = fencing_proofs::verdict;
using ids = std::vector<std::uint32_t>;

struct two_nodes {
    fencing_proofs proofs;
    fencing_proofs::time_point now{1h};

    two_nodes() { second(true); }
    void second(bool joined) {
        model::membership m;
        m.members = {{1, "node1", true, 1, 1}, {2, "node2", joined, 1, 1}};
        proofs.membership(&m, now);
    }
    ids proven() { return proofs.proven(now); }
};

TEST(FencingProofs, ProveWhoIsGoneAndWasFenced) {
    two_nodes t;
    t.second(false);
    EXPECT_EQ(t.proven(), ids{}) << "that it is not seen proves nothing";
    EXPECT_EQ(t.proofs.fenced("node2", t.now), verdict::proven);
    EXPECT_EQ(t.proven(), ids{2});
    t.now += 4s;
    EXPECT_EQ(t.proven(), ids{2}) << "whoever listens may see it leave later";
    t.now += 4s;
    EXPECT_EQ(t.proven(), ids{});
    EXPECT_FALSE(t.proofs.pending(t.now));
}

TEST(FencingProofs, WaitForTheMembershipOfAMember) {
    two_nodes t;
    t.now += 3min;
    EXPECT_EQ(t.proofs.fenced("node2", t.now), verdict::waiting);
    EXPECT_EQ(t.proven(), ids{});
    EXPECT_TRUE(t.proofs.pending(t.now));
    t.now += 3s;
    t.second(false);
    EXPECT_EQ(t.proven(), ids{2});
}

TEST(FencingProofs, DoNotTakeALaterLossForTheFencing) {
    two_nodes t;
    t.now += 3min;
    EXPECT_EQ(t.proofs.fenced("node2", t.now), verdict::waiting);
    t.now += 31s;
    t.second(false);
    EXPECT_EQ(t.proven(), ids{});
}

TEST(FencingProofs, DoNotTakeANodeThatStartedAnewForTheOneThatWasFenced) {
    two_nodes t;
    t.second(false);
    t.now += 20s;
    t.second(true); // up again before the agent reports
    t.now += 5s;
    EXPECT_EQ(t.proofs.fenced("node2", t.now), verdict::useless);
    t.second(false);
    EXPECT_EQ(t.proven(), ids{});
}

TEST(FencingProofs, EndWhenTheNodeComesBack) {
    two_nodes t;
    t.second(false);
    EXPECT_EQ(t.proofs.fenced("node2", t.now), verdict::proven);
    t.now += 1s;
    t.second(true);
    t.now += 1s;
    t.second(false);
    EXPECT_EQ(t.proven(), ids{});
}

TEST(FencingProofs, AreOfConfiguredNodesOnly) {
    two_nodes t;
    EXPECT_EQ(t.proofs.fenced("remote1", t.now), verdict::useless);
    t.second(false);
    t.proofs.membership(nullptr, t.now);
    EXPECT_EQ(t.proofs.fenced("node2", t.now), verdict::useless) << "nothing is known of anybody";
}

} // namespace
} // namespace bridge::daemon
