// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/quorum_rule.hpp"
#include "tests/unit/registry/sample_messages.hpp"

#include <gtest/gtest.h>

namespace registry_test {
namespace {

voter store(node_id node) {
    return {node, filled<16>(static_cast<int>(node))};
}
life alive(node_id node, int incarnation = 0) {
    return {node, filled<16>(static_cast<int>(node) * 10 + incarnation)};
}

struct half_case {
    const char* what;
    std::vector<voter> electorate, core;
    std::vector<life> lives, dead;
    bool live = true, unsafe = false;
    quorum_basis expected = quorum_basis::none;
};

quorum_answer ask(const half_case& c) {
    return judge({.electorate = c.electorate,
                  .core = c.core,
                  .lives = c.lives,
                  .dead = c.dead,
                  .last_core = {},
                  .live = c.live,
                  .unsafe_two_node = c.unsafe});
}

TEST(QuorumRule, Table) {
    const std::vector<voter> one{store(1)}, two{store(1), store(2)},
        three{store(1), store(2), store(3)}, four{store(1), store(2), store(3), store(4)};
    const std::vector<life> lives{alive(1), alive(2)};
    const voter other_store{2, filled<16>(99)};
    const auto none = quorum_basis::none, majority = quorum_basis::majority,
               half = quorum_basis::half;
    const std::vector<half_case> cases{
        {"alone", one, one, {}, {}, false, false, majority},
        {"nobody of one", one, {store(2)}, {}, {}, true, false, none},
        {"both of two", two, two, {}, {}, false, false, majority},
        {"one of three", three, one, {}, {}, true, false, none},
        {"two of three", three, two, {}, {}, false, false, majority},
        {"a wiped store is not the voter",
         three,
         {store(1), other_store},
         {},
         {},
         true,
         false,
         none},
        {"strangers do not count",
         three,
         {store(1), store(8), store(9)},
         {},
         {},
         true,
         false,
         none},
        {"one of two, nothing known", two, one, lives, {}, true, false, none},
        {"one of two, the other proven dead", two, one, lives, {alive(2)}, true, false, half},
        {"but restarted itself", two, one, lives, {alive(2)}, false, false, none},
        {"another incarnation is dead", two, one, lives, {alive(2, 1)}, true, false, none},
        {"another node is dead", two, one, lives, {alive(3)}, true, false, none},
        {"no life recorded", two, one, {alive(1)}, {alive(2)}, true, false, none},
        {"operator's word", two, one, lives, {}, true, true, half},
        {"operator's word after a restart", two, one, lives, {}, false, true, none},
        {"larger halves wait",
         four,
         two,
         {alive(1), alive(2), alive(3), alive(4)},
         {alive(3), alive(4)},
         true,
         false,
         none},
        {"no electorate", {}, one, {}, {}, true, false, none},
    };
    for (const half_case& c : cases)
        EXPECT_EQ(ask(c).basis, c.expected) << c.what;
}

TEST(QuorumRule, TheProofIsNamed) {
    const quorum_answer a = ask({"",
                                 {store(1), store(2)},
                                 {store(1)},
                                 {alive(1), alive(2)},
                                 {alive(7), alive(2)},
                                 true,
                                 false,
                                 quorum_basis::half});
    EXPECT_EQ(a.gone, std::vector{alive(2)});
}

plan_message plan_of(std::vector<node_id> core, std::vector<node_id> electorate) {
    plan_message p;
    p.basis = quorum_basis::majority;
    for (const node_id n : core) {
        p.core.push_back(alive(n));
        p.core_voters.push_back(store(n));
    }
    for (const node_id n : electorate)
        p.base_voters.push_back(store(n));
    p.base_known = p.voters = p.base_voters;
    return p;
}

TEST(Plans, AreConsistentOrNotFollowed) {
    EXPECT_TRUE(consistent(plan_of({1, 2}, {1, 2, 3})));
    EXPECT_FALSE(consistent(plan_of({1}, {1, 2, 3})));
    EXPECT_FALSE(consistent(plan_of({}, {1, 2, 3})));
    EXPECT_FALSE(consistent(plan_of({1, 2}, {1, 2, 3, 4})));

    plan_message joint = plan_of({1, 2}, {1, 2, 3});
    joint.base_known = {store(3), store(4), store(5)};
    EXPECT_FALSE(consistent(joint)) << "those who were known before count too";

    plan_message half = plan_of({1}, {1, 2});
    half.basis = quorum_basis::half;
    half.voters = {store(1)};
    EXPECT_FALSE(consistent(half)) << "no proof";
    half.proofs = {alive(2)};
    EXPECT_TRUE(consistent(half));
    half.basis = quorum_basis::majority;
    EXPECT_FALSE(consistent(half)) << "says that it is a majority";

    plan_message liar = plan_of({1, 2}, {1, 2, 3});
    liar.core_voters = {store(1), store(3)};
    EXPECT_FALSE(consistent(liar)) << "core and voters name different nodes";

    plan_message first = plan_of({1, 2, 3}, {});
    first.basis = quorum_basis::bootstrap;
    first.voters = first.core_voters;
    EXPECT_TRUE(consistent(first));
    first.base.index = 1;
    EXPECT_FALSE(consistent(first)) << "a beginning that has a past";
}

} // namespace
} // namespace registry_test
