// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/catalog.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace sgpr::validate {
namespace {

using std::chrono::milliseconds;

const std::string look_at_reservations =
    "If the test of persistent reservations passed, look at latency and at other software that "
    "registers keys (fence_scsi, multipath's reservation_key); else solve that one first.";

constexpr milliseconds longest_arbitration{45'000};

/// One node's wish for one disk.
struct contender {
    std::size_t node = 0;
    std::string disk;
    ownership_state state = ownership_state::none;
    time_point due{};
};

void begin(context& on, contender& one) {
    request what{.what = verb::own_begin, .disk = one.disk, .own = context::key_of(one.node)};
    one.state = on.ask(one.node, std::move(what)).ownership;
    one.due = on.time().now();
}

void step(context& on, contender& one) {
    const auto got = on.ask(one.node, {.what = verb::own_step, .disk = one.disk});
    one.state = got.failed ? ownership_state::failed : got.ownership;
    one.due = on.time().now() + milliseconds(got.again_ms);
}

bool undecided(const contender& one) {
    return one.state == ownership_state::acquiring;
}

/// Owners defend and challengers challenge, each when it wants, until all are decided.
void let_them_contend(context& on, std::vector<contender>& all) {
    const auto end = on.time().now() + longest_arbitration;
    while (std::any_of(all.begin(), all.end(), undecided) && on.time().now() < end &&
           !on.stopped()) {
        const auto next = std::min_element(
            all.begin(), all.end(), [](const auto& x, const auto& y) { return x.due < y.due; });
        const auto now = on.time().now();
        if (next->due > now) {
            on.time().sleep_for(std::min<duration>(next->due - now, milliseconds(200)));
            continue;
        }
        step(on, *next);
        if (next->state != ownership_state::acquiring && next->state != ownership_state::owned) {
            next->due = end; // decided: nothing more to do
        }
    }
}

void give_up(context& on, const std::vector<contender>& all) {
    for (const auto& one : all) {
        static_cast<void>(on.ask(one.node, {.what = verb::own_end, .disk = one.disk}));
    }
}

std::size_t owners(const std::vector<contender>& all) {
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const auto& one) {
        return one.state == ownership_state::owned;
    }));
}

void disk_arbitration(context& on) {
    if (!start_clean(on)) {
        return;
    }
    for (std::size_t owner = 0; owner < on.nodes() && !on.stopped(); ++owner) {
        std::vector<contender> all{{owner, on.disk_id()}};
        begin(on, all[0]);
        let_them_contend(on, all);
        on.expect(owners(all) == 1, "Node " + on.facts(owner).name + " cannot own the free disk.",
                  look_at_reservations);
        for (std::size_t other = 0; other < on.nodes() && owners(all) == 1; ++other) {
            if (other == owner || on.stopped()) {
                continue;
            }
            all.resize(1);
            all.push_back({other, on.disk_id()});
            begin(on, all[1]);
            let_them_contend(on, all);
            on.expect(all[1].state == ownership_state::refused,
                      "Node " + on.facts(other).name + " was not refused the disk that " +
                          on.facts(owner).name + " owns.",
                      look_at_reservations);
            on.expect(all[0].state == ownership_state::owned,
                      "Node " + on.facts(owner).name + " lost its disk to a challenge.",
                      look_at_reservations);
        }
        give_up(on, all);
    }
    on.passed("Every node owned the disk and kept it against every other.");
}

void multiple_arbitration(context& on) {
    if (!start_clean(on)) {
        return;
    }
    std::vector<contender> all;
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        all.push_back({n, on.disk_id()});
        begin(on, all.back());
    }
    let_them_contend(on, all);
    on.expect(owners(all) == 1,
              "Of " + std::to_string(all.size()) + " nodes that wanted the disk at once " +
                  std::to_string(owners(all)) + " got it; it must be one.",
              look_at_reservations);
    give_up(on, all);
    on.passed("All nodes wanted the disk at once; one got it.");
}

bytes contents(std::size_t node, std::size_t disk) {
    bytes data(16384);
    std::uint32_t state = static_cast<std::uint32_t>(0x9e3779b9U * (node * 251 + disk + 1));
    for (auto& byte : data) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    return data;
}

