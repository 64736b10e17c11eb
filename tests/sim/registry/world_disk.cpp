// SPDX-License-Identifier: Apache-2.0
// The disks: what was not synchronised is lost, what was asked for comes late, or not at all.
#include "tests/sim/registry/world.hpp"

#include <algorithm>

namespace registry_sim {

namespace {

/// One transaction, as a store would do it. False: the log would get a hole.
bool carry_out_write(durable_state& d, const journal_write& w) {
    if (w.promised)
        d.promised = *w.promised;
    if (w.cut_after)
        while (!d.log.empty() && d.log.back().index > *w.cut_after)
            d.log.pop_back();
    if (w.restart_after) {
        d.log.clear();
        d.trimmed = w.restart_after->first;
        d.trimmed_hash = w.restart_after->second;
    }
    for (const log_entry& e : w.append) {
        if (e.index != last_position(d).index + 1)
            return false;
        d.log.push_back(e);
    }
    if (w.installed) {
        d.lineage = w.installed->lineage;
        d.installed = w.installed->epoch;
        d.core = w.installed->core;
        d.lives = w.installed->lives;
        d.voters = w.installed->voters;
        d.known_voters = w.installed->known_voters;
        d.level = w.installed->level;
    }
    if (w.known_voters)
        d.known_voters = *w.known_voters;
    if (w.trim_to && *w.trim_to > d.trimmed) {
        d.trimmed_hash = hash_at(d, *w.trim_to);
        d.log.erase(d.log.begin(),
                    d.log.begin() + static_cast<std::ptrdiff_t>(*w.trim_to - d.trimmed));
        d.trimmed = *w.trim_to;
    }
    if (w.rows)
        d.applied = w.rows->index;
    return true;
}

bool grows(const journal_write& w) {
    return !w.append.empty() || w.installed || w.restart_after;
}

} // namespace

void world::queue_write(int n, write_journal w) {
    sim_node& node = at(n);
    disk_write d;
    d.number = w.number;
    d.incarnation = node.incarnation;
    d.what = std::move(w.what);
    const std::uint64_t committed = inside(n).committed;
    // The driver adds the rows: always with a new state, else now and then.
    if (d.what.restart_after || (committed > node.tables_index && chance(0.3))) {
        d.tables = std::make_shared<const std::vector<std::byte>>(node.state->save());
        d.what.rows.emplace();
        d.what.rows->index = committed;
        d.what.rows->everything = true;
        node.tables_index = committed;
    }
    nanoseconds cost = weather.slow_disks ? between(200 * microsecond, 12 * millisecond)
                                          : between(100 * microsecond, millisecond);
    if (now < node.disk.slow_until)
        cost += between(50 * millisecond, 1500 * millisecond);
    node.disk.queue.push_back(std::move(d));
    node.disk.last_done = std::max(node.disk.last_done, now) + cost;
    schedule({.at = node.disk.last_done, .what = happening::disk, .node = n, .life = node.life});
}

void world::disk_goes_on(int n) {
    sim_node& node = at(n);
    node.disk.last_done = now;
    for (std::size_t i = 0; i < node.disk.queue.size(); ++i)
        schedule({.at = now + millisecond, .what = happening::disk, .node = n, .life = node.life});
}

void world::disk_turn(int n) {
    sim_node& node = at(n);
    if (node.disk.queue.empty())
        return;
    if (!stepping(n))
        return; // what comes of it is told later; until then nothing is certain
    const disk_write w = std::move(node.disk.queue.front());
    node.disk.queue.pop_front();
    journal_errc result = journal_errc::none;
    if (node.disk.broken)
        result = journal_errc::failed;
    else if (node.disk.full && grows(w.what))
        result = journal_errc::full;
    if (result == journal_errc::none)
        apply(n, w);
    const std::uint32_t life = node.life;
    if (w.what.rows && result != journal_errc::none)
        node.tables_index = node.disk.state.applied;
    step(n, journal_done{w.number, result});
    if (w.what.rows && result == journal_errc::none && node.running && node.life == life)
        step(n, rows_durable{w.what.rows->index});
    // Several may share one synchronisation.
    if (node.running && node.life == life && !node.disk.queue.empty() && chance(0.3))
        disk_turn(n);
}

void world::apply(int n, const disk_write& w) {
    sim_disk& disk = at(n).disk;
    if (!carry_out_write(disk.state, w.what))
        throw violation("node " + std::to_string(n + 1) + " writes a log with a hole");
    if (disk.state.applied < disk.state.trimmed)
        throw violation("the log was trimmed beyond what the tables hold");
    if (w.tables)
        disk.tables = w.tables;
    watcher_.on_disk(n, w.what, w.incarnation == at(n).incarnation);
}

} // namespace registry_sim
