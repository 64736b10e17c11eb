// SPDX-License-Identifier: Apache-2.0
// Single stories, for what faults at random meet too seldom or what has to go one way exactly.
#include "tests/sim/registry/simulation.hpp"

#include <gtest/gtest.h>

namespace registry_sim {
namespace {

struct story : simulation {
    explicit story(int nodes, std::uint64_t seed = 1)
        : simulation({.seed = seed, .nodes = nodes, .calm = true}) {}

    void begin() {
        start_all();
        ASSERT_TRUE(agree(everyone(), 5 * second));
    }
    std::vector<int> everyone() const {
        std::vector<int> all(cluster.nodes.size());
        for (std::size_t n = 0; n < all.size(); ++n)
            all[n] = static_cast<int>(n);
        return all;
    }
    machine_state state(int n) const { return cluster.inside(n).state_now(); }
    sim_node& node(int n) { return cluster.nodes[static_cast<std::size_t>(n)]; }
    void finish() {
        heal(true);
        ASSERT_TRUE(agree(everyone(), 30 * second));
        cluster.run_for(second);
        check.finish(true);
    }
};

TEST(RegistryStory, BeginsWhenTheLastConfiguredNodeIsThere) {
    story s(3);
    s.cluster.ring_changes_in(millisecond);
    s.cluster.start(0);
    s.cluster.start(1);
    s.cluster.run_for(20 * second);
    EXPECT_TRUE(s.check.model.lineages.empty());
    s.cluster.start(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 2 * second));
    EXPECT_EQ(s.check.model.lineages.size(), 1U);
    EXPECT_EQ(s.writes(2, 3), 3);
    s.finish();
}

TEST(RegistryStory, ARestartedNodeCatchesUpFromTheLog) {
    story s(3);
    s.begin();
    s.cluster.crash(2, false);
    EXPECT_EQ(s.writes(0, 15), 15);
    s.cluster.start(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 5 * second));
    EXPECT_EQ(s.check.done.snapshots, 0U);
    s.finish();
}

TEST(RegistryStory, WhoIsFarBehindLearnsWhileTheOthersGoOn) {
    story s(3);
    s.cluster.settings.log_entries = 10'000;
    s.begin();
    s.cluster.crash(2, false);
    EXPECT_EQ(s.writes(0, 150), 150);
    s.cluster.start(2);
    bool learned = false;
    for (int i = 0; i < 200 && !learned; ++i) {
        s.cluster.run_for(millisecond);
        learned = s.cluster.nodes[2].running && s.state(2) == machine_state::learning;
    }
    EXPECT_TRUE(learned);
    ASSERT_TRUE(s.agree({0, 1, 2}, 5 * second));
    EXPECT_EQ(s.check.done.snapshots, 0U);
    s.finish();
}

/// The first of the nodes is far behind and coordinates the others: under load it has to take part
/// as soon as it has caught up, or it is too far behind again.
TEST(RegistryStory, ACoordinatorThatHadToLearnTakesPartAtOnce) {
    story s(3);
    s.cluster.settings.log_entries = 10'000;
    s.begin();
    s.cluster.crash(0, false);
    EXPECT_EQ(s.writes(1, 150), 150);
    std::uint64_t unique = 1000;
    std::function<void()> load = [&] {
        operation o;
        o.unique = ++unique;
        s.check.write(1, o);
        s.cluster.call(10 * millisecond, load);
    };
    load();
    s.cluster.start(0);
    ASSERT_TRUE(s.agree({0, 1, 2}, 2 * second));
    load = [] {};
    s.finish();
}

TEST(RegistryStory, WhoIsCutOffWhileItLearnsTakesPartAgain) {
    story s(3);
    s.cluster.settings.log_entries = 10'000;
    s.begin();
    s.cluster.crash(2, false);
    EXPECT_EQ(s.writes(0, 150), 150);
    s.cluster.start(2);
    for (int i = 0; i < 2000 && !(s.node(2).running && s.state(2) == machine_state::learning); ++i)
        s.cluster.run_for(100'000);
    ASSERT_EQ(s.state(2), machine_state::learning);
    s.cluster.reconnect(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 10 * second));
    s.finish();
}