/// The node gets the disk, and mounts it. False: said why.
bool take_over(context& on, contender& one) {
    std::vector<contender> alone{one};
    begin(on, alone[0]);
    let_them_contend(on, alone);
    one = alone[0];
    if (!on.expect(one.state == ownership_state::owned,
                   "Node " + on.facts(one.node).name + " does not get the disk.",
                   look_at_reservations)) {
        return false;
    }
    const auto online = on.ask(one.node, {.what = verb::online, .disk = one.disk});
    return on.expect(online.good(),
                     "Node " + on.facts(one.node).name + " cannot mount the disk's file systems.",
                     "See the evidence; check the file system and that the node has its driver.");
}

request file_request(verb what, const contender& one, bytes data) {
    request made{.what = what, .disk = one.disk, .data = std::move(data)};
    made.file = validation_file;
    return made;
}

bool has_volume(const context& on, const std::string& disk) {
    const auto* facts = on.facts(0).find(disk);
    return facts != nullptr &&
           std::any_of(facts->volumes.begin(), facts->volumes.end(),
                       [](const volume_facts& one) { return !one.file_system.empty(); });
}

void leave(context& on, const contender& one, bool remove) {
    if (remove) {
        static_cast<void>(on.ask(one.node, file_request(verb::delete_file, one, {})));
    }
    on.expect(on.ask(one.node, {.what = verb::offline, .disk = one.disk}).good(),
              "The disk cannot be unmounted on " + on.facts(one.node).name + ".", "");
    static_cast<void>(on.ask(one.node, {.what = verb::own_end, .disk = one.disk}));
}

/// All `disks` go from node to node; each finds the file of the one before.
void fail_over(context& on, const std::vector<std::string>& disks) {
    for (std::size_t turn = 0; turn <= on.nodes() && !on.stopped(); ++turn) {
        const auto node = turn % on.nodes();
        std::vector<contender> all;
        for (const auto& disk : disks) {
            all.push_back({node, disk});
            on.set_disk(disk);
            if (!take_over(on, all.back())) {
                return;
            }
        }
        for (std::size_t d = 0; d < all.size(); ++d) {
            const bool mounted = has_volume(on, all[d].disk);
            if (mounted && turn > 0) {
                const auto before = contents((turn - 1) % on.nodes(), d);
                on.expect(on.ask(node, file_request(verb::verify_file, all[d], before)).good(),
                          "Node " + on.facts(node).name +
                              " does not read the file that the node before it wrote.",
                          "The nodes do not see the same data: write cache of the array, a "
                          "snapshot, or two units with one identifier.");
            }
            if (mounted && turn < on.nodes()) {
                on.expect(
                    on.ask(node, file_request(verb::write_file, all[d], contents(node, d))).good(),
                    "Node " + on.facts(node).name + " cannot write to a disk that it owns.",
                    look_at_reservations);
            }
            leave(on, all[d], mounted && turn == on.nodes());
        }
    }
}

void disk_failover(context& on) {
    if (!has_volume(on, on.disk_id())) {
        on.not_applicable("The disk has no file system that could be failed over.");
        return;
    }
    if (start_clean(on)) {
        fail_over(on, {on.disk_id()});
        on.passed("The disk went round all nodes; each read what the one before it wrote.");
    }
}

void simultaneous_failover(context& on) {
    std::vector<std::string> disks;
    for (const auto& one : on.selected) {
        on.set_disk(one);
        if (has_volume(on, one) && start_clean(on)) {
            disks.push_back(one);
        }
    }
    if (disks.size() < 2) {
        on.not_applicable("Fewer than two of the disks have a file system.");
        return;
    }
    fail_over(on, disks);
    for (const auto& one : disks) {
        on.set_disk(one);
        on.clean_up();
    }
    on.passed(std::to_string(disks.size()) + " disks went round all nodes together.");
}

} // namespace

std::vector<test> ownership_tests() {
    return {
        {{"disk-arbitration", "Disk arbitration",
          "Every node can own the disk, and an owner keeps it against every other node.", true,
          true},
         2,
         disk_arbitration},
        {{"multiple-arbitration", "Multiple arbitration",
          "All nodes want the disk at once: exactly one gets it.", true, true},
         2,
         multiple_arbitration},
        {{"disk-failover", "Disk failover",
          "The disk goes round all nodes; each reads the file that the one before it wrote.", true,
          true},
         2,
         disk_failover},
        {{"simultaneous-failover", "Simultaneous failover", "The same with all disks together.",
          true, false},
         2,
         simultaneous_failover},
    };
}

} // namespace sgpr::validate
