// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/limits.hpp"
#include "bridge/registry/message_form.hpp"
#include "bridge/registry/messages.hpp"
#include "bridge/registry/wire.hpp"

#include <zlib.h>

#include <algorithm>

namespace bridge::registry {

namespace form {

namespace {

std::uint32_t check_sum(std::span<const std::byte> message) {
    // No bytes at no address would begin the sum anew.
    const auto add = [](uLong sum, std::span<const std::byte> bytes) {
        return bytes.empty()
                   ? sum
                   : crc32_z(sum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    };
    return static_cast<std::uint32_t>(
        add(add(0, message.first(check_at)), message.subspan(header_bytes)));
}

void store(std::span<std::byte> at, std::uint32_t value) {
    for (std::byte& b : at.first(4)) {
        b = static_cast<std::byte>(value & 0xFF);
        value >>= 8;
    }
}

} // namespace

void seal(std::span<std::byte> message) {
    store(message.subspan(length_at), static_cast<std::uint32_t>(message.size()));
    store(message.subspan(check_at), check_sum(message));
}

bool sealed(std::span<const std::byte> message) {
    wire_reader r(message.subspan(length_at));
    return r.integer<std::uint32_t>() == message.size() &&
           r.integer<std::uint32_t>() == check_sum(message);
}

} // namespace form

namespace {

// ---- parts

void get(wire_reader& r, epoch_id& e) {
    e.number = r.integer<std::uint64_t>();
    e.coordinator = r.integer<node_id>();
    if (e.number > limits::epoch_number)
        r.fail();
}
void get(wire_reader& r, process_id& p) {
    p.node = r.integer<node_id>();
    p.pid = r.integer<std::uint32_t>();
}
void get(wire_reader& r, voter& v) {
    v.node = r.integer<node_id>();
    v.store = r.array<16>();
}
void get(wire_reader& r, life& l) {
    l.node = r.integer<node_id>();
    l.incarnation = r.array<16>();
}
void get(wire_reader& r, node_id& n) {
    n = r.integer<node_id>();
}
void get(wire_reader& r, member_time& t) {
    t.node = r.integer<node_id>();
    t.time = r.integer<std::int64_t>();
}
void get(wire_reader& r, position& p) {
    p.index = r.integer<std::uint64_t>();
    p.hash = r.array<32>();
}
void get(wire_reader& r, operation_id& o) {
    o.node = r.integer<node_id>();
    o.incarnation = r.array<16>();
    o.sequence = r.integer<std::uint64_t>();
}
void get(wire_reader& r, support& s) {
    s.protocol_least = r.integer<std::uint16_t>();
    s.protocol_most = r.integer<std::uint16_t>();
    s.level_least = r.integer<std::uint32_t>();
    s.level_most = r.integer<std::uint32_t>();
}
std::span<const std::byte> get_bytes(wire_reader& r, std::size_t limit) {
    return r.take(r.count(limit, 1));
}
void get(wire_reader& r, shared_bytes& body) {
    const auto raw = get_bytes(r, limits::body_bytes);
    body = std::make_shared<const std::vector<std::byte>>(raw.begin(), raw.end());
}
void get(wire_reader& r, log_entry& e) {
    get(r, e.epoch);
    get(r, e.operation);
    e.kind = r.integer<std::uint8_t>();
    get(r, e.body);
}

/// A list of parts whose smallest encoding takes `each` bytes.
template <typename T>
void get(wire_reader& r, std::vector<T>& list, std::size_t limit, std::size_t each) {
    list.resize(r.count(limit, each));
    for (T& one : list)
        get(r, one);
}
/// Sorted without repetition: what depends on that may be indexed by it.
template <typename T>
void get_set(wire_reader& r, std::vector<T>& list, std::size_t each) {
    get(r, list, limits::members, each);
    for (std::size_t i = 1; i < list.size(); ++i)
        if (!(list[i - 1] < list[i]))
            r.fail();
}
/// The same, and no node twice.
template <typename T>
void get_nodes(wire_reader& r, std::vector<T>& list, std::size_t each) {
    get_set(r, list, each);
    for (std::size_t i = 1; i < list.size(); ++i)
        if (list[i - 1].node == list[i].node)
            r.fail();
}
template <typename Enum>
void get_enum(wire_reader& r, Enum& value, Enum most) {
    const auto raw = r.integer<std::uint8_t>();
    if (raw > static_cast<std::uint8_t>(most))
        r.fail();
    else
        value = static_cast<Enum>(raw);
}

// ---- bodies

void get(wire_reader& r, join_message& m) {
    get(r, m.supported);
    m.store = r.array<16>();
    m.lineage = r.array<16>();
    get(r, m.promised);
    get(r, m.installed);
    m.participating = r.boolean();
    m.willing = r.boolean();
}
void get(wire_reader& r, leave_message& m) {
    get_enum(r, m.reason, leave_reason::epoch);
}
void get(wire_reader& r, sync_message& m) {
    get_set(r, m.view, 8);
    get_set(r, m.invited, 8);
}
void get(wire_reader& r, state_message& m) {
    m.granted = r.boolean();
    get(r, m.supported);
    m.store = r.array<16>();
    m.lineage = r.array<16>();
    get(r, m.promised);
    get(r, m.installed);
    get(r, m.last);
    m.log_start = r.integer<std::uint64_t>();
    get(r, m.staged);
    m.live = r.boolean();
    m.seen_active = r.boolean();
    m.level = r.integer<std::uint32_t>();
    get_set(r, m.core, 4);
    get(r, m.lives, 2 * limits::members, 20);
    get_nodes(r, m.voters, 20);
    get_nodes(r, m.known_voters, 20);
    get(r, m.dead, limits::dead_incarnations, 20);
}
void get(wire_reader& r, plan_message& m) {
    get_enum(r, m.basis, quorum_basis::bootstrap);
    m.lineage = r.array<16>();
    m.level = r.integer<std::uint32_t>();
    get(r, m.base);
    get(r, m.base_epoch);
    m.donor = r.integer<node_id>();
    get_nodes(r, m.core, 20);
    get_set(r, m.learners, 4);
    m.learners_donor = r.integer<node_id>();
    get(r, m.lives, 2 * limits::members, 20);
    get_nodes(r, m.base_voters, 20);
    get_nodes(r, m.base_known, 20);
    get_nodes(r, m.core_voters, 20);
    get_nodes(r, m.voters, 20);
    get(r, m.proofs, limits::members, 20);
    get_set(r, m.stopped, 4);
}
void get(wire_reader& r, ready_message& m) {
    get(r, m.base);
    m.applied = r.integer<std::uint64_t>();
    m.digest = r.array<16>();
}
void get(wire_reader& r, propose_message& m) {
    get(r, m.operation);
    m.kind = r.integer<std::uint8_t>();
    get(r, m.body);
}
void get(wire_reader& r, accept_message& m) {
    get(r, m.last);
    m.tables = r.integer<std::uint64_t>();
    m.room = r.boolean();
    m.time = r.integer<std::int64_t>();
    get(r, m.seen, limits::members, 12);
}
void get(wire_reader& r, fetch_message& m) {
    m.donor = r.integer<node_id>();
    m.request = r.integer<std::uint64_t>();
    m.up_to = r.integer<std::uint64_t>();
    get(r, m.samples, limits::samples, 40);
}
void get(wire_reader& r, tail_message& m) {
    m.to = r.integer<node_id>();
    m.request = r.integer<std::uint64_t>();
    m.matched = r.boolean();
    get(r, m.before);
    m.goal = r.integer<std::uint64_t>();
    get(r, m.entries, limits::tail_entries, 45);
}
void get(wire_reader& r, pull_message& m) {
    m.donor = r.integer<node_id>();
    m.request = r.integer<std::uint64_t>();
    m.snapshot = r.array<32>();
    m.first = r.integer<std::uint32_t>();
    m.count = r.integer<std::uint32_t>();
}
void get(wire_reader& r, chunk_message& m) {
    m.to = r.integer<node_id>();
    m.request = r.integer<std::uint64_t>();
    m.snapshot = r.array<32>();
    get(r, m.at);
    m.digest = r.array<16>();
    m.total = r.integer<std::uint64_t>();
    m.number = r.integer<std::uint32_t>();
    const auto data = get_bytes(r, limits::chunk_bytes);
    m.data.assign(data.begin(), data.end());
    if (m.total > limits::snapshot_bytes)
        r.fail();
}
void get(wire_reader& r, verify_message& m) {
    get(r, m.at);
    m.digest = r.array<16>();
}

/// The body of the type with number `type`, from 1 in the order of message_body.
template <std::size_t Index = 0>
bool get_body(wire_reader& r, std::size_t type, message_body& body) {
    if constexpr (Index == std::variant_size_v<message_body>) {
        return false;
    } else {
        if (type != Index + 1)
            return get_body<Index + 1>(r, type, body);
        get(r, body.emplace<Index>());
        return r.finished();
    }
}

} // namespace

std::optional<message> decode(std::span<const std::byte> bytes) {
    if (bytes.size() < form::header_bytes || bytes.size() > max_message_bytes)
        return std::nullopt;
    wire_reader r(bytes);
    if (r.integer<std::uint32_t>() != form::magic || r.integer<std::uint16_t>() != limits::protocol)
        return std::nullopt;
    const auto type = r.integer<std::uint8_t>();
    if (r.integer<std::uint8_t>() != 0 || !form::sealed(bytes))
        return std::nullopt;
    std::optional<message> m(std::in_place);
    m->header.lineage = r.array<16>();
    get(r, m->header.epoch);
    m->header.sender = r.integer<node_id>();
    m->header.incarnation = r.array<16>();
    m->header.sequence = r.integer<std::uint64_t>();
    r.take(8); // length and check sum
    if (m->header.sender == 0 || m->header.sequence == 0 || !get_body(r, type, m->body))
        return std::nullopt;
    return m;
}

} // namespace bridge::registry
