// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/world.hpp"

#include <algorithm>
#include <cstdio>

namespace registry_sim {

world::world(std::uint64_t seed, int count, observer& watcher) : watcher_(watcher), rng_(seed) {
    settings.log_entries = 40;
    settings.near_entries = 20;
    settings.caught_up_entries = 4;
    nodes.resize(static_cast<std::size_t>(count));
    for (int n = 0; n < count; ++n) {
        at(n).id = static_cast<node_id>(n + 1);
        at(n).expected = nodes.size();
        at(n).disk.state.store = fresh_id();
    }
}

world::~world() = default;

random_id world::fresh_id() {
    random_id id;
    for (std::size_t i = 0; i < id.size(); i += 8) {
        const std::uint64_t r = random() | 1;
        for (std::size_t b = 0; b < 8; ++b)
            id[i + b] = static_cast<std::byte>(r >> (8 * b));
    }
    return id;
}

int world::index_of(node_id id) const {
    return id >= 1 && id <= nodes.size() ? static_cast<int>(id) - 1 : -1;
}

void world::say(int n, const std::string& text) const {
    if (trace)
        std::printf("%10.6f  %s%s\n", static_cast<double>(now) / 1e9,
                    n < 0 ? "" : ("node " + std::to_string(n + 1) + ": ").c_str(), text.c_str());
}

// ---- time

void world::schedule(event e) {
    e.order = ++order_;
    queue_.push(std::move(e));
}

void world::call(nanoseconds delay, std::function<void()> what) {
    schedule({.at = now + delay,
              .what = happening::function,
              .p = std::make_shared<std::function<void()>>(std::move(what))});
}

bool world::turn() {
    if (queue_.empty())
        return false;
    const event e = queue_.top();
    queue_.pop();
    now = std::max(now, e.at);
    carry_out(e);
    return true;
}

void world::run_for(nanoseconds time) {
    const nanoseconds end = now + time;
    while (!queue_.empty() && queue_.top().at <= end)
        turn();
    now = end;
}

void world::carry_out(const event& e) {
    switch (e.what) {
    case happening::tick:
        if (at(e.node).running && at(e.node).life == e.life && at(e.node).tick_at == e.at) {
            at(e.node).tick_at = -1;
            if (stepping(e.node))
                step(e.node, tick{});
        }
        return;
    case happening::sequence:
        if (at(e.node).running && at(e.node).life == e.life)
            sequence(e.node, std::static_pointer_cast<const std::vector<std::byte>>(e.p));
        return;
    case happening::deliver:
        return deliver(e.node, std::static_pointer_cast<ring>(e.p), e.a);
    case happening::disk:
        if (at(e.node).running && at(e.node).life == e.life)
            disk_turn(e.node);
        return;
    case happening::quorum: {
        const auto r = std::static_pointer_cast<ring>(e.p);
        if (at(e.node).host_paused)
            return call(10 * millisecond, [this, n = e.node, r] { schedule_quorum(n, r); });
        if (at(e.node).running && at(e.node).on == r)
            feed(e.node, quorum_of(e.node, *r));
        return;
    }
    case happening::reform:
        return reform();
    case happening::function:
        return (*std::static_pointer_cast<std::function<void()>>(e.p))();
    }
}

void world::schedule_tick(int n) {
    const auto deadline = at(n).engine->deadline();
    if (!deadline) {
        at(n).tick_at = -1;
        return;
    }
    const nanoseconds due = std::max(now + 1, deadline->count() - at(n).clock_offset);
    if (at(n).tick_at == due)
        return;
    at(n).tick_at = due;
    schedule({.at = due, .what = happening::tick, .node = n, .life = at(n).life});
}

// ---- machines

void world::describe(int n, const input& in) const {
    static constexpr std::array<const char*, 13> types{
        "JOIN",   "LEAVE", "SYNC", "STATE", "PLAN",  "READY", "PROPOSE",
        "ACCEPT", "FETCH", "TAIL", "PULL",  "CHUNK", "VERIFY"};
    if (const auto* m = std::get_if<message_received>(&in)) {
        const auto decoded = decode(m->bytes);
        say(n, "<- " + std::to_string(m->from.node) + " " +
                   (decoded ? types.at(decoded->body.index()) +
                                  (" " + std::to_string(decoded->header.epoch.number) + "." +
                                   std::to_string(decoded->header.epoch.coordinator) + " #" +
                                   std::to_string(decoded->header.sequence))
                            : std::string("damaged")));
    } else if (const auto* v = std::get_if<view_changed>(&in)) {
        std::string text = "<- view of ring " + std::to_string(v->ring.sequence) + ":";
        for (const process_id& p : v->members)
            text += " " + std::to_string(p.node) + "/" + std::to_string(p.pid);
        say(n, text);
    } else if (const auto* q = std::get_if<quorum_changed>(&in)) {
        say(n, "<- ring " + std::to_string(q->ring.sequence) +
                   (q->quorate ? " is quorate" : " is not quorate"));
    } else if (const auto* j = std::get_if<journal_done>(&in)) {
        say(n, "<- disk " + std::to_string(j->number) + ": " +
                   std::to_string(static_cast<int>(j->result)));
    } else if (!std::holds_alternative<tick>(in)) {
        say(n, "<- input " + std::to_string(in.index()));
    }
}

void world::feed(int n, const input& in, std::shared_ptr<const std::vector<std::byte>> bytes) {
    if (!at(n).running)
        return;
    if (!stepping(n)) {
        at(n).inbox.emplace_back(in, std::move(bytes));
        return;
    }
    step(n, in);
}

void world::step(int n, const input& in) {
    ++steps;
    if (trace_messages)
        describe(n, in);
    if (const auto* q = std::get_if<quorum_changed>(&in))
        at(n).told = *q;
    const std::uint32_t life = at(n).life;
    std::vector<action> actions;
    actions.swap(actions_);
    actions.clear();
    at(n).engine->step(in, time_point(clock_of(n)), actions);
    for (action& a : actions) {
        if (!at(n).running || at(n).life != life)
            break; // it failed
        act(n, a);
    }
    actions_.swap(actions);
    if (!at(n).running || at(n).life != life)
        return;
    schedule_tick(n);
    watcher_.stepped(n);
}

void world::act(int n, action& a) {
    if (auto* m = std::get_if<multicast>(&a)) {
        if (m->bytes.size() > max_message_bytes)
            throw violation("a message is too large");
        multicast_from(n, std::move(m->bytes));
    } else if (auto* w = std::get_if<write_journal>(&a)) {
        queue_write(n, std::move(*w));
    } else if (const auto* c = std::get_if<proposal_committed>(&a)) {
        watcher_.committed(n, *c);
    } else if (const auto* r = std::get_if<proposal_refused>(&a)) {
        if (trace && r->why != refusal::not_active)
            say(n, "refuses a write: " + std::to_string(static_cast<int>(r->why)));
        watcher_.refused(n, *r);
    } else if (const auto* answer = std::get_if<read_answered>(&a)) {
        watcher_.read(n, *answer);
    } else if (const auto* s = std::get_if<state_replaced>(&a)) {
        at(n).tables_index = 0;
        watcher_.replaced(n, s->index);
    } else if (const auto* t = std::get_if<note>(&a)) {
        say(n, t->text);
    } else if (const auto* f = std::get_if<fail>(&a)) {
        say(n, "FAILS: " + f->reason);
        const bool no_space = at(n).disk.full && f->reason == "no space for the registry's state";
        const bool expected = !expected_failure.empty() && f->reason == expected_failure;
        if (f->reason != "the registry's disk failed" && !no_space && !expected)
            throw violation("node " + std::to_string(n + 1) + " failed: " + f->reason);
        at(n).disk.broken = false;
        crash(n, false);
    }
}

void world::start(int n) {
    sim_node& node = at(n);
    if (node.running || !node.host_up)
        return;
    say(n, "starts");
    node.running = true;
    node.paused = false;
    ++node.life;
    ++node.pid;
    node.incarnation = fresh_id();
    node.in_group = false;
    node.inbox.clear();
    node.disk.queue.clear();
    node.disk.broken = false;
    node.disk.last_done = now;
    node.last_view.clear();
    node.clock_offset = between(1, 1000) * second;
    node.tick_at = -1;
    node.state = std::make_unique<values_state>();
    node.state->padding = padding;
    if (node.disk.tables && !node.state->load(*node.disk.tables))
        throw violation("what was on the disk cannot be loaded");
    node.tables_index = node.disk.state.applied;
    node.state->on_apply = [this, n](const log_entry& e) { watcher_.applied(n, e); };
    machine_settings mine = settings;
    mine.seed_lineage = fresh_id();
    node.engine = std::make_unique<machine>(mine, node.disk.state, *node.state);
    watcher_.started(n);
    nodes_configured configured;
    for (const sim_node& each : nodes)
        configured.nodes.push_back(each.id);
    feed(n, configured);
    node.told_room = true;
    if (node.running)
        group_joins(n);
}

/// The process is gone at once, or the whole node.
void world::crash(int n, bool host) {
    sim_node& node = at(n);
    if (host && node.host_up) {
        node.host_up = false;
        node.expected = nodes.size();
        node.host_paused = false;
        ring_changes_in(between(200 * millisecond, 1500 * millisecond));
    }
    if (!node.running)
        return;
    say(n, host ? "loses power" : "is killed");
    const process_id self{node.id, node.pid};
    // The disk had begun some of what was asked for.
    for (std::uint64_t k = below(node.disk.queue.size() + 1); k > 0; --k) {
        if (!node.disk.full && !node.disk.broken)
            apply(n, node.disk.queue.front());
        node.disk.queue.pop_front();
    }
    node.disk.queue.clear();
    node.running = node.paused = false;
    ++node.life;
    watcher_.died(n);
    node.engine.reset();
    node.state.reset();
    node.inbox.clear();
    node.in_group = false;
    if (!host)
        group_leaves(n, self, departure::process_died, between(millisecond, 20 * millisecond));
}

void world::power_on(int n) {
    if (at(n).host_up)
        return;
    at(n).host_up = true;
    at(n).on.reset();
    ring_changes_in(between(10 * millisecond, 300 * millisecond));
}

void world::stop_clean(int n) {
    if (!stepping(n))
        return;
    say(n, "stops");
    const process_id self{at(n).id, at(n).pid};
    feed(n, stop{});
    if (!at(n).running)
        return;
    // The goodbye is on its way; the disk finishes.
    call(between(2 * millisecond, 5 * millisecond), [this, n, self, life = at(n).life] {
        if (!at(n).running || at(n).life != life)
            return;
        at(n).running = at(n).paused = false;
        ++at(n).life;
        for (const disk_write& w : at(n).disk.queue)
            if (!at(n).disk.full && !at(n).disk.broken)
                apply(n, w);
        at(n).disk.queue.clear();
        watcher_.died(n);
        at(n).engine.reset();
        at(n).state.reset();
        at(n).inbox.clear();
        at(n).in_group = false;
        group_leaves(n, self, departure::left, millisecond / 10);
    });
}

void world::pause(int n, bool host) {
    if (!at(n).running)
        return;
    say(n, host ? "stands still (whole node)" : "stands still");
    if (host) {
        at(n).host_paused = true;
        ring_changes_in(between(300 * millisecond, 1500 * millisecond));
    } else {
        at(n).paused = true;
    }
}

void world::resume(int n) {
    sim_node& node = at(n);
    if (!node.paused && !node.host_paused)
        return;
    say(n, "goes on");
    if (node.host_paused)
        ring_changes_in(between(millisecond, 50 * millisecond));
    node.paused = node.host_paused = false;
    const std::uint32_t life = node.life;
    while (!node.inbox.empty() && node.running && node.life == life && stepping(n)) {
        const auto next = std::move(node.inbox.front());
        node.inbox.pop_front();
        step(n, next.first);
    }
    if (node.running && node.life == life) {
        for (std::size_t i = node.cursor; i < (node.on ? node.on->items.size() : 0); ++i)
            schedule_delivery(n, node.on, i);
        disk_goes_on(n);
        step(n, tick{});
    }
}

void world::wipe(int n) {
    say(n, "gets an empty disk");
    at(n).disk = {};
    at(n).disk.state.store = fresh_id();
    at(n).tables_index = 0;
}

} // namespace registry_sim