/// A state of several chunks; the donor is lost in the middle of it.
TEST(RegistryStory, AStateIsTransferredThoughItsDonorIsLost) {
    story s(4);
    s.cluster.padding = 5 << 20;
    s.begin();
    s.cluster.crash(3, false);
    EXPECT_EQ(s.writes(0, 120), 120);
    ASSERT_GT(s.cluster.inside(0).d.trimmed, 40U);
    s.cluster.start(3);
    int donor = -1;
    for (int i = 0; i < 2000 && donor < 0; ++i) {
        s.cluster.run_for(millisecond);
        const auto& fetching = s.cluster.inside(3).fetching;
        if (fetching && fetching->snapshot && fetching->next_chunk > 6)
            donor = s.cluster.index_of(fetching->donor);
    }
    ASSERT_GE(donor, 0) << "nothing is transferred";
    s.cluster.crash(donor, true);
    s.cluster.run_for(10 * second);
    EXPECT_EQ(s.state(3), machine_state::active);
    EXPECT_EQ(s.check.done.snapshots, 1U);
    EXPECT_EQ(s.writes(3, 3), 3);
    s.finish();
}

TEST(RegistryStory, TwoNodesWithoutProofStopWriting) {
    story s(2);
    s.begin();
    s.cluster.set_net({0, 1});
    s.cluster.run_for(5 * second);
    EXPECT_EQ(s.writes(0, 1), 0);
    EXPECT_EQ(s.writes(1, 1), 0);
    s.finish();
}

TEST(RegistryStory, TwoNodesGoOnWhenOneIsFenced) {
    story s(2);
    s.begin();
    s.cluster.crash(1, true);
    s.cluster.run_for(5 * second);
    EXPECT_EQ(s.writes(0, 1), 0) << "nobody said that it is dead";
    s.cluster.confirm_dead(1);
    s.cluster.run_for(5 * second);
    EXPECT_EQ(s.writes(0, 5), 5);
    EXPECT_EQ(s.cluster.inside(0).d.voters.size(), 1U);
    s.finish();
    EXPECT_EQ(s.cluster.inside(0).d.voters.size(), 2U) << "both count again";
}

TEST(RegistryStory, TwoNodesGoOnWhenOneSaidGoodbye) {
    story s(2);
    s.begin();
    s.cluster.stop_clean(1);
    s.cluster.run_for(2 * second);
    EXPECT_EQ(s.writes(0, 5), 5);
    s.finish();
}

/// The proof is about the incarnation; a restart ends what the survivor knows.
TEST(RegistryStory, ASurvivorThatWasRestartedWaits) {
    story s(2);
    s.begin();
    s.cluster.crash(1, true);
    s.cluster.crash(0, false);
    s.cluster.start(0);
    s.cluster.run_for(2 * second);
    s.cluster.confirm_dead(1);
    s.cluster.run_for(10 * second);
    EXPECT_EQ(s.writes(0, 1), 0);
    s.finish();
}

TEST(RegistryStory, TheOperatorMayGoOnWithoutProof) {
    story s(2);
    s.cluster.settings.unsafe_two_node = true;
    s.check.model.enabled = false; // the model does not allow it
    s.begin();
    s.cluster.crash(1, true);
    s.cluster.run_for(5 * second);
    EXPECT_EQ(s.writes(0, 5), 5);
    s.finish();
}

TEST(RegistryStory, LargerHalvesWait) {
    story s(4);
    s.begin();
    s.cluster.crash(2, true);
    s.cluster.crash(3, true);
    s.cluster.run_for(3 * second);
    s.cluster.confirm_dead(2);
    s.cluster.confirm_dead(3);
    s.cluster.run_for(10 * second);
    EXPECT_EQ(s.writes(0, 1), 0);
    s.finish();
}

