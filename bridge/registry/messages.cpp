// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/messages.hpp"

#include "bridge/registry/limits.hpp"
#include "bridge/registry/message_form.hpp"
#include "bridge/registry/wire.hpp"

namespace bridge::registry {

namespace {

// ---- parts

void put(wire_writer& w, const epoch_id& e) {
    w.integer(e.number);
    w.integer(e.coordinator);
}
void put(wire_writer& w, const process_id& p) {
    w.integer(p.node);
    w.integer(p.pid);
}
void put(wire_writer& w, const voter& v) {
    w.integer(v.node);
    w.append(v.store);
}
void put(wire_writer& w, const life& l) {
    w.integer(l.node);
    w.append(l.incarnation);
}
void put(wire_writer& w, node_id n) {
    w.integer(n);
}
void put(wire_writer& w, const member_time& t) {
    w.integer(t.node);
    w.integer(t.time);
}
void put(wire_writer& w, const position& p) {
    w.integer(p.index);
    w.append(p.hash);
}
void put(wire_writer& w, const operation_id& o) {
    w.integer(o.node);
    w.append(o.incarnation);
    w.integer(o.sequence);
}
void put(wire_writer& w, const support& s) {
    w.integer(s.protocol_least);
    w.integer(s.protocol_most);
    w.integer(s.level_least);
    w.integer(s.level_most);
}
void put_bytes(wire_writer& w, std::span<const std::byte> bytes) {
    w.integer(static_cast<std::uint32_t>(bytes.size()));
    w.append(bytes);
}
/// The hash is not sent: the receiver computes it.
void put(wire_writer& w, const log_entry& e) {
    put(w, e.epoch);
    put(w, e.operation);
    w.integer(e.kind);
    put_bytes(w, *e.body);
}
template <typename T>
void put(wire_writer& w, const std::vector<T>& list) {
    w.integer(static_cast<std::uint32_t>(list.size()));
    for (const T& each : list)
        put(w, each);
}

// ---- bodies

void put(wire_writer& w, const join_message& m) {
    put(w, m.supported);
    w.append(m.store);
    w.append(m.lineage);
    put(w, m.promised);
    put(w, m.installed);
    w.boolean(m.participating);
    w.boolean(m.willing);
}
void put(wire_writer& w, const leave_message& m) {
    w.integer(static_cast<std::uint8_t>(m.reason));
}
void put(wire_writer& w, const sync_message& m) {
    put(w, m.view);
    put(w, m.invited);
}
void put(wire_writer& w, const state_message& m) {
    w.boolean(m.granted);
    put(w, m.supported);
    w.append(m.store);
    w.append(m.lineage);
    put(w, m.promised);
    put(w, m.installed);
    put(w, m.last);
    w.integer(m.log_start);
    put(w, m.staged);
    w.boolean(m.live);
    w.boolean(m.seen_active);
    w.integer(m.level);
    put(w, m.core);
    put(w, m.lives);
    put(w, m.voters);
    put(w, m.known_voters);
    put(w, m.dead);
}
void put(wire_writer& w, const plan_message& m) {
    w.integer(static_cast<std::uint8_t>(m.basis));
    w.append(m.lineage);
    w.integer(m.level);
    put(w, m.base);
    put(w, m.base_epoch);
    w.integer(m.donor);
    put(w, m.core);
    put(w, m.learners);
    w.integer(m.learners_donor);
    put(w, m.lives);
    put(w, m.base_voters);
    put(w, m.base_known);
    put(w, m.core_voters);
    put(w, m.voters);
    put(w, m.proofs);
    put(w, m.stopped);
}
void put(wire_writer& w, const ready_message& m) {
    put(w, m.base);
    w.integer(m.applied);
    w.append(m.digest);
}
void put(wire_writer& w, const propose_message& m) {
    put(w, m.operation);
    w.integer(m.kind);
    put_bytes(w, *m.body);
}
void put(wire_writer& w, const accept_message& m) {
    put(w, m.last);
    w.integer(m.tables);
    w.boolean(m.room);
    w.integer(m.time);
    put(w, m.seen);
}
void put(wire_writer& w, const fetch_message& m) {
    w.integer(m.donor);
    w.integer(m.request);
    w.integer(m.up_to);
    put(w, m.samples);
}
void put(wire_writer& w, const tail_message& m) {
    w.integer(m.to);
    w.integer(m.request);
    w.boolean(m.matched);
    put(w, m.before);
    w.integer(m.goal);
    put(w, m.entries);
}
void put(wire_writer& w, const pull_message& m) {
    w.integer(m.donor);
    w.integer(m.request);
    w.append(m.snapshot);
    w.integer(m.first);
    w.integer(m.count);
}
void put(wire_writer& w, const chunk_message& m) {
    w.integer(m.to);
    w.integer(m.request);
    w.append(m.snapshot);
    put(w, m.at);
    w.append(m.digest);
    w.integer(m.total);
    w.integer(m.number);
    put_bytes(w, m.data);
}
void put(wire_writer& w, const verify_message& m) {
    put(w, m.at);
    w.append(m.digest);
}

std::size_t expected_size(const message_body& body) {
    if (const auto* m = std::get_if<propose_message>(&body))
        return m->body->size() + 128;
    if (const auto* m = std::get_if<chunk_message>(&body))
        return m->data.size() + 256;
    if (std::holds_alternative<tail_message>(body))
        return 4096;
    return 384;
}

} // namespace

std::vector<std::byte> encode(const message_header& header, const message_body& body) {
    wire_writer w(expected_size(body));
    w.integer(form::magic);
    w.integer(limits::protocol);
    w.integer(static_cast<std::uint8_t>(body.index() + 1));
    w.integer(std::uint8_t{0});
    w.append(header.lineage);
    put(w, header.epoch);
    w.integer(header.sender);
    w.append(header.incarnation);
    w.integer(header.sequence);
    w.integer(std::uint32_t{0});
    w.integer(std::uint32_t{0});
    std::visit([&w](const auto& b) { put(w, b); }, body);
    form::seal(w.written());
    return w.take();
}

} // namespace bridge::registry
