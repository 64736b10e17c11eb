// SPDX-License-Identifier: Apache-2.0
// Signs of life, leases, reads (4.4), and the comparison of states (4.9).
#include "bridge/registry/machine_impl.hpp"

#include <algorithm>

namespace bridge::registry {

/// ACCEPT is a sign of life as well, and carries the times that leases are made of.
void machine::impl::send_accept() {
    accept_message m;
    m.last = core_member({self.node, incarnation})->confirmed;
    if (mutations::ack_before_fsync)
        m.last = last_position(d);
    m.tables = d.applied;
    m.room = has_room;
    m.time = run->active ? std::max<std::int64_t>(now.count(), 1) : 0;
    for (const core_peer& p : run->core)
        if (p.time != 0 && p.id.node != self.node) {
            m.seen.push_back({p.id.node, p.time});
            granted[p.id] = now;
        }
    send(m, run->id);
    next_beat = now + settings.lease_interval;
    beat_soon = false;
}

void machine::impl::beat() {
    if (!run || run->core.size() == 1)
        return;
    if (beat_soon || due(next_beat))
        send_accept();
    wake_at(next_beat);
    std::erase_if(granted, [&](const auto& g) { return now > g.second + 2 * settings.lease; });
}

/// All members confirmed the time of the lease's beginning while they were of this epoch.
/// Activation alone gives none: it may be news of yesterday.
std::optional<time_point> machine::impl::lease_until() const {
    std::int64_t oldest = now.count();
    for (const core_peer& p : run->core)
        if (p.id.node != self.node)
            oldest = std::min(oldest, p.confirmed_time);
    if (mutations::lease_at_activation)
        oldest = std::max(oldest, run->since.count());
    if (oldest == 0 && now.count() != 0)
        return std::nullopt;
    return time_point(oldest) + settings.lease;
}

bool machine::impl::may_serve() const {
    if (!run || !run->active || stopped || failed || !quorate())
        return false;
    const auto until = lease_until();
    return until && now < *until;
}

void machine::impl::take(const read_request& in) {
    if (stopped || failed || reads.size() >= settings.waiting_reads) {
        out->emplace_back(read_answered{in.call, false});
        return;
    }
    // What is accepted here may be acknowledged elsewhere any moment.
    reads.push_back({in.call, run ? run->last_assigned : committed, now});
}

void machine::impl::answer_reads() {
    if (reads.empty())
        return;
    const bool serve = may_serve();
    std::erase_if(reads, [&](const waiting_read& r) {
        const bool fresh = serve && committed >= r.index;
        if (!fresh && !due(r.since + settings.read_wait))
            return false;
        out->emplace_back(read_answered{r.call, fresh});
        return true;
    });
}

// ---- comparison of the members' states

/// The first member of the core has the others compare, now and then.
void machine::impl::start_verification() {
    if (!may_serve() || run->core.size() == 1 || run->core.front().id.node != self.node)
        return;
    const bool time = due(next_verify) && committed > verified_index;
    if (!time && committed < verified_index + limits::verify_entries)
        return;
    next_verify = now + limits::verify_interval;
    verified_index = committed + 1;
    operation_in_flight& o = in_flight.emplace_back();
    o.own = true;
    o.kind = kind_verify;
    o.operation = {self.node, incarnation, ++operation_sequence};
    o.body = std::make_shared<const std::vector<std::byte>>();
    o.since = now;
    send_operation(o);
}

void machine::impl::send_digest(const position& at) {
    verified_index = at.index;
    if (!run || !run->active || at.index <= run->base.index)
        return; // of an older epoch: not everybody applies it now
    if (!verifying || verifying->at.index < at.index)
        verifying.emplace();
    verifying->at = at;
    send(verify_message{at, state->digest()}, run->id);
}

void machine::impl::got(const process_id& from, const message_header& h, const verify_message& m) {
    if (!run || run->id != h.epoch || !core_member({from.node, h.incarnation}))
        return;
    if (!verifying || verifying->at.index < m.at.index) {
        verifying.emplace();
        verifying->at = m.at;
    }
    if (verifying->at != m.at)
        return;
    verifying->digests[from.node] = m.digest;
    if (verifying->digests.size() < run->core.size())
        return;
    std::map<std::array<std::byte, 16>, std::size_t> votes;
    for (const auto& [node, digest] : verifying->digests)
        ++votes[digest];
    const auto mine = verifying->digests[self.node];
    verifying.reset();
    writes_stopped = false;
    for (const auto& [digest, count] : votes) {
        if (2 * count <= run->core.size())
            continue;
        if (digest != mine)
            give_up("the registry here differs from that of the other members");
        return;
    }
    writes_stopped = true;
    say("the members' registries differ, and no majority says which one is right: no writes");
}

} // namespace bridge::registry
