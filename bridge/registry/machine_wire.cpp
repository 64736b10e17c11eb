// SPDX-License-Identifier: Apache-2.0
// Messages out and in: sequence numbers, repeats, gaps.
#include "bridge/registry/machine_impl.hpp"

namespace bridge::registry {

void machine::impl::send(const message_body& body, epoch_id epoch) {
    if (!connected || !in_view())
        return;
    const message_header header{d.lineage, epoch, self.node, incarnation, ++sequence};
    if (unheard.empty()) {
        resend_pause = limits::resend;
        resend_due = now + resend_pause;
    }
    unheard.push_back({sequence, encode(header, body)});
    multicast m;
    m.bytes = unheard.back().bytes;
    out->emplace_back(std::move(m));
}

/// Own messages come back in order. What was jumped over is lost: everybody saw the gap.
void machine::impl::heard_own(std::uint64_t number) {
    bool gap = false;
    while (!unheard.empty() && unheard.front().sequence <= number) {
        gap = gap || unheard.front().sequence != number;
        unheard.pop_front();
    }
    resend_pause = limits::resend;
    resend_due = now + resend_pause;
    if (gap && participating())
        end_epoch("an own message was lost");
    else if (gap)
        greet(); // without its greeting this process would not count itself
}

/// A send that succeeded may still have been dropped by the transport (section 1).
void machine::impl::resend() {
    if (unheard.empty() || !connected || !in_view() || !due(resend_due))
        return;
    std::size_t count = 0;
    for (const own_message& own : unheard) {
        if (++count > limits::resend_messages)
            break;
        multicast m;
        m.bytes = own.bytes;
        out->emplace_back(std::move(m));
    }
    resend_pause = std::min(resend_pause * 2, limits::resend * 8);
    resend_due = now + resend_pause;
    wake_at(resend_due);
}

void machine::impl::damaged(const process_id& from) {
    if (!run || !participating())
        return;
    for (const core_peer& p : run->core)
        if (p.id.node == from.node)
            return end_epoch("a damaged message came from node " + std::to_string(from.node));
}

/// The sender, when the message is the next one of a known incarnation or the first of a new one.
peer* machine::impl::track(const process_id& from, const message& m) {
    const auto found = peers.find(from);
    if (found == peers.end())
        return nullptr; // not in the group as seen from here
    peer& p = found->second;
    if (p.incarnation != m.header.incarnation) {
        if (!std::holds_alternative<join_message>(m.body))
            return nullptr;
        if (participating() && core_member({from.node, m.header.incarnation}))
            end_epoch("what node " + std::to_string(from.node) + " said before is missing");
        p = peer{};
        p.incarnation = m.header.incarnation;
    } else if (m.header.sequence <= p.sequence) {
        return nullptr; // sent again
    } else if (m.header.sequence != p.sequence + 1 && participating() &&
               core_member({from.node, p.incarnation})) {
        end_epoch("a message of node " + std::to_string(from.node) + " is missing");
    }
    p.sequence = m.header.sequence;
    return &p;
}

void machine::impl::take(const message_received& in) {
    if (!connected || failed)
        return;
    const auto m = decode(in.bytes);
    if (!m || m->header.sender != in.from.node)
        return damaged(in.from);
    if (in.from == self) {
        if (m->header.incarnation != incarnation)
            return;
        heard_own(m->header.sequence);
    }
    if (!track(in.from, *m))
        return;
    highest_seen = std::max(highest_seen, m->header.epoch.number);
    dispatch(in.from, *m);
}

void machine::impl::dispatch(const process_id& from, const message& m) {
    std::visit([&](const auto& body) { got(from, m.header, body); }, m.body);
}

} // namespace bridge::registry