/// Section 4.7: an old copy of a store does not make a majority with somebody who was away later.
TEST(RegistryStory, AStoreThatWasRolledBackIsNotBelieved) {
    story s(3);
    s.begin();
    EXPECT_EQ(s.writes(0, 3), 3);
    const sim_disk old = s.node(2).disk;
    s.cluster.crash(2, false);
    s.cluster.run_for(second);
    s.cluster.start(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 5 * second));
    EXPECT_EQ(s.writes(0, 5), 5);
    s.cluster.crash(0, true);
    s.cluster.run_for(3 * second);
    EXPECT_EQ(s.writes(1, 5), 5) << "the first node knows nothing of these";
    s.cluster.crash(1, true);
    s.cluster.crash(2, true);
    s.node(2).disk = old;
    s.node(2).disk.queue.clear();
    s.check.model.rolled_back(2);
    s.check.model.enabled = false; // outside of what it assumes
    s.cluster.run_for(3 * second);
    for (const int n : {0, 2}) {
        s.cluster.power_on(n);
        s.cluster.start(n);
    }
    s.cluster.run_for(10 * second);
    EXPECT_EQ(s.writes(0, 1), 0) << "one trusted store of three";
    s.finish();
    EXPECT_EQ(s.writes(2, 3), 3);
}

TEST(RegistryStory, AWipedNodeIsAnotherVoterInItsPlace) {
    story s(3);
    s.begin();
    EXPECT_EQ(s.writes(0, 100), 100);
    s.cluster.crash(2, true);
    s.cluster.wipe(2);
    s.check.model.wiped(2);
    s.cluster.run_for(3 * second);
    s.cluster.power_on(2);
    s.cluster.start(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 10 * second));
    EXPECT_EQ(s.cluster.inside(0).d.voters.size(), 3U);
    EXPECT_EQ(s.check.done.snapshots, 1U);
    s.finish();
}

/// A forced lineage goes on by itself; the old one is refused, not merged.
TEST(RegistryStory, ForceBeginsAnotherRegistry) {
    story s(3);
    s.begin();
    EXPECT_EQ(s.writes(0, 3), 3);
    s.cluster.crash(1, true);
    s.cluster.crash(2, true);
    s.cluster.run_for(3 * second);
    s.check.model.enabled = false; // it knows one lineage only
    const random_id lineage = s.cluster.fresh_id();
    s.cluster.feed(0, bootstrap_lineage{lineage});
    s.cluster.run_for(2 * second);
    EXPECT_EQ(s.cluster.inside(0).d.lineage, lineage);
    EXPECT_EQ(s.state(0), machine_state::active);
    EXPECT_FALSE(s.cluster.inside(0).may_serve()) << "force does not make the cluster quorate";
    s.cluster.power_on(1);
    s.cluster.start(1);
    s.cluster.run_for(5 * second);
    EXPECT_TRUE(s.cluster.inside(0).may_serve());
    EXPECT_NE(s.cluster.inside(1).d.lineage, lineage);
    EXPECT_FALSE(s.cluster.inside(1).may_serve());
    EXPECT_EQ(s.cluster.inside(0).d.core, std::vector<node_id>{1});
    // Set aside, it comes back as a new member.
    s.cluster.crash(1, false);
    s.cluster.wipe(1);
    s.check.model.wiped(1);
    s.cluster.start(1);
    s.cluster.run_for(5 * second);
    EXPECT_EQ(s.cluster.inside(1).d.lineage, lineage);
    EXPECT_EQ(s.cluster.inside(0).d.core, (std::vector<node_id>{1, 2}));
}

/// A node that was taken out of the cluster does not count any more; then two are enough for two.
TEST(RegistryStory, WhoIsNoLongerConfiguredDoesNotVote) {
    story s(3);
    s.begin();
    s.cluster.crash(2, true);
    EXPECT_EQ(s.writes(0, 3), 3);
    EXPECT_EQ(s.cluster.inside(0).d.voters.size(), 3U);
    s.check.model.removed.insert(3);
    for (const int n : {0, 1})
        s.cluster.feed(n, nodes_configured{{1, 2}});
    s.cluster.run_for(2 * second);
    EXPECT_EQ(s.cluster.inside(0).d.voters.size(), 2U);
    EXPECT_EQ(s.cluster.inside(0).d.known_voters.size(), 2U);
    const std::size_t epochs = s.check.model.epochs_planned;
    s.cluster.run_for(20 * second);
    EXPECT_EQ(s.check.model.epochs_planned, epochs) << "once is enough";
    EXPECT_EQ(s.writes(1, 3), 3);
}

