// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/plan.hpp"

#include "bridge/registry/limits.hpp"
#include "bridge/registry/mutations.hpp"
#include "bridge/registry/quorum_rule.hpp"

#include <algorithm>
#include <tuple>

namespace bridge::registry {

namespace {

using members = std::vector<const member_state*>;

bool blank(const state_message& s) {
    return s.lineage == random_id{};
}

voter as_voter(const member_state& m) {
    return {m.process.node, m.state.store};
}

std::vector<voter> as_voters(const members& list) {
    std::vector<voter> voters;
    for (const member_state* m : list)
        voters.push_back(as_voter(*m));
    return voters;
}

bool has_node(const members& list, node_id node) {
    return std::any_of(list.begin(), list.end(),
                       [&](const member_state* m) { return m->process.node == node; });
}

/// Whether somebody saw an epoch active in which x took part and of which x knows nothing: x's
/// store was rolled back.
bool rolled_back(const plan_question& q, const member_state& x) {
    return std::any_of(q.states.begin(), q.states.end(), [&](const member_state& y) {
        const state_message& s = y.state;
        return (s.lineage == x.state.lineage || blank(x.state)) && s.seen_active &&
               x.state.installed < s.installed &&
               std::binary_search(s.core.begin(), s.core.end(), x.process.node) &&
               std::binary_search(s.voters.begin(), s.voters.end(), as_voter(x));
    });
}

struct lineage_planner {
    const plan_question& q;
    random_id lineage;
    members able{};    ///< of the lineage or blank, and speak the base's level
    members counted{}; ///< whose past is trusted
    const member_state* base = nullptr;

    bool better(const member_state& a, const member_state& b) const {
        if (mutations::longest_log_wins && a.state.last.index != b.state.last.index)
            return a.state.last.index > b.state.last.index;
        // Of equals the coordinator has enough to do; beyond that the order does not matter.
        return std::tuple(a.state.installed, a.state.last.index, a.process.node != q.self) >
               std::tuple(b.state.installed, b.state.last.index, b.process.node != q.self);
    }

    void sort_out() {
        for (const member_state& m : q.states) {
            // A blank store may be a voter: one that was to be in the first epoch and missed it.
            if ((m.state.lineage != lineage && !blank(m.state)) || rolled_back(q, m))
                continue;
            counted.push_back(&m);
            if (!blank(m.state) && (!base || better(m, *base)))
                base = &m;
        }
        if (!base)
            return;
        const auto level = base->state.level;
        for (const member_state& m : q.states)
            if ((m.state.lineage == lineage || blank(m.state)) &&
                m.state.supported.level_least <= level && m.state.supported.level_most >= level)
                able.push_back(&m);
    }

    /// How far m is behind the base; nothing when the log there does not reach back to m.
    std::optional<std::uint64_t> behind(const member_state& m) const {
        const state_message& s = m.state;
        if (s.last == base->state.last)
            return 0;
        const std::uint64_t reached = std::max(s.last.index, s.staged.index);
        if (reached < base->state.log_start)
            return std::nullopt;
        return base->state.last.index - std::min(base->state.last.index, reached);
    }

    /// Epochs that were planned but never seen active count only together with those before.
    std::vector<voter> known() const {
        const state_message& b = base->state;
        if (mutations::pending_voters_count)
            return b.voters;
        for (const member_state* m : counted)
            if (m->state.installed == b.installed && m->state.known_voters == b.voters)
                return b.voters;
        return b.known_voters;
    }

    quorum_answer ask(const members& core, const std::vector<voter>& electorate) const {
        members trusted;
        bool live = false;
        std::vector<life> dead;
        for (const member_state* m : core) {
            if (std::find(counted.begin(), counted.end(), m) != counted.end())
                trusted.push_back(m);
            dead.insert(dead.end(), m->state.dead.begin(), m->state.dead.end());
            if (m->process.node == q.self && m->state.live &&
                m->state.installed == base->state.installed)
                live = common(electorate, std::vector{as_voter(*m)}) == 1;
        }
        const std::vector<voter> voters = as_voters(trusted);
        return judge({.electorate = electorate,
                      .core = voters,
                      .lives = base->state.lives,
                      .dead = dead,
                      .last_core = base->state.core,
                      .live = live,
                      .unsafe_two_node = q.unsafe_two_node && electorate.size() == 2});
    }

    bool counted_though_absent(node_id node) const {
        return !q.counted || std::binary_search(q.counted->begin(), q.counted->end(), node);
    }

    /// Those who vote from now on: the core is their majority.
    std::vector<voter> successors(const members& core, bool half) const {
        std::vector<voter> all = as_voters(core);
        if (half)
            return all;
        // A node whose store is another one takes the place of the voter that it was.
        // One that does not count any more goes, unless it is here.
        for (const voter& v : base->state.voters)
            if (!has_node(core, v.node) && counted_though_absent(v.node))
                all.push_back(v);
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        if (2 * core.size() <= all.size() || all.size() > limits::members)
            return base->state.voters;
        return all;
    }

