// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/machine.hpp"

#include "bridge/registry/machine_impl.hpp"

#include <algorithm>

namespace bridge::registry {

machine::impl::impl(const machine_settings& s, durable_state loaded, replicated_state& to)
    : settings(s), d(std::move(loaded)), state(&to), committed(d.applied) {
    for (const log_entry& e : d.log)
        log_bytes += e.body->size();
    highest_seen = std::max(d.promised.number, d.installed.number);
}

void machine::impl::step(const input& in, time_point at, std::vector<action>& to) {
    const bool slept = wake && at > *wake + std::chrono::seconds(1);
    now = at;
    out = &to;
    wake.reset();
    if (!started) {
        // An earlier life may have confirmed leases a moment ago, in this epoch or one before it.
        for (const life& l : d.lives)
            granted[l] = now;
        next_verify = now + limits::verify_interval;
        granted_before = now;
        started = true;
    }
    if (slept && run) // others seem silent to who did not listen
        for (core_peer& p : run->core)
            p.heard = now;
    std::visit([this](const auto& i) { take(i); }, in);
    if (!failed)
        work();
    out = nullptr;
}

/// What depends on time, or on several inputs together.
void machine::impl::work() {
    try_sync();
    watch_silence();
    watch_attempt();
    consider_change();
    watch_ready();
    drive_transfer();
    tell_learning();
    greet_again();
    if (no_room_until && due(*no_room_until))
        room_again();
    start_proposals();
    start_verification();
    expire_operations();
    answer_reads();
    beat();
    trim();
    resend();
    if (offered && due(offered->used + limits::snapshot_kept))
        offered.reset();
}

void machine::impl::take(const tick&) {}

void machine::impl::take(const rows_durable& in) {
    d.applied = std::max(d.applied, std::min(in.index, committed));
}

void machine::impl::take(const bootstrap_lineage& in) {
    force(in.lineage == random_id{} ? settings.seed_lineage : in.lineage);
}

void machine::impl::take(const stop&) {
    if (stopped)
        return;
    send(leave_message{leave_reason::shutdown}, d.promised);
    stopped = true;
    run.reset();
    joined_epoch.reset();
    attempt.reset();
    fetching.reset();
    for (const waiting_proposal& w : waiting)
        refuse(w.call, refusal::not_active);
    waiting.clear();
    undecided_all();
    for (const waiting_read& r : reads)
        out->emplace_back(read_answered{r.call, false});
    reads.clear();
}

/// Nothing is written, answered or accepted after this.
void machine::impl::give_up(std::string reason) {
    if (failed)
        return;
    take(stop{});
    failed = true;
    out->emplace_back(fail{std::move(reason)});
}

// ---- the disk

pending_write& machine::impl::write(journal_write what, write_kind kind, epoch_id epoch) {
    pending_write& w = writes.emplace_back();
    w.number = ++write_number;
    w.kind = kind;
    w.epoch = epoch;
    out->emplace_back(write_journal{write_number, std::move(what)});
    return w;
}

void machine::impl::take(const journal_done& in) {
    if (failed || writes.empty())
        return;
    if (writes.front().number != in.number)
        return give_up("the journal answered out of order");
    const pending_write w = std::move(writes.front());
    writes.pop_front();
    if (in.result == journal_errc::none)
        return written(w);
    if (in.result == journal_errc::full)
        return disk_full(w);
    give_up("the registry's disk failed");
}

void machine::impl::written(const pending_write& w) {
    switch (w.kind) {
    case write_kind::promise:
        return promise_done(w.epoch);
    case write_kind::append:
        if (run && run->id == w.epoch)
            appended(w.entries);
        return;
    case write_kind::install:
        return installed(w.epoch);
    case write_kind::known_voters:
        if (run && run->id == w.epoch && run->activating && !run->active)
            activated();
        return;
    case write_kind::trim:
        return;
    }
}

/// The write did not happen: memory goes back to what is on the disk, and the node stands aside.
void machine::impl::disk_full(const pending_write& w) {
    if (w.kind == write_kind::trim)
        return; // the entries are only not needed; the next trim names them again
    if (w.kind == write_kind::append)
        for (std::size_t i = 0; i < w.entries; ++i) {
            log_bytes -= d.log.back().body->size();
            d.log.pop_back();
        }
    if (w.kind == write_kind::promise && d.promised == w.epoch)
        d.promised = w.promised_before;
    if (w.kind == write_kind::known_voters)
        d.known_voters = w.known_before;
    if (w.kind == write_kind::install && d.trimmed != w.before->trimmed)
        return give_up("no space for the registry's state"); // memory holds what the disk does not
    if (w.kind == write_kind::install) {
        const epoch_id promised = d.promised;
        d = *w.before;
        d.promised = promised;
    }
    say("no space for the registry; this node stands aside");
    send(leave_message{leave_reason::disk_full}, d.promised);
    no_room_until = now + limits::no_room_retry;
    run.reset();
    joined_epoch.reset();
    attempt.reset();
}

void machine::impl::room_again() {
    no_room_until.reset();
    greet();
}

void machine::impl::take(const room_changed& in) {
    if (in.has_room != has_room)
        beat_soon = true;
    has_room = in.has_room;
    if (has_room && no_room_until)
        room_again();
}

// ---- outside

machine_state machine::impl::state_now() const {
    if (failed)
        return machine_state::failed;
    if (run)
        return run->active ? machine_state::active : machine_state::installed;
    if (learning())
        return machine_state::learning;
    return joined_epoch ? machine_state::promised : machine_state::out;
}

std::string machine::impl::why_not_active(time_point) const {
    if (failed)
        return "the registry's store failed";
    if (stopped)
        return "stopping";
    if (!connected || !in_view())
        return "not in the group of daemons";
    if (no_room_until)
        return "no space on the disk";
    if (!quorate())
        return "the cluster has no quorum here";
    if (learning())
        return "receiving the registry from another member";
    if (run && run->active)
        return may_serve() ? "" : "other members do not confirm";
    return stalled_why.empty() ? "the members are agreeing" : stalled_why;
}

machine_view machine::impl::view(time_point at) const {
    machine_view v;
    v.state = state_now();
    v.promised = d.promised;
    v.installed = d.installed;
    v.core = d.core;
    v.voters = d.voters;
    v.last = last_position(d).index;
    v.committed = committed;
    if (run)
        for (const core_peer& p : run->core)
            v.confirmed.emplace_back(p.id.node, p.confirmed.index);
    const auto until = run && run->active && !failed ? lease_until() : std::nullopt;
    v.lease_valid = until && at < *until;
    v.why_not_active = why_not_active(at);
    return v;
}

machine::machine(const machine_settings& settings, durable_state loaded, replicated_state& state)
    : impl_(std::make_unique<impl>(settings, std::move(loaded), state)) {}
machine::~machine() = default;
machine::machine(machine&&) noexcept = default;
machine& machine::operator=(machine&&) noexcept = default;

void machine::step(const input& in, time_point now, std::vector<action>& out) {
    impl_->step(in, now, out);
}

std::optional<time_point> machine::deadline() const {
    return impl_->failed ? std::nullopt : impl_->wake;
}

machine_state machine::state() const {
    return impl_->state_now();
}

machine_view machine::view(time_point now) const {
    return impl_->view(now);
}

const durable_state& machine::durable() const {
    return impl_->d;
}

} // namespace bridge::registry
