// SPDX-License-Identifier: Apache-2.0
// Operations: proposed, on every member's disk, committed, applied (4.2).
#include "bridge/registry/machine_impl.hpp"

#include <algorithm>

namespace bridge::registry {

// ---- at the origin

void machine::impl::take(const propose& in) {
    if (in.body->size() > limits::body_bytes)
        return refuse(in.call, refusal::too_large);
    if (stopped || failed)
        return refuse(in.call, refusal::not_active);
    if (waiting.size() >= limits::waiting_proposals ||
        waiting_bytes + in.body->size() > limits::waiting_proposal_bytes)
        return refuse(in.call, refusal::busy);
    waiting_bytes += in.body->size();
    waiting.push_back({in.call, kind_operation, in.body, now});
}

bool machine::impl::room_everywhere() const {
    return has_room && std::all_of(run->core.begin(), run->core.end(),
                                   [](const core_peer& p) { return p.room; });
}

/// Sends what waits, as far as the limits allow; what waited too long is refused.
void machine::impl::start_proposals() {
    while (!waiting.empty()) {
        waiting_proposal& first = waiting.front();
        const bool serving = may_serve() && !writes_stopped;
        const bool full = serving && !room_everywhere();
        const bool space =
            in_flight.size() < settings.operations_in_flight &&
            (in_flight.empty() || bytes_in_flight + first.body->size() <= settings.bytes_in_flight);
        if (full) {
            refuse(first.call, refusal::disk_full);
        } else if (serving && space) {
            operation_in_flight& o = in_flight.emplace_back();
            o = {first.call, false,      first.kind, {self.node, incarnation, ++operation_sequence},
                 first.body, first.since};
            bytes_in_flight += o.body->size();
            send_operation(o);
        } else if (due(first.since + settings.propose_wait)) {
            refuse(first.call, serving ? refusal::busy : refusal::not_active);
        } else {
            break;
        }
        waiting_bytes -= first.body->size();
        waiting.pop_front();
    }
}

void machine::impl::send_operation(const operation_in_flight& o) {
    send(propose_message{o.operation, o.kind, o.body}, run->id);
}

/// In a new epoch: what its base holds has been answered. The rest is in nobody's log any more, so
/// it is proposed again under the same name, in the same order, or refused when it is too old.
void machine::impl::repropose() {
    std::deque<operation_in_flight> again;
    again.swap(in_flight);
    for (operation_in_flight& o : again) {
        if (now < o.since + settings.propose_wait) {
            send_operation(o);
            in_flight.push_back(std::move(o));
            continue;
        }
        bytes_in_flight -= o.body->size();
        if (!o.own)
            refuse(o.call, refusal::not_active);
    }
}

/// Nobody waits for ever for an epoch that decides.
void machine::impl::expire_operations() {
    while (!in_flight.empty() && due(in_flight.front().since + limits::decision_wait)) {
        if (!in_flight.front().own)
            refuse(in_flight.front().call, refusal::undecided);
        bytes_in_flight -= in_flight.front().body->size();
        in_flight.pop_front();
    }
}

void machine::impl::undecided_all() {
    for (const operation_in_flight& o : in_flight)
        if (!o.own)
            refuse(o.call, refusal::undecided);
    in_flight.clear();
    bytes_in_flight = 0;
}

// ---- at every member

void machine::impl::got(const process_id& from, const message_header& h, const propose_message& m) {
    if (!run || (run->id != h.epoch && !mutations::stale_epoch_proposals) ||
        !core_member({from.node, h.incarnation}) || m.operation.node != from.node ||
        m.kind > kind_verify)
        return;
    std::uint64_t& last = run->proposed[{m.operation.node, m.operation.incarnation}];
    if (m.operation.sequence <= last)
        return;
    last = m.operation.sequence;
    log_entry entry;
    entry.index = ++run->last_assigned;
    entry.epoch = run->id;
    entry.operation = m.operation;
    entry.kind = m.kind;
    entry.body = m.body;
    entry.hash =
        extend(run->unwritten.empty() ? last_position(d).hash : run->unwritten.back().hash, entry);
    run->unwritten.push_back(std::move(entry));
    flush();
}

/// One write is on its way at a time; entries that come meanwhile share the next one.
void machine::impl::flush() {
    if (!run || run->appending || run->unwritten.empty())
        return;
    run->appending = true;
    journal_write w;
    w.append = std::move(run->unwritten);
    run->unwritten.clear();
    for (const log_entry& e : w.append) {
        d.log.push_back(e);
        log_bytes += e.body->size();
    }
    const std::size_t count = w.append.size();
    write(std::move(w), write_kind::append, run->id).entries = count;
    if (mutations::ack_before_fsync)
        appended(0);
}

void machine::impl::appended(std::size_t entries) {
    if (entries != 0)
        run->appending = false;
    confirm(*core_member({self.node, incarnation}), last_position(d));
    for (std::size_t i = 0; run && i < run->core.size(); ++i)
        if (const auto ahead = run->core[i].ahead) {
            run->core[i].ahead.reset();
            confirm(run->core[i], *ahead);
        }
    if (!run)
        return;
    if (run->core.size() > 1)
        send_accept();
    commit_decided();
    flush();
}

/// A member has this position on its disk. Only what is the same here counts.
void machine::impl::confirm(core_peer& p, const position& last) {
    if (last.index <= p.confirmed.index && p.confirmed.index != 0)
        return;
    if (last.index > last_position(d).index) {
        p.ahead = last;
        return;
    }
    if (!knows(d, last.index))
        return;
    if (hash_at(d, last.index) != last.hash && !mutations::count_instead_of_hash) {
        say("node " + std::to_string(p.id.node) + " has another history at entry " +
            std::to_string(last.index));
        return end_epoch("histories differ");
    }
    p.confirmed = last;
}

void machine::impl::got(const process_id& from, const message_header& h, const accept_message& m) {
    core_peer* p = run && run->id == h.epoch ? core_member({from.node, h.incarnation}) : nullptr;
    if (!p || from == self)
        return;
    p->heard = now;
    p->tables = std::max(p->tables, m.tables);
    p->room = m.room;
    if (p->time == 0 && m.time != 0)
        beat_soon = true; // it can serve as soon as it is confirmed
    p->time = std::max(p->time, m.time);
    for (const member_time& seen : m.seen)
        if (seen.node == self.node && seen.time <= now.count())
            p->confirmed_time = std::max(p->confirmed_time, seen.time);
    confirm(*p, m.last);
    if (run)
        commit_decided();
}

// ---- commit

void machine::impl::commit_decided() {
    if (!run->active)
        return;
    std::vector<std::uint64_t> confirmed;
    for (const core_peer& p : run->core)
        confirmed.push_back(p.confirmed.index);
    std::sort(confirmed.begin(), confirmed.end());
    std::uint64_t index = confirmed.front();
    if (mutations::majority_ack)
        index = confirmed[(confirmed.size() - 1) / 2];
    if (mutations::ack_on_self_delivery)
        index = core_member({self.node, incarnation})->confirmed.index;
    commit_to(std::min(index, last_position(d).index));
}

/// Applies what is committed, in order, and answers whoever waits for it here.
void machine::impl::commit_to(std::uint64_t index) {
    while (committed < index) {
        const log_entry& e = entry_at(d, committed + 1);
        ++committed;
        if (e.kind == kind_operation)
            state->apply(e);
        const auto mine = std::find_if(in_flight.begin(), in_flight.end(),
                                       [&](const auto& o) { return o.operation == e.operation; });
        if (mine != in_flight.end()) {
            if (!mine->own)
                out->emplace_back(proposal_committed{mine->call, e.index, e.operation});
            bytes_in_flight -= mine->body->size();
            in_flight.erase(mine);
        }
        if (e.kind == kind_verify)
            send_digest({e.index, e.hash});
    }
}

// ---- the log's length

/// Entries go when their effects are in the tables of the whole core and the log is long.
void machine::impl::trim() {
    if (!run || !run->active ||
        (d.log.size() <= settings.log_entries + settings.log_entries / 8 &&
         log_bytes <= settings.log_bytes + settings.log_bytes / 8))
        return;
    std::uint64_t most = d.applied;
    for (const core_peer& p : run->core)
        if (p.id.node != self.node)
            most = std::min(most, p.tables);
    std::uint64_t to = d.trimmed;
    std::size_t entries = d.log.size(), bytes = log_bytes;
    while (to < most && (entries > settings.log_entries || bytes > settings.log_bytes)) {
        bytes -= entry_at(d, ++to).body->size();
        --entries;
    }
    if (to == d.trimmed)
        return;
    const history_hash hash = hash_at(d, to);
    d.log.erase(d.log.begin(), d.log.begin() + static_cast<std::ptrdiff_t>(to - d.trimmed));
    d.trimmed = to;
    d.trimmed_hash = hash;
    log_bytes = bytes;
    journal_write w;
    w.trim_to = to;
    write(std::move(w), write_kind::trim, run->id);
}

} // namespace bridge::registry