    void fill_lives(plan_message& plan) const {
        plan.lives = plan.core;
        for (const life& l : base->state.lives) {
            const auto is_node = [&](const voter& v) { return v.node == l.node; };
            const bool counts =
                std::any_of(plan.voters.begin(), plan.voters.end(), is_node) ||
                std::any_of(plan.base_known.begin(), plan.base_known.end(), is_node);
            const bool present = std::any_of(plan.core.begin(), plan.core.end(),
                                             [&](const life& c) { return c.node == l.node; });
            if (counts && !present)
                plan.lives.push_back(l);
        }
        std::sort(plan.lives.begin(), plan.lives.end());
    }

    bool decide(const members& core, plan_message& plan) const {
        const std::vector<voter> electorate = base->state.voters;
        const std::vector<voter> before = known();
        const quorum_answer now = ask(core, electorate), joint = ask(core, before);
        if (now.basis == quorum_basis::none || joint.basis == quorum_basis::none)
            return false;
        const bool half = now.basis == quorum_basis::half || joint.basis == quorum_basis::half;
        plan.basis = half ? quorum_basis::half : quorum_basis::majority;
        plan.core_voters = as_voters(core);
        for (const member_state* m : core)
            plan.core.push_back({m->process.node, m->incarnation});
        plan.base_voters = electorate;
        plan.base_known = before;
        plan.voters = successors(core, now.basis == quorum_basis::half);
        plan.proofs = now.gone;
        for (const life& l : joint.gone)
            if (std::find(plan.proofs.begin(), plan.proofs.end(), l) == plan.proofs.end())
                plan.proofs.push_back(l);
        fill_lives(plan);
        return true;
    }

    plan_message plan() {
        plan_message plan;
        plan.lineage = lineage;
        plan.level = base->state.level;
        plan.base = base->state.last;
        plan.base_epoch = base->state.installed;
        plan.donor = plan.learners_donor = base->process.node;
        members near, reachable;
        for (const member_state* m : able) {
            const auto distance = behind(*m);
            if (distance)
                reachable.push_back(m);
            if (distance && *distance <= q.near_entries)
                near.push_back(m);
        }
        if (!decide(near, plan))
            decide(reachable, plan);
        for (const member_state& m : q.states)
            plan.stopped.push_back(m.process.node);
        for (const member_state* m : able) {
            const node_id node = m->process.node;
            const bool in_core = std::any_of(plan.core.begin(), plan.core.end(),
                                             [&](const life& l) { return l.node == node; });
            const bool waits = plan.basis == quorum_basis::none && // for others, not for history
                               std::find(near.begin(), near.end(), m) != near.end();
            if (!in_core && m != base && !waits)
                plan.learners.push_back(node);
            else if (in_core && node != q.self && m->state.last == plan.base)
                plan.learners_donor = node;
        }
        return plan;
    }
};

/// A registry begins by itself only when everyone who could know of an older one is here.
std::optional<plan_message> bootstrap(const plan_question& q) {
    std::vector<node_id> answered;
    plan_message plan;
    plan.basis = quorum_basis::bootstrap;
    plan.lineage = q.seed_lineage;
    plan.level = limits::level_most;
    plan.donor = plan.learners_donor = q.self;
    for (const member_state& m : q.states) {
        if (!blank(m.state))
            return std::nullopt;
        answered.push_back(m.process.node);
        plan.core.push_back({m.process.node, m.incarnation});
        plan.core_voters.push_back(as_voter(m));
        plan.level = std::min(plan.level, m.state.supported.level_most);
    }
    if (answered != q.configured || answered != q.present || answered.empty() ||
        q.seed_lineage == random_id{})
        return std::nullopt;
    plan.lives = plan.core;
    plan.voters = plan.core_voters;
    plan.stopped = answered;
    return plan;
}

std::string describe(const lineage_planner& p) {
    std::string text = "no majority of the voters";
    for (const voter& v : p.base->state.voters)
        text += (v == p.base->state.voters.front() ? " " : ", ") + std::to_string(v.node);
    return text + " is here and synchronised";
}

} // namespace

plan_answer make_plan(const plan_question& q) {
    if (const auto first = bootstrap(q))
        return {*first, {}};
    // Several registries meet only after a forced restart. The one that is newer is tried first.
    std::vector<std::pair<epoch_id, random_id>> lineages;
    for (const member_state& m : q.states) {
        const auto known = std::find_if(lineages.begin(), lineages.end(),
                                        [&](const auto& l) { return l.second == m.state.lineage; });
        if (blank(m.state))
            continue;
        if (known == lineages.end())
            lineages.emplace_back(m.state.installed, m.state.lineage);
        else
            known->first = std::max(known->first, m.state.installed);
    }
    std::sort(lineages.rbegin(), lineages.rend());
    plan_answer answer{{}, "not all configured nodes are here to begin a registry"};
    bool first = true;
    for (const auto& [installed, lineage] : lineages) {
        lineage_planner planner{q, lineage};
        planner.sort_out();
        if (!planner.base)
            continue;
        plan_message plan = planner.plan();
        if (plan.basis != quorum_basis::none)
            return {std::move(plan), {}};
        if (first)
            answer = {std::move(plan), describe(planner)};
        first = false;
    }
    return answer;
}

} // namespace bridge::registry
