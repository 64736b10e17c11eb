// SPDX-License-Identifier: Apache-2.0
// From the plan to the active epoch, and its end (4.3, steps 4 and 5).
#include "bridge/registry/machine_impl.hpp"

#include <algorithm>

namespace bridge::registry {

bool machine::impl::participating() const {
    return run.has_value();
}

core_peer* machine::impl::core_member(const life& l) {
    if (!run)
        return nullptr;
    for (core_peer& p : run->core)
        if (p.id.node == l.node &&
            (p.id.incarnation == l.incarnation || mutations::resume_after_restart))
            return &p;
    return nullptr;
}

/// This node takes no further part; the others learn it, and that it wants to be in the next one.
void machine::impl::end_epoch(const std::string& why) {
    if (!run)
        return;
    say("epoch " + std::to_string(run->id.number) + " ends here: " + why);
    const epoch_id ended = run->id;
    run.reset();
    if (joined_epoch && joined_epoch->id == ended)
        joined_epoch.reset();
    if (attempt && attempt->epoch == ended)
        attempt.reset();
    news();
    send(leave_message{leave_reason::epoch}, ended);
    greet();
}

// ---- installing

void machine::impl::continue_install() {
    if (!joined_epoch || !joined_epoch->plan || joined_epoch->installing)
        return;
    const plan_message& plan = *joined_epoch->plan;
    const auto known = known_hash(plan.base.index);
    const bool own = knows(d, plan.base.index) && hash_at(d, plan.base.index) == plan.base.hash;
    if (own || (known && *known == plan.base.hash))
        return install(plan);
    if (plan.donor == self.node)
        return joined_epoch.reset(); // a plan that contradicts what was told
    start_fetch(plan.donor, plan.base.index, true);
}

/// The saved state becomes the state. It is committed history, so it is never too early for that.
bool machine::impl::load_staged() {
    if (!state->load(staged->saved)) {
        say("the state that was received is malformed");
        staged.reset();
        return false;
    }
    if (state->digest() != staged->digest) {
        give_up("the state that was received differs from what its donor has");
        return false;
    }
    committed = staged->snapshot->index;
    undecided_all();
    out->emplace_back(state_replaced{committed});
    return true;
}

/// Makes the log the plan's base, in `d` and in the write. False: it cannot be done.
bool machine::impl::rebase(const plan_message& plan, journal_write& w) {
    const bool own = knows(d, plan.base.index) && hash_at(d, plan.base.index) == plan.base.hash;
    std::uint64_t keep = own ? plan.base.index : staged->begin.index;
    if (!own && !staged->snapshot) // what was sent may begin with what is here
        for (const log_entry& e : staged->entries)
            if (e.index <= plan.base.index && knows(d, e.index) && hash_at(d, e.index) == e.hash)
                keep = e.index;
    if (!own && staged->snapshot) {
        if (!load_staged())
            return false;
        w.restart_after.emplace(staged->begin.index, staged->begin.hash);
        d.log.clear();
        d.trimmed = d.applied = staged->begin.index;
        d.trimmed_hash = staged->begin.hash;
        log_bytes = 0;
    } else if (keep < committed) {
        give_up("the registry's history differs from the other members' behind what was applied");
        return false;
    } else if (last_position(d).index > keep) {
        w.cut_after = keep;
        while (last_position(d).index > keep) {
            log_bytes -= d.log.back().body->size();
            d.log.pop_back();
        }
    }
    for (std::size_t i = 0; !own && i < staged->entries.size(); ++i) {
        if (staged->entries[i].index > plan.base.index)
            break;
        if (staged->entries[i].index <= keep)
            continue;
        w.append.push_back(staged->entries[i]);
        d.log.push_back(staged->entries[i]);
        log_bytes += d.log.back().body->size();
    }
    return true;
}

void machine::impl::install(const plan_message& plan) {
    auto before = std::make_shared<durable_state>(d);
    journal_write w;
    if (!rebase(plan, w)) {
        if (!failed)
            joined_epoch.reset();
        return;
    }
    installation& i = w.installed.emplace();
    i.lineage = d.lineage = plan.lineage;
    i.epoch = d.installed = joined_epoch->id;
    for (const life& l : plan.core)
        i.core.push_back(l.node);
    d.core = i.core;
    i.lives = d.lives = plan.lives;
    i.voters = d.voters = plan.voters;
    i.known_voters = d.known_voters =
        plan.basis == quorum_basis::bootstrap ? plan.voters : plan.base_known;
    i.level = d.level = plan.level;
    joined_epoch->installing = true;
    fetching.reset();
    write(std::move(w), write_kind::install, joined_epoch->id).before = std::move(before);
}

void machine::impl::installed(epoch_id epoch) {
    if (!joined_epoch || joined_epoch->id != epoch || !joined_epoch->plan ||
        (d.promised != epoch && !mutations::install_ignores_promise))
        return;
    const plan_message& plan = *joined_epoch->plan;
    staged.reset();
    run.emplace();
    run->id = epoch;
    run->base = plan.base;
    run->since = now;
    run->last_assigned = plan.base.index;
    run->lapse = leases_lapse(plan);
    for (const life& l : plan.core) {
        core_peer& p = run->core.emplace_back();
        p.id = l;
        p.heard = now;
        const auto& early = joined_epoch->ready;
        p.ready = std::find(early.begin(), early.end(), l) != early.end();
        if (p.ready || l.node == self.node)
            p.confirmed = plan.base;
    }
    watch_ready();
}

/// Until when a member of an older epoch that may not know of this one could serve reads: it needs
/// a confirmation from here. After that the lease runs out by itself.
time_point machine::impl::leases_lapse(const plan_message& plan) const {
    time_point lapse = now;
    if (mutations::no_lease_wait)
        return lapse;
    for (const auto& [l, at] : granted) {
        const bool knows_epoch =
            std::binary_search(plan.stopped.begin(), plan.stopped.end(), l.node);
        const bool gone = std::find(dead.begin(), dead.end(), l) != dead.end();
        // A tenth more than the lease: clocks drift.
        if (!knows_epoch && !gone)
            lapse = std::max<time_point>(lapse, at + settings.lease + settings.lease / 10);
    }
    return lapse;
}

void machine::impl::watch_ready() {
    if (run && !run->active)
        (void)due(std::max(run->since, run->lapse) + limits::takeover);
    if (!run || run->ready_sent || !due(run->lapse))
        return;
    run->ready_sent = true;
    send(ready_message{run->base, committed, state->digest()}, run->id);
}

void machine::impl::got(const process_id& from, const message_header& h, const ready_message& m) {
    const life id{from.node, h.incarnation};
    if (joined_epoch && joined_epoch->id == h.epoch) {
        joined_epoch->progress = now;
        if (!run && joined_epoch->plan && m.base == joined_epoch->plan->base &&
            joined_epoch->ready.size() < limits::members)
            joined_epoch->ready.push_back(id);
    }
    if (!run || run->id != h.epoch)
        return;
    core_peer* p = core_member(id);
    if (!p || m.base != run->base)
        return;
    if (m.applied == committed && m.digest != state->digest()) {
        say("the state of node " + std::to_string(from.node) + " differs from the one here");
        next_verify = now; // all are asked, so that the majority is known
        verified_index = 0;
    }
    p->ready = true;
    p->heard = now;
    confirm(*p, m.base);
    if (run)
        activate_when_ready();
}

void machine::impl::activate_when_ready() {
    if (run->active || run->activating ||
        !std::all_of(run->core.begin(), run->core.end(), [](const auto& p) { return p.ready; }))
        return;
    run->activating = true;
    if (d.known_voters == d.voters)
        return activated();
    journal_write w;
    w.known_voters = d.voters;
    write(std::move(w), write_kind::known_voters, run->id).known_before = d.known_voters;
    d.known_voters = d.voters;
}

void machine::impl::activated() {
    run->active = true;
    run->since = now;
    live = true;
    seen_active = run->id;
    if (attempt && attempt->epoch == run->id)
        attempt.reset();
    joined_epoch.reset();
    stalled_why.clear();
    verifying.reset();
    std::string core;
    for (const core_peer& p : run->core)
        core += (core.empty() ? "" : ", ") + std::to_string(p.id.node);
    say("epoch " + std::to_string(run->id.number) + " is active with nodes " + core);
    for (waiting_read& r : reads)
        r.index = std::min(r.index, run->last_assigned);
    commit_decided();
    beat_soon = true;
    repropose();
}

/// What must never be done: a new incarnation takes part in the epoch of its former one.
void machine::impl::resume() {
    if (run || joined_epoch || d.installed != d.promised ||
        !std::binary_search(d.core.begin(), d.core.end(), self.node))
        return;
    plan_message& plan = joined_epoch.emplace().plan.emplace();
    joined_epoch->id = d.installed;
    plan.base = last_position(d);
    for (const life& l : d.lives)
        if (std::binary_search(d.core.begin(), d.core.end(), l.node))
            plan.core.push_back(l);
    installed(d.installed);
}

// ---- by force

/// The operator's word: this node alone goes on, under a new lineage.
void machine::impl::force(const random_id& lineage) {
    if (lineage == random_id{} || lineage == d.lineage || failed || stopped || !connected)
        return say("a registry is not begun by force: not possible in this state");
    say("a new lineage of the registry is begun by force");
    run.reset();
    attempt.reset();
    plan_message plan;
    plan.basis = quorum_basis::bootstrap;
    plan.lineage = lineage;
    plan.level = d.installed == epoch_id{} ? limits::level_most : d.level;
    plan.base = last_position(d);
    plan.core = {{self.node, incarnation}};
    plan.lives = plan.core;
    plan.voters = plan.core_voters = {{self.node, d.store}};
    plan.stopped = {self.node};
    const epoch_id epoch{std::max(highest_seen, d.promised.number) + 1, self.node};
    promise(epoch, self);
    joined_epoch->plan = plan;
    continue_install();
}

} // namespace bridge::registry
