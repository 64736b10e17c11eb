// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/plan.hpp"
#include "tests/unit/registry/sample_messages.hpp"

#include <gtest/gtest.h>

namespace registry_test {
namespace {

const random_id lineage = filled<16>(0x77);

voter store(node_id node) {
    return {node, filled<16>(static_cast<int>(node))};
}

/// A member of a registry of three with the given epoch and length of log.
member_state member(node_id node, epoch_id installed, std::uint64_t last) {
    member_state m;
    m.process = {node, 100 + node};
    m.incarnation = filled<16>(static_cast<int>(node) + 50);
    m.state.granted = true;
    m.state.store = store(node).store;
    m.state.lineage = lineage;
    m.state.installed = installed;
    m.state.last = {last, filled<32>(static_cast<int>(last))};
    m.state.voters = m.state.known_voters = {store(1), store(2), store(3)};
    m.state.core = {1, 2, 3};
    return m;
}

member_state blank(node_id node) {
    member_state m = member(node, {}, 0);
    m.state.lineage = {};
    m.state.last = {};
    m.state.voters = m.state.known_voters = {};
    m.state.core = {};
    return m;
}

plan_question question(std::vector<member_state> states) {
    plan_question q;
    q.self = states.front().process.node;
    for (const member_state& m : states)
        q.present.push_back(m.process.node);
    q.states = std::move(states);
    q.configured = {1, 2, 3};
    q.seed_lineage = filled<16>(0x11);
    return q;
}

std::vector<node_id> core_of(const plan_answer& a) {
    std::vector<node_id> nodes;
    for (const life& l : a.plan.core)
        nodes.push_back(l.node);
    return nodes;
}

TEST(MakePlan, BeginsARegistryOnlyWhenAllConfiguredNodesAreBlank) {
    const plan_answer all = make_plan(question({blank(1), blank(2), blank(3)}));
    EXPECT_EQ(all.plan.basis, quorum_basis::bootstrap);
    EXPECT_EQ(all.plan.lineage, filled<16>(0x11));
    EXPECT_EQ(core_of(all), (std::vector<node_id>{1, 2, 3}));
    const plan_answer two = make_plan(question({blank(1), blank(2)}));
    EXPECT_EQ(two.plan.basis, quorum_basis::none);
    EXPECT_FALSE(two.why.empty());
    plan_question unknown = question({blank(1), blank(2), blank(3)});
    unknown.configured.clear();
    EXPECT_EQ(make_plan(unknown).plan.basis, quorum_basis::none);
}

TEST(MakePlan, TakesTheHighestEpochBeforeTheLongestLog) {
    const plan_answer a = make_plan(question({member(1, {4, 1}, 50), member(2, {5, 2}, 40)}));
    EXPECT_EQ(a.plan.basis, quorum_basis::majority);
    EXPECT_EQ(a.plan.base.index, 40U);
    EXPECT_EQ(a.plan.donor, 2U);
    EXPECT_EQ(a.plan.voters, (std::vector{store(1), store(2), store(3)}));
}

TEST(MakePlan, CountsThoseKnownBeforeUntilAnEpochWasSeenActive) {
    auto a = member(1, {5, 1}, 10), b = member(2, {5, 1}, 10);
    for (member_state* m : {&a, &b}) {
        m->state.voters = {store(1), store(2)};
        m->state.known_voters = {store(1), store(2), store(3), store(4)};
    }
    EXPECT_EQ(make_plan(question({a, b})).plan.basis, quorum_basis::none);
    b.state.known_voters = b.state.voters;
    EXPECT_EQ(make_plan(question({a, b})).plan.basis, quorum_basis::majority);
}

TEST(MakePlan, AWipedNodeDoesNotCountAndTakesThePlaceOfItself) {
    auto wiped = blank(2);
    wiped.state.store = filled<16>(0x99);
    EXPECT_EQ(make_plan(question({member(1, {5, 1}, 10), wiped})).plan.basis, quorum_basis::none);
    const plan_answer a =
        make_plan(question({member(1, {5, 1}, 10), wiped, member(3, {5, 1}, 10)}));
    EXPECT_EQ(core_of(a), (std::vector<node_id>{1, 2, 3}));
    EXPECT_EQ(a.plan.voters, (std::vector{store(1), {2, filled<16>(0x99)}, store(3)}));
}

TEST(MakePlan, WhoDoesNotCountAnyMoreDoesNotVoteUnlessItIsHere) {
    plan_question q = question({member(1, {5, 1}, 10), member(2, {5, 1}, 10)});
    q.counted = {1, 2};
    EXPECT_EQ(make_plan(q).plan.voters, (std::vector{store(1), store(2)}));
    q.counted = {1, 3};
    EXPECT_EQ(make_plan(q).plan.voters, (std::vector{store(1), store(2), store(3)}));
    q.counted = std::nullopt;
    EXPECT_EQ(make_plan(q).plan.voters, (std::vector{store(1), store(2), store(3)}));
    q = question({member(1, {5, 1}, 10)});
    q.counted = {1};
    EXPECT_EQ(make_plan(q).plan.basis, quorum_basis::none) << "the old majority decides it";
}

TEST(MakePlan, AStoreThatWasRolledBackDoesNotCount) {
    auto current = member(1, {5, 1}, 10);
    current.state.seen_active = true;
    const auto old = member(2, {3, 1}, 4);
    EXPECT_EQ(make_plan(question({current, old})).plan.basis, quorum_basis::none);
    current.state.seen_active = false;
    EXPECT_EQ(make_plan(question({current, old})).plan.basis, quorum_basis::majority);
}

TEST(MakePlan, WhoIsFarBehindLearnsUnlessNeeded) {
    auto a = member(1, {5, 1}, 5000), b = member(2, {5, 1}, 5000), c = member(3, {4, 1}, 10);
    plan_answer p = make_plan(question({a, b, c}));
    EXPECT_EQ(core_of(p), (std::vector<node_id>{1, 2}));
    EXPECT_EQ(p.plan.learners, (std::vector<node_id>{3}));
    EXPECT_EQ(p.plan.learners_donor, 2U) << "not the coordinator";
    p = make_plan(question({a, c}));
    EXPECT_EQ(core_of(p), (std::vector<node_id>{1, 3})) << "without it there is no majority";
    a.state.log_start = 2000;
    p = make_plan(question({a, c}));
    EXPECT_EQ(p.plan.basis, quorum_basis::none);
    EXPECT_EQ(p.plan.learners, (std::vector<node_id>{3})) << "it needs the whole state first";
    c.state.staged = {4990, {}};
    EXPECT_EQ(make_plan(question({a, c})).plan.basis, quorum_basis::majority);
}

TEST(MakePlan, LeavesOutWhoCannotReadTheLevel) {
    auto a = member(1, {5, 1}, 10), b = member(2, {5, 1}, 10), c = member(3, {5, 1}, 10);
    for (member_state* m : {&a, &b, &c})
        m->state.level = 2;
    a.state.supported.level_most = b.state.supported.level_most = 2;
    EXPECT_EQ(core_of(make_plan(question({a, b, c}))), (std::vector<node_id>{1, 2}));
}

TEST(MakePlan, NeverMixesTwoRegistries) {
    auto forced = member(1, {9, 1}, 10);
    forced.state.lineage = filled<16>(0x55);
    forced.state.voters = forced.state.known_voters = {store(1)};
    const plan_answer p =
        make_plan(question({forced, member(2, {5, 2}, 50), member(3, {5, 2}, 50)}));
    EXPECT_EQ(core_of(p), (std::vector<node_id>{1}));
    EXPECT_EQ(p.plan.lineage, filled<16>(0x55));
    EXPECT_TRUE(p.plan.learners.empty());
}

} // namespace
} // namespace registry_test
