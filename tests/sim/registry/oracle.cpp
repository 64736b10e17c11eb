// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/oracle.hpp"

#include <algorithm>
#include <tuple>

namespace registry_sim {

void oracle::require(int n, bool holds, const char* what) const {
    if (!holds && enabled)
        throw violation("node " + std::to_string(n + 1) + ": the model does not allow: " + what);
}

/// What has to hold whatever steps were taken.
void oracle::invariant(int n, bool holds, const char* what) const {
    if (!holds)
        throw violation("node " + std::to_string(n + 1) + ": " + what);
}

void oracle::begin(int count) {
    nodes.resize(static_cast<std::size_t>(count));
    for (int n = 0; n < count; ++n) {
        wiped(n);
        at(n).blank = false;
    }
}

void oracle::wiped(int n) {
    auto past = std::move(at(n).past);
    at(n) = {};
    at(n).past = std::move(past);
    at(n).blank = true;
    at(n).store = world_->nodes[static_cast<std::size_t>(n)].disk.state.store;
    at(n).past.push_back({world_->now, {}, {}});
}

void oracle::rolled_back(int n) {
    const durable_state& d = world_->nodes[static_cast<std::size_t>(n)].disk.state;
    abstract_node& a = at(n);
    a.prom = d.promised;
    a.inst = d.installed;
    a.log = tree.find(last_position(d).hash).value_or(0);
    a.voters = d.voters;
    a.known = d.known_voters;
}

void oracle::started(int n) {
    abstract_node& a = at(n);
    a.life = world_->nodes[static_cast<std::size_t>(n)].incarnation;
    a.up = true;
    a.past.push_back({world_->now, a.prom, a.life});
}

/// Crash(n)
void oracle::died(int n) {
    abstract_node& a = at(n);
    if (a.joined != epoch_id{}) {
        a.former_life = a.life;
        a.former_joined = a.joined;
    }
    a.up = a.live = false;
    a.joined = a.act = {};
    a.life = {};
    a.lease_from = 0;
    a.past.push_back({world_->now, a.prom, {}});
}

// ---- what became durable

void oracle::promise(int n, const epoch_id& e, bool current) {
    abstract_node& a = at(n);
    require(n, e > a.prom, "a promise that is not higher");
    a.prom = e;
    if (current) {
        a.joined = e;
        a.act = {};
        a.lease_from = 0;
    } else {
        a.former_joined = e; // the life before is not known any more; nothing follows from it
    }
    a.past.push_back({world_->now, e, a.life});
    if (e.coordinator == static_cast<node_id>(n + 1))
        require(n, epochs[e].coordinator == 0 || epochs[e].coordinator == e.coordinator,
                "an epoch number used twice");
}

void oracle::accept(int n, const log_entry& e, bool current) {
    abstract_node& a = at(n);
    const epoch_id joined = current ? a.joined : a.former_joined;
    require(n, a.inst == a.prom && a.inst == joined, "an entry accepted outside of its epoch");
    require(n, e.epoch == a.inst, "an entry of another epoch");
    require(n, epochs[a.inst].proposed.contains(e.operation),
            "an entry that was not proposed in this epoch");
    require(n, !tree.holds(a.log, e.operation), "an operation twice in a log");
    a.log = tree.add(a.log, e);
    abstract_epoch& p = epochs[a.inst];
    p.accepted[n] = a.log;
    commit_epoch(n, p);
}

void oracle::install(int n, const journal_write& w, int log, bool current) {
    abstract_node& a = at(n);
    const epoch_id e = w.installed->epoch;
    const abstract_epoch& p = epochs[e];
    require(n, p.planned, "an epoch installed without a plan");
    const auto me = p.core.find(n);
    const random_id life = current ? a.life : a.former_life;
    const epoch_id joined = current ? a.joined : a.former_joined;
    require(n, me != p.core.end() && me->second == life, "installed by another incarnation");
    require(n, a.prom == e && joined == e, "installed against a promise");
    require(n, log == p.base, "installed with another history than the plan's");
    require(n, w.installed->voters == p.voters && w.installed->known_voters == p.known,
            "installed with other voters than the plan's");
    a.inst = e;
    a.log = log;
    a.voters = p.voters;
    a.known = p.known;
    a.lineage = p.lineage;
    lineages.insert(p.lineage);
}

void oracle::on_disk(int n, const journal_write& w, bool current) {
    abstract_node& a = at(n);
    current = current && a.up;
    if (w.promised)
        promise(n, *w.promised, current);
    int log = a.log;
    if (w.cut_after)
        log = tree.cut(log, *w.cut_after);
    if (w.restart_after) {
        const auto found = tree.find(w.restart_after->second);
        require(n, found && tree.prefix(*found, committed), "a state that was never committed");
        log = found.value_or(0);
    }
    if (w.installed) {
        for (const log_entry& e : w.append)
            log = tree.add(log, e);
        install(n, w, log, current);
    } else {
        require(n, !w.cut_after && !w.restart_after, "history replaced outside of an installation");
        for (const log_entry& e : w.append)
            accept(n, e, current);
    }
    if (w.known_voters) {
        const abstract_epoch& e = epochs[a.inst];
        require(n, a.prom == a.inst && e.ready.size() == e.core.size(),
                "voters known without an active epoch");
        require(n, *w.known_voters == a.voters, "other voters known than installed");
        a.known = a.voters;
    }
}

// ---- what was sent

void oracle::sent(int n, const message& m) {
    const message_header& h = m.header;
    if (h.incarnation == at(n).sender && h.sequence <= at(n).sent)
        return; // sent again
    at(n).sender = h.incarnation;
    at(n).sent = h.sequence;
    if (std::holds_alternative<sync_message>(m.body)) {
        abstract_epoch& e = epochs[h.epoch];
        require(n, at(n).prom == h.epoch && h.epoch.coordinator == static_cast<node_id>(n + 1),
                "an epoch begun before it is durable");
        // Who lost its disk lost its count as well. Harmless: a majority that would plan such an
        // epoch contains somebody who promised it before and refuses.
        require(n, e.coordinator == 0 || at(n).blank, "an epoch number used twice");
        if (!e.planned)
            e.states.clear();
        e.coordinator = h.epoch.coordinator;
    } else if (const auto* s = std::get_if<state_message>(&m.body)) {
        state(n, h, *s);
    } else if (const auto* p = std::get_if<plan_message>(&m.body)) {
        plan(n, h, *p);
    } else if (const auto* r = std::get_if<ready_message>(&m.body)) {
        ready(n, h, *r);
    } else if (const auto* o = std::get_if<propose_message>(&m.body)) {
        activate(n);
        require(n, at(n).act == h.epoch, "a proposal outside of an active epoch");
        epochs[h.epoch].proposed.insert(o->operation);
    } else if (const auto* a = std::get_if<accept_message>(&m.body)) {
        accepted(n, h, *a);
    }
}

void oracle::state(int n, const message_header& h, const state_message& m) {
    if (!m.granted)
        return;
    activate(n);
    const abstract_node& a = at(n);
    require(n, a.prom == h.epoch && a.joined == h.epoch, "a promise told before it is durable");
    require(n,
            m.installed == a.inst && m.last.hash == tree[a.log].hash &&
                m.last.index == tree[a.log].index && m.voters == a.voters &&
                m.known_voters == a.known && m.store == a.store && m.lineage == a.lineage,
            "a state told that is not on the disk");
    require(n, !m.live || a.live, "said to be live, and has seen no epoch active");
    epochs[h.epoch].states[n] = a;
}

void oracle::ready(int n, const message_header& h, const ready_message& m) {
    const abstract_node& a = at(n);
    abstract_epoch& e = epochs[h.epoch];
    require(n, a.inst == h.epoch && m.base.hash == tree[e.base].hash, "ready, not installed");
    e.ready.insert(n);
    e.accepted.try_emplace(n, e.base);
    if (e.ready.size() == e.core.size())
        commit(n, e.base);
}

void oracle::accepted(int n, const message_header& h, const accept_message& m) {
    const abstract_node& a = at(n);
    abstract_epoch& e = epochs[h.epoch];
    require(n, a.inst == h.epoch && a.prom == h.epoch && a.joined == h.epoch,
            "confirmed for an epoch that is over");
    require(n, h.incarnation == a.life && e.core[n] == a.life, "confirmed by another incarnation");
    const auto history = tree.find(m.last.hash);
    require(n, history && tree.prefix(*history, a.log), "confirmed what is not on the disk");
    activate(n);
    require(n, m.time == 0 || a.act == h.epoch, "a lease asked for outside of an active epoch");
}

// ---- commitment

void oracle::commit_epoch(int n, const abstract_epoch& e) {
    if (e.accepted.size() < e.core.size())
        return;
    int all = e.accepted.begin()->second;
    for (const auto& [node, history] : e.accepted) {
        // The longest common beginning.
        int a = all, b = history;
        while (a != b) {
            if (tree[a].index >= tree[b].index)
                a = tree[a].parent;
            else
                b = tree[b].parent;
        }
        all = a;
    }
    commit(n, all);
}

void oracle::commit(int n, int history) {
    if (tree.prefix(history, committed))
        return;
    invariant(n, tree.prefix(committed, history), "INV1: two committed histories diverge");
    std::vector<int> fresh;
    for (int h = history; h != committed; h = tree[h].parent)
        fresh.push_back(h);
    committed = history;
    for (auto h = fresh.rbegin(); h != fresh.rend(); ++h)
        on_commit(*h);
    for (int x = 0; x < static_cast<int>(nodes.size()); ++x)
        if (at(x).up)
            fresh_readers(x);
}

void oracle::applied(int n, const log_entry& e) {
    invariant(n,
              e.index <= tree[committed].index && tree[tree.cut(committed, e.index)].hash == e.hash,
              "applied what is not committed");
}

// ---- serving

void oracle::stepped(int n) {
    abstract_node& a = at(n);
    const machine_probe::impl& inside = world_->inside(n);
    activate(n);
    if (!inside.run || !inside.run->active) {
        a.act = {};
        a.lease_from = 0;
        return;
    }
    lease(n);
    fresh_readers(n);
}

/// Activate(n, e), when the machine says so.
void oracle::activate(int n) {
    abstract_node& a = at(n);
    const machine_probe::impl& inside = world_->inside(n);
    if (inside.seen_active == epoch_id{} || a.seen_active == inside.seen_active)
        return;
    const epoch_id e = a.seen_active = inside.seen_active;
    const abstract_epoch& p = epochs[e];
    require(n, p.planned && p.ready.size() == p.core.size(), "active before all are ready");
    require(n, a.inst == e && a.prom == e && a.joined == e, "active in an epoch that is over");
    require(n, a.known == a.voters, "active before its voters are durable");
    for (int x = 0; x < static_cast<int>(nodes.size()); ++x) {
        const sim_node& other = world_->nodes[static_cast<std::size_t>(x)];
        if (p.core.contains(x) || !at(x).up || !other.running)
            continue;
        const machine_probe::impl& outsider = world_->inside(x);
        // A newer lease contains what this epoch commits: the model may let it lapse and renew it.
        if (!outsider.run || !outsider.run->active || outsider.run->id >= e)
            continue;
        const auto until = outsider.lease_until();
        require(n, !until || until->count() <= world_->clock_of(x),
                "active while somebody outside holds a lease");
    }
    a.act = e;
    a.live = true;
}

/// Renew(n): at the moment that the lease begins with, all of the core were promised to its epoch.
void oracle::lease(int n) {
    abstract_node& a = at(n);
    const machine_probe::impl& inside = world_->inside(n);
    const auto until = inside.lease_until();
    if (!until)
        return;
    const std::int64_t from = (*until - inside.settings.lease).count();
    if (from == a.lease_from || from == inside.now.count())
        return;
    a.lease_from = from;
    const nanoseconds moment = from - world_->nodes[static_cast<std::size_t>(n)].clock_offset;
    for (const auto& [m, life] : epochs[a.act].core) {
        const auto& past = at(m).past;
        auto then = past.rbegin();
        while (then + 1 != past.rend() && then->at > moment)
            ++then;
        require(n, then->prom == a.act && then->life == life,
                "a lease that not all members confirmed");
    }
}

/// INV4
void oracle::fresh_readers(int n) {
    const machine_probe::impl& inside = world_->inside(n);
    if (!inside.run || !inside.run->active || at(n).act == epoch_id{})
        return;
    const auto until = inside.lease_until();
    if (!until || until->count() <= world_->clock_of(n))
        return;
    invariant(n, tree.prefix(committed, at(n).log),
              "INV4: a reader's node lacks a committed write");
}

} // namespace registry_sim
