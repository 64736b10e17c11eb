// SPDX-License-Identifier: Apache-2.0
// History from another member: tails of logs, saved states (4.11). Both sides.
#include "bridge/registry/machine_impl.hpp"

#include <algorithm>

namespace bridge::registry {

// ---- what is held

std::optional<history_hash> machine::impl::known_hash(std::uint64_t index) const {
    if (staged) {
        if (index == staged->begin.index)
            return staged->begin.hash;
        if (index > staged->begin.index && index <= staged->begin.index + staged->entries.size())
            return staged->entries[index - staged->begin.index - 1].hash;
        if (staged->snapshot || index > staged->begin.index)
            return std::nullopt;
    }
    if (!knows(d, index))
        return std::nullopt;
    return hash_at(d, index);
}

position machine::impl::staged_end() const {
    if (!staged)
        return last_position(d);
    if (staged->entries.empty())
        return staged->begin;
    return {staged->entries.back().index, staged->entries.back().hash};
}

/// Places of the history held here, falling, denser near its end.
std::vector<position> machine::impl::staged_samples() const {
    std::vector<position> samples;
    const std::uint64_t last = staged_end().index;
    const std::uint64_t least = staged && staged->snapshot ? staged->begin.index : d.trimmed;
    const auto add = [&](std::uint64_t index) {
        const auto hash = known_hash(index);
        if (hash && (samples.empty() || index < samples.back().index))
            samples.push_back({index, *hash});
    };
    std::uint64_t distance = 0;
    while (distance <= last - least && samples.size() < limits::samples - 2) {
        if (!samples.empty() && samples.back().index > committed && last - distance < committed)
            add(committed);
        add(last - distance);
        distance = distance < 4 ? distance + 1 : distance * 2;
    }
    add(committed); // everybody's log has it, and nothing above it may be common
    add(least);
    return samples;
}

// ---- the learner

bool machine::impl::node_present(node_id node) const {
    return std::any_of(peers.begin(), peers.end(), [&](const auto& p) {
        return p.first.node == node && p.second.greeted != 0 && !p.second.evicted;
    });
}

void machine::impl::learn_from(node_id donor, std::vector<node_id> others) {
    sources = std::move(others);
    told_learning = true; // by the plan
    if (learning() && node_present(fetching->donor))
        return; // goes on where it is
    start_fetch(donor, 0, false);
}

void machine::impl::start_fetch(node_id donor, std::uint64_t up_to, bool for_install) {
    fetching.emplace();
    fetching->donor = donor;
    fetching->up_to = up_to;
    fetching->for_install = for_install;
    ask();
}

void machine::impl::ask() {
    transfer& t = *fetching;
    t.request = ++request_number;
    t.asked = now;
    if (t.snapshot) {
        t.window = limits::chunks_unconfirmed;
        send(pull_message{t.donor, t.request, t.snapshot_id, t.next_chunk, t.window}, {});
    } else {
        send(fetch_message{t.donor, t.request, t.up_to, staged_samples()}, {});
    }
}

/// A donor that is gone or silent is replaced; without any the next epoch change names one.
void machine::impl::change_donor() {
    transfer& t = *fetching;
    for (const node_id other : sources)
        if (other != t.donor && other != self.node && node_present(other)) {
            t.donor = other;
            t.tries = 0;
            return ask();
        }
    fetching.reset();
}

void machine::impl::drive_transfer() {
    if (!fetching || !connected || !in_view())
        return;
    transfer& t = *fetching;
    if (t.for_install && !joined_epoch) {
        fetching.reset();
        return;
    }
    if (t.request == 0) {
        if (due(t.next))
            ask();
        return;
    }
    if (!t.for_install && !node_present(t.donor))
        return change_donor();
    if (!due(t.asked + limits::request_retry))
        return;
    if (++t.tries < 3 || t.for_install)
        ask();
    else
        change_donor();
}

/// Takes entries behind a place that is known here. False: they do not fit.
bool machine::impl::stage(const tail_message& m) {
    const auto known = known_hash(m.before.index);
    if (!known || *known != m.before.hash)
        return false;
    if (!staged || m.before.index < staged->begin.index) {
        staged.emplace();
        staged->begin = m.before;
    }
    while (staged_end().index > m.before.index) {
        staged->bytes -= staged->entries.back().body->size();
        staged->entries.pop_back();
    }
    for (log_entry e : m.entries) {
        const position before = staged_end();
        e.index = before.index + 1;
        e.hash = extend(before.hash, e);
        staged->bytes += e.body->size();
        staged->entries.push_back(std::move(e));
    }
    return true;
}

void machine::impl::got(const process_id& from, const message_header&, const tail_message& m) {
    if (!fetching || fetching->snapshot || m.to != self.node || from.node != fetching->donor ||
        m.request != fetching->request)
        return;
    transfer& t = *fetching;
    t.request = 0;
    t.next = now;
    t.tries = 0;
    if (joined_epoch)
        joined_epoch->progress = now;
    if (!m.matched)
        return no_match();
    if (!stage(m)) {
        staged.reset(); // asked again with what is durable
        t.next = now + limits::request_retry;
        return;
    }
    const std::uint64_t end = staged_end().index;
    if (t.for_install)
        return end >= t.up_to ? tail_complete() : ask();
    if (m.goal <= end + settings.caught_up_entries || staged->bytes > limits::staged_bytes)
        return caught_up();
    ask();
}

void machine::impl::tail_complete() {
    fetching.reset();
    if (!joined_epoch || !joined_epoch->plan)
        return;
    const position& base = joined_epoch->plan->base;
    if (known_hash(base.index) == base.hash)
        return continue_install();
    say("the donor's history is not the one that was planned");
    staged.reset();
    joined_epoch.reset();
}

/// The donor's log does not reach back to anything that is known here: its state is needed.
void machine::impl::no_match() {
    const node_id donor = fetching->donor;
    staged.reset();
    if (fetching->for_install) {
        std::vector<node_id> others;
        if (joined_epoch && joined_epoch->plan)
            for (const life& l : joined_epoch->plan->core)
                others.push_back(l.node);
        if (joined_epoch)
            send(leave_message{leave_reason::epoch}, joined_epoch->id);
        joined_epoch.reset();
        fetching.reset();
        learn_from(donor, std::move(others));
    }
    if (!fetching)
        return;
    fetching->snapshot = true;
    ask();
}

/// Close enough: the next epoch may have this node in its core.
void machine::impl::caught_up() {
    fetching.reset();
}

void machine::impl::got(const process_id& from, const message_header&, const chunk_message& m) {
    if (!fetching || !fetching->snapshot || m.to != self.node || from.node != fetching->donor ||
        m.request != fetching->request)
        return;
    transfer& t = *fetching;
    t.tries = 0;
    t.asked = now;
    if (m.snapshot != t.snapshot_id) { // another state than the one begun
        t.snapshot_id = m.snapshot;
        t.first = m;
        t.first.data.clear();
        t.received.clear();
        t.next_chunk = 0;
    }
    const bool last = t.received.size() + m.data.size() >= t.first.total;
    if (m.number != t.next_chunk || t.received.size() + m.data.size() > t.first.total ||
        (!last && m.data.size() != limits::chunk_bytes))
        return ask();
    t.received.insert(t.received.end(), m.data.begin(), m.data.end());
    ++t.next_chunk;
    if (last)
        return snapshot_complete();
    if (--t.window == 0) {
        t.request = 0;
        t.next = now + limits::transfer_pace;
    }
}

void machine::impl::snapshot_complete() {
    transfer& t = *fetching;
    t.snapshot = false;
    if (hash_bytes(t.received) == t.snapshot_id && t.first.at.index >= committed) {
        staged.emplace();
        staged->snapshot = staged->begin = t.first.at;
        staged->digest = t.first.digest;
        staged->saved = std::move(t.received);
    } else {
        say("the state that was received is damaged or old; it is asked for again");
    }
    t.received = {};
    t.snapshot_id = {};
    t.next_chunk = 0;
    t.request = 0;
    t.next = now + limits::transfer_pace;
}

// ---- the donor

void machine::impl::got(const process_id& from, const message_header& h, const fetch_message& m) {
    if (m.donor != self.node || (h.lineage != d.lineage && h.lineage != random_id{}))
        return;
    tail_message answer;
    answer.to = from.node;
    answer.request = m.request;
    const std::uint64_t last = last_position(d).index;
    answer.goal = m.up_to == 0 ? committed : std::min(m.up_to, last);
    for (const position& p : m.samples) {
        if (!knows(d, p.index) || hash_at(d, p.index) != p.hash)
            continue;
        answer.matched = true;
        answer.before = p;
        break;
    }
    std::size_t bytes = 0;
    for (std::uint64_t i = answer.before.index + 1; answer.matched && i <= answer.goal; ++i) {
        const log_entry& e = entry_at(d, i);
        bytes += e.body->size() + 64;
        if (!answer.entries.empty() &&
            (bytes > limits::tail_bytes || answer.entries.size() == limits::tail_entries))
            break;
        answer.entries.push_back(e);
    }
    send(answer, {});
}

void machine::impl::offer_snapshot() {
    offered.emplace();
    offered->at = {committed, hash_at(d, committed)};
    offered->saved = state->save();
    offered->id = hash_bytes(offered->saved);
    offered->digest = state->digest();
}

void machine::impl::got(const process_id& from, const message_header& h, const pull_message& m) {
    if (m.donor != self.node || (h.lineage != d.lineage && h.lineage != random_id{}) ||
        d.lineage == random_id{} || !knows(d, committed))
        return;
    // A state whose following entries have been trimmed is of no use any more.
    if (!offered || (m.snapshot == history_hash{} && offered->at.index != committed) ||
        offered->at.index < d.trimmed)
        offer_snapshot();
    offered->used = now;
    if (offered->saved.size() > limits::snapshot_bytes)
        return say("the registry is too large to be given to a new member");
    const bool same = m.snapshot == offered->id;
    const std::uint64_t first = same ? m.first : 0;
    const std::uint64_t count = std::min<std::uint64_t>(m.count, limits::chunks_unconfirmed);
    for (std::uint64_t number = first; number < first + count; ++number) {
        const std::uint64_t begin = number * limits::chunk_bytes;
        if (begin > offered->saved.size() || (begin == offered->saved.size() && number != 0))
            break;
        const std::size_t size =
            std::min<std::size_t>(limits::chunk_bytes, offered->saved.size() - begin);
        chunk_message c{.to = from.node,
                        .request = m.request,
                        .snapshot = offered->id,
                        .at = offered->at,
                        .digest = offered->digest,
                        .total = offered->saved.size(),
                        .number = static_cast<std::uint32_t>(number),
                        .data = {}};
        const std::byte* from_byte = offered->saved.data() + begin;
        c.data.assign(from_byte, from_byte + size);
        send(c, {});
    }
}

} // namespace bridge::registry