TEST(RegistryStory, ASilentMemberIsLeftOut) {
    story s(3);
    s.begin();
    const std::size_t before = s.check.model.epochs_planned;
    s.cluster.pause(1, false);
    const nanoseconds since = s.cluster.now;
    EXPECT_EQ(s.writes(0, 1), 1);
    EXPECT_LT(s.cluster.now - since, 5 * second);
    s.cluster.run_for(10 * second);
    EXPECT_LT(s.check.model.epochs_planned - before, 4U);
    s.cluster.resume(1);
    ASSERT_TRUE(s.agree({0, 1, 2}, 5 * second));
    s.finish();
    EXPECT_LT(s.check.model.epochs_planned - before, 10U) << "a storm";
}

TEST(RegistryStory, ASilentCoordinatorIsReplaced) {
    story s(3);
    s.begin();
    s.cluster.pause(0, false);
    s.cluster.crash(2, false);
    s.cluster.start(2);
    s.cluster.run_for(12 * second);
    EXPECT_TRUE(s.cluster.inside(1).may_serve());
    EXPECT_TRUE(s.cluster.inside(2).may_serve());
    EXPECT_EQ(s.writes(1, 2), 2);
    s.cluster.resume(0);
    s.finish();
}

TEST(RegistryStory, AFullDiskKeepsOthersFromWritingOnlyUntilItStandsAside) {
    story s(3);
    s.begin();
    s.node(1).disk.full = true;
    EXPECT_EQ(s.writes(0, 3), 3);
    s.cluster.run_for(second);
    EXPECT_EQ(s.cluster.inside(0).d.core, (std::vector<node_id>{1, 3}));
    s.node(1).disk.full = false;
    s.cluster.feed(1, room_changed{true});
    s.finish();
}

TEST(RegistryStory, OneByteOfDifferenceIsFound) {
    story s(3);
    s.begin();
    EXPECT_EQ(s.writes(0, 3), 3);
    s.node(1).state->now.registers[5] ^= 1;
    s.cluster.expected_failure = "the registry here differs from that of the other members";
    s.cluster.run_for(700 * second);
    EXPECT_FALSE(s.node(1).running);
    EXPECT_TRUE(s.node(0).running);
    s.finish();
}

TEST(RegistryStory, WhoMissedItsOwnGreetingGreetsAgain) {
    story s(3);
    s.begin();
    s.cluster.crash(2, false);
    s.cluster.run_for(5 * second);
    bool lost = false;
    s.cluster.lose = [&](int from, int to, const message& m) {
        const bool first =
            !lost && from == 2 && to == 2 && std::holds_alternative<join_message>(m.body);
        lost = lost || first;
        return first;
    };
    s.cluster.start(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 10 * second));
    EXPECT_TRUE(lost);
    s.finish();
}

/// The first greeting of node `from` does not reach node `to`.
std::function<bool(int, int, const message&)> first_greeting_lost(int from, int to) {
    return [from, to, lost = false](int f, int t, const message& m) mutable {
        const bool first =
            !lost && f == from && t == to && std::holds_alternative<join_message>(m.body);
        lost = lost || first;
        return first;
    };
}

TEST(RegistryStory, WhoseGreetingWasLostGreetsAgain) {
    story s(2);
    s.begin();
    s.cluster.crash(1, false);
    s.cluster.run_for(5 * second);
    s.cluster.lose = first_greeting_lost(1, 0);
    s.cluster.start(1);
    ASSERT_TRUE(s.agree({0, 1}, 10 * second));
    s.finish();
}

TEST(RegistryStory, WhoMissedTheGreetingOfAnotherIsGreetedAgain) {
    for (const int unknown : {0, 1}) {
        story s(3);
        s.begin();
        s.cluster.crash(2, false);
        s.cluster.run_for(5 * second);
        s.cluster.lose = first_greeting_lost(unknown, 2);
        s.cluster.start(2);
        ASSERT_TRUE(s.agree({0, 1, 2}, 10 * second)) << "node " << unknown;
        s.finish();
    }
}

