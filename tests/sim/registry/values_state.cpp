// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/values_state.hpp"

#include "bridge/registry/wire.hpp"

#include <boost/container_hash/hash.hpp>

namespace registry_sim {

using bridge::registry::wire_reader;
using bridge::registry::wire_writer;

shared_bytes operation::encode() const {
    wire_writer w(20);
    w.integer(unique);
    w.integer(static_cast<std::uint8_t>(what));
    w.integer(key);
    w.integer(value);
    w.integer(guard);
    return std::make_shared<const std::vector<std::byte>>(w.take());
}

operation operation::decode(const std::vector<std::byte>& body) {
    wire_reader r(body);
    operation o;
    o.unique = r.integer<std::uint64_t>();
    o.what = static_cast<command>(r.integer<std::uint8_t>());
    o.key = r.integer<std::uint8_t>();
    o.value = r.integer<std::uint32_t>();
    o.guard = r.integer<std::uint32_t>();
    return o;
}

void values::apply(const operation& o) {
    switch (o.what) {
    case command::set:
        registers[o.key % registers.size()] = o.value;
        break;
    case command::append:
        lists[o.key % lists.size()].push_back(o.value);
        break;
    case command::add_if:
        if (counters[o.key % counters.size()] == o.guard)
            counters[o.key % counters.size()] += o.value;
        break;
    case command::batch:
        group.fill(o.value);
        break;
    }
}

std::array<std::byte, 16> values::digest() const {
    std::size_t sum = 0;
    const auto row = [&sum](std::size_t table, std::size_t key, std::size_t value) {
        std::size_t h = table;
        boost::hash_combine(h, key);
        boost::hash_combine(h, value);
        sum += h;
    };
    for (std::size_t i = 0; i < registers.size(); ++i)
        row(1, i, registers[i]);
    for (std::size_t i = 0; i < counters.size(); ++i)
        row(2, i, counters[i]);
    row(3, 0, group[0]);
    for (std::size_t l = 0; l < lists.size(); ++l)
        row(4 + l, lists[l].size(), lists[l].empty() ? 0 : boost::hash_value(lists[l]));
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i)
        bytes[i] = static_cast<std::byte>(sum >> (8 * i));
    return bytes;
}

void values_state::apply(const log_entry& entry) {
    now.apply(operation::decode(*entry.body));
    now.applied = entry.index;
    if (on_apply)
        on_apply(entry);
}

std::vector<std::byte> values_state::save() const {
    wire_writer w(256 + padding);
    w.integer(now.applied);
    for (const auto v : now.registers)
        w.integer(v);
    for (const auto v : now.counters)
        w.integer(v);
    for (const auto v : now.group)
        w.integer(v);
    for (const auto& list : now.lists) {
        w.integer(static_cast<std::uint32_t>(list.size()));
        for (const auto v : list)
            w.integer(v);
    }
    std::vector<std::byte> bytes = w.take();
    bytes.resize(bytes.size() + padding, std::byte{0x5A});
    return bytes;
}

bool values_state::load(std::span<const std::byte> saved) {
    wire_reader r(saved);
    values v;
    v.applied = r.integer<std::uint64_t>();
    for (auto& x : v.registers)
        x = r.integer<std::uint32_t>();
    for (auto& x : v.counters)
        x = r.integer<std::uint32_t>();
    for (auto& x : v.group)
        x = r.integer<std::uint32_t>();
    for (auto& list : v.lists) {
        list.resize(r.count(1U << 20, 4));
        for (auto& x : list)
            x = r.integer<std::uint32_t>();
    }
    if (!r.ok())
        return false;
    now = std::move(v);
    return true;
}

} // namespace registry_sim
