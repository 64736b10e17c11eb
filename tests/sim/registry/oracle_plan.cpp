// SPDX-License-Identifier: Apache-2.0
// Plan(c, e, K) of the model.
#include "tests/sim/registry/oracle.hpp"

#include <algorithm>
#include <tuple>

namespace registry_sim {

namespace {

bool holds(const std::vector<voter>& list, const voter& v) {
    return std::find(list.begin(), list.end(), v) != list.end();
}

} // namespace

void oracle::plan(int n, const message_header& h, const plan_message& m) {
    if (m.basis == quorum_basis::none)
        return;
    abstract_epoch& e = epochs[h.epoch];
    require(n, e.coordinator == static_cast<node_id>(n + 1) && !e.planned,
            "a plan by somebody else");
    e.planned = true;
    ++epochs_planned;
    e.lineage = m.lineage;
    for (const life& l : m.core) {
        const int k = world_->index_of(l.node);
        const auto told = e.states.find(k);
        require(n, told != e.states.end() && told->second.life == l.incarnation,
                "a plan with a member that did not answer");
        e.core[k] = l.incarnation;
    }
    if (m.basis == quorum_basis::bootstrap)
        plan_bootstrap(n, e, m);
    else
        plan_ordinary(n, e, m);
    require(n, m.voters == e.voters, "other voters than the rule gives");
    for (const life& l : m.lives)
        require(n, e.lives[l.node] == l.incarnation, "other lives than the rule gives");
    for (const voter& v : e.voters)
        require(n,
                !e.lives.contains(v.node) ||
                    std::any_of(m.lives.begin(), m.lives.end(),
                                [&](const life& l) { return l.node == v.node; }),
                "the life of a voter forgotten");
}

void oracle::plan_bootstrap(int n, abstract_epoch& e, const plan_message& m) {
    require(n, lineages.empty(), "a second lineage");
    e.lineage = m.lineage;
    require(n, e.core.size() == nodes.size(), "a registry begun without all nodes");
    for (const auto& [k, life] : e.core) {
        require(n, e.states[k].lineage == random_id{}, "a registry begun over another one");
        e.voters.push_back({static_cast<node_id>(k + 1), e.states[k].store});
        e.lives[static_cast<node_id>(k + 1)] = life;
    }
    e.known = e.voters;
    e.base = 0;
}

void oracle::plan_ordinary(int n, abstract_epoch& e, const plan_message& m) {
    const abstract_state* b = nullptr;
    for (const auto& [k, life] : e.core) {
        const abstract_state& s = e.states[k];
        if (s.lineage != random_id{} &&
            (!b || std::pair(s.inst, tree[s.log].index) > std::pair(b->inst, tree[b->log].index)))
            b = &s;
    }
    require(n, b != nullptr && b->lineage == m.lineage, "a plan without a base");
    if (!b)
        return;
    require(n, std::pair(m.base_epoch, m.base.index) == std::pair(b->inst, tree[b->log].index),
            "another base than the highest");
    const auto base = tree.find(m.base.hash);
    // Of the same epoch and length there are two only when the order of the group broke.
    require(n,
            base && std::any_of(e.core.begin(), e.core.end(),
                                [&](const auto& k) {
                                    const abstract_state& s = e.states[k.first];
                                    return s.log == *base && s.inst == b->inst;
                                }),
            "a base that nobody told of");
    const bool confirmed = std::any_of(e.core.begin(), e.core.end(), [&](const auto& k) {
        const abstract_state& s = e.states[k.first];
        return s.inst == b->inst && s.known == b->voters;
    });
    e.known = confirmed ? b->voters : b->known;
    require(n, m.base_known == e.known, "other known voters than the rule gives");
    require(n, go(e, *b, b->voters), "a plan without a quorum of the voters");
    require(n, go(e, *b, e.known), "a plan without a quorum of the voters known before");
    e.base = *base;
    e.voters = successors(n, e, *b);
    e.lives = epochs[b->inst].lives;
    for (const auto& [k, life] : e.core)
        e.lives[static_cast<node_id>(k + 1)] = life;
}

/// Go(K, b, C)
bool oracle::go(const abstract_epoch& e, const abstract_state& b,
                const std::vector<voter>& electorate) {
    std::size_t have = 0;
    bool live = false;
    std::vector<voter> absent = electorate;
    for (const auto& [k, life] : e.core) {
        const abstract_state& s = e.states.at(k);
        const voter v{static_cast<node_id>(k + 1), s.store};
        if (!holds(electorate, v))
            continue;
        ++have;
        std::erase(absent, v);
        // Both what it told and what is so now: it may have been restarted meanwhile.
        live = live || (s.inst == b.inst && s.live && at(k).live && at(k).life == s.life);
    }
    if (2 * have > electorate.size())
        return true;
    if (2 * have != electorate.size() || !live)
        return false;
    const auto& lives = epochs[b.inst].lives;
    return std::all_of(absent.begin(), absent.end(), [&](const voter& v) {
        const auto recorded = lives.find(v.node);
        const int k = world_->index_of(v.node);
        return recorded != lives.end() && !(at(k).up && at(k).life == recorded->second);
    });
}

/// Whether a voter that takes no part stops being one: any absent one may (explored).
bool oracle::dropped(int coordinator, node_id node) const {
    const quorum_changed& told = world_->nodes[static_cast<std::size_t>(coordinator)].told;
    return removed.contains(node) ||
           (told.absent_dropped && !std::binary_search(told.nodes.begin(), told.nodes.end(), node));
}

std::vector<voter> oracle::successors(int coordinator, const abstract_epoch& e,
                                      const abstract_state& b) const {
    std::vector<voter> core;
    for (const auto& [k, life] : e.core)
        core.push_back({static_cast<node_id>(k + 1), e.states.at(k).store});
    std::size_t have = 0;
    for (const voter& v : core)
        have += holds(b.voters, v) ? 1 : 0;
    if (2 * have == b.voters.size())
        return core;
    // A store that was replaced: the new one takes the place of the old one.
    std::vector<voter> all = core;
    for (const voter& v : b.voters)
        if (!e.core.contains(world_->index_of(v.node)) && !dropped(coordinator, v.node))
            all.push_back(v);
    std::sort(all.begin(), all.end());
    return 2 * core.size() > all.size() ? all : b.voters;
}

} // namespace registry_sim