TEST(RegistryStory, WhoIsForgottenByTheOthersIsTakenInAgain) {
    story s(3);
    s.begin();
    s.cluster.crash(2, false);
    s.cluster.run_for(5 * second);
    s.cluster.start(2);
    s.cluster.lose = [](int from, int, const message& m) { // it seems to stand still
        return from == 2 && std::holds_alternative<state_message>(m.body);
    };
    s.cluster.run_for(5 * second);
    ASSERT_TRUE(s.agree({0, 1}, 10 * second));
    s.cluster.lose = {};
    ASSERT_TRUE(s.agree({0, 1, 2}, 35 * second));
    s.finish();
}

/// Two of five, of which one is behind, wait for a third.
TEST(RegistryStory, WaitingForAMajorityUsesUpNoEpochs) {
    story s(5);
    s.begin();
    s.cluster.crash(0, false);
    EXPECT_EQ(s.writes(1, 20), 20);
    for (const int n : {1, 2, 3, 4})
        s.cluster.crash(n, false);
    s.cluster.start(0);
    s.cluster.start(1);
    s.cluster.run_for(2 * second);
    const std::uint64_t before = s.cluster.inside(1).d.promised.number;
    s.cluster.run_for(60 * second);
    EXPECT_LT(s.cluster.inside(1).d.promised.number - before, 15U)
        << "one attempt in ten seconds is enough";
    s.cluster.start(2);
    ASSERT_TRUE(s.agree({0, 1, 2}, 10 * second));
    s.finish();
}

std::vector<node_id> voters_of(const story& s, int n) {
    std::vector<node_id> nodes;
    for (const voter& v : s.cluster.inside(n).d.voters)
        nodes.push_back(v.node);
    return nodes;
}

TEST(RegistryStory, VotersFollowWhatCorosyncCounts) {
    story s(5);
    s.cluster.last_man_standing = true;
    s.begin();
    s.cluster.crash(4, true);
    s.cluster.crash(3, true);
    s.cluster.run_for(15 * second);
    EXPECT_EQ(voters_of(s, 0), (std::vector<node_id>{1, 2, 3}));
    s.cluster.crash(2, true);
    s.cluster.run_for(15 * second);
    EXPECT_EQ(voters_of(s, 0), (std::vector<node_id>{1, 2}));
    EXPECT_EQ(s.writes(0, 3), 3) << "two are all that count";
    s.finish();
    EXPECT_EQ(voters_of(s, 0).size(), 5U);
}

TEST(RegistryStory, WithoutLastManStandingTheAbsentCount) {
    story s(5);
    s.begin();
    s.cluster.crash(4, true);
    s.cluster.crash(3, true);
    s.cluster.run_for(15 * second);
    EXPECT_EQ(voters_of(s, 0).size(), 5U);
    s.cluster.crash(2, true);
    s.cluster.run_for(15 * second);
    EXPECT_FALSE(s.write_succeeds(0, 10 * second));
    s.finish();
}

/// Three of five, restarted, are a majority for their corosync, while two went on without them.
TEST(RegistryStory, WhoWasDroppedDoesNotGoOnWithoutTheOthers) {
    story s(5);
    s.cluster.last_man_standing = true;
    s.begin();
    for (const int n : {4, 3, 2}) {
        s.cluster.crash(n, true);
        s.cluster.run_for(15 * second);
    }
    ASSERT_EQ(voters_of(s, 0), (std::vector<node_id>{1, 2}));
    s.cluster.set_net({0, 0, 1, 1, 1});
    for (const int n : {2, 3, 4}) {
        s.cluster.power_on(n);
        s.cluster.start(n);
    }
    s.cluster.run_for(30 * second);
    EXPECT_TRUE(s.cluster.inside(2).quorate());
    EXPECT_FALSE(s.write_succeeds(2, 10 * second));
    EXPECT_EQ(s.writes(0, 3), 3);
    s.finish();
}

TEST(RegistryStory, LostMessagesAreSentAgain) {
    story s(3, 7);
    s.begin();
    s.cluster.weather.drop = 0.03;
    int done = 0;
    for (int i = 0; i < 50; ++i)
        done += s.writes(i % 3, 1);
    EXPECT_GE(done, 45);
    s.finish();
}

} // namespace
} // namespace registry_sim
