// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/simulation.hpp"

#include <algorithm>

namespace registry_sim {

namespace {

int draw_nodes(std::uint64_t seed) {
    static constexpr std::array<int, 16> sizes{3, 2, 3, 5, 3, 2, 4, 3, 3, 2, 3, 5, 2, 3, 4, 1};
    return sizes[(seed * 0x9E3779B97F4A7C15ULL) >> 60];
}

/// One cluster of four; not from the run's own numbers, so that the other three stay what they
/// were.
bool draw_last_man_standing(std::uint64_t seed) {
    return (seed * 0xBF58476D1CE4E5B9ULL) >> 62 == 0;
}

} // namespace

simulation::simulation(const run_options& o)
    : options(o), check(current),
      cluster(o.seed, o.nodes != 0 ? o.nodes : draw_nodes(o.seed), check) {
    current = &cluster;
    cluster.trace = o.trace || o.trace_messages;
    cluster.trace_messages = o.trace_messages;
    check.model.enabled = o.oracle;
    check.model.begin(static_cast<int>(cluster.nodes.size()));
    if (o.calm)
        return;
    const std::uint64_t profile =
        o.profile >= 0 ? static_cast<std::uint64_t>(o.profile) : cluster.below(8);
    cluster.last_man_standing = cluster.nodes.size() >= 3 && draw_last_man_standing(o.seed);
    climate& w = cluster.weather;
    w.slow_disks = cluster.chance(0.5);
    w.tie_breaker = cluster.chance(0.5);
    habits_.pace = cluster.between(150 * millisecond, 2500 * millisecond);
    habits_.client_pace = cluster.between(5 * millisecond, 80 * millisecond);
    switch (profile) {
    case 0: // processes only
        habits_.splits = habits_.power = habits_.disks = false;
        break;
    case 1: // network only
        habits_.kills = habits_.disks = habits_.stops = habits_.power = false;
        break;
    case 2: // what the group does not promise
        w.drop = 0.002;
        w.corrupt = 0.001;
        w.reorder = 0.01;
        w.ragged = 0.1;
        break;
    case 3: // disks
        habits_.splits = false;
        w.slow_disks = true;
        break;
    case 4: // quick restarts
        habits_.pauses = habits_.splits = false;
        habits_.pace = cluster.between(50 * millisecond, 500 * millisecond);
        break;
    case 5:
        // Of two voters, which may be all that are left, none may lose what it has.
        habits_.wipes = cluster.nodes.size() >= 3 && !cluster.last_man_standing;
        break;
    case 6:
        habits_.ghosts = true;
        w.ragged = 0.05;
        break;
    default: // everything
        w.drop = 0.0005;
        break;
    }
}

void simulation::start_all() {
    for (int n = 0; n < static_cast<int>(cluster.nodes.size()); ++n)
        cluster.call(cluster.between(0, 300 * millisecond), [this, n] { cluster.start(n); });
    cluster.ring_changes_in(millisecond);
}

void simulation::trouble() {
    start_all();
    cluster.call(50 * millisecond, [this] { client(); });
    cluster.call(cluster.between(300 * millisecond, second), [this] { nemesis(); });
    while (cluster.steps < options.events && cluster.now < 200 * second && cluster.turn()) {
    }
}

// ---- clients

void simulation::client() {
    if (calm_)
        return;
    cluster.call(cluster.between(habits_.client_pace / 4, habits_.client_pace * 2),
                 [this] { client(); });
    const int n = any();
    if (!cluster.nodes[static_cast<std::size_t>(n)].running)
        return;
    if (cluster.chance(0.4)) {
        check.read(n);
        return;
    }
    operation o;
    o.unique = ++unique_;
    o.what = static_cast<command>(cluster.below(4));
    o.key = static_cast<std::uint8_t>(cluster.below(8));
    o.value = static_cast<std::uint32_t>(unique_);
    if (o.what == command::add_if) {
        const auto& node = cluster.nodes[static_cast<std::size_t>(n)];
        o.guard = node.state->now.counters[o.key % 2];
        o.value = 1;
    }
    check.write(n, o);
}

// ---- faults

void simulation::split() {
    std::vector<int> labels(cluster.nodes.size());
    const std::uint64_t how = cluster.below(4);
    for (int& l : labels)
        l = how == 0 ? 0 : static_cast<int>(cluster.below(how + 1));
    cluster.set_net(labels);
    if (cluster.nodes.size() == 2 && labels[0] != labels[1] && cluster.chance(0.6)) {
        // One of the two shoots the other.
        const int loser = any();
        cluster.call(cluster.between(500 * millisecond, 3 * second), [this, loser] {
            if (calm_ || cluster.nodes[0].net == cluster.nodes[1].net)
                return;
            cluster.crash(loser, true);
            cluster.confirm_dead(loser);
            cluster.call(cluster.between(second, 4 * second), [this, loser] {
                cluster.power_on(loser);
                cluster.start(loser);
            });
        });
    }
    // One-way loss makes rings come and go.
    if (cluster.chance(0.2))
        for (int i = 1; i <= 3; ++i)
            cluster.call(i * cluster.between(300 * millisecond, 1500 * millisecond), [this] {
                if (calm_)
                    return;
                std::vector<int> again(cluster.nodes.size(), 0);
                if (cluster.chance(0.5))
                    again[static_cast<std::size_t>(any())] = 1;
                cluster.set_net(again);
            });
}

void simulation::disturb_disk(int n) {
    sim_disk& disk = cluster.nodes[static_cast<std::size_t>(n)].disk;
    switch (cluster.below(3)) {
    case 0:
        disk.slow_until = cluster.now + cluster.between(second, 5 * second);
        cluster.say(n, "has a slow disk");
        break;
    case 1:
        disk.full = true;
        cluster.say(n, "has a full disk");
        if (cluster.chance(0.5))
            cluster.feed(n, room_changed{false});
        cluster.call(cluster.between(second, 6 * second), [this, n] {
            cluster.nodes[static_cast<std::size_t>(n)].disk.full = false;
            cluster.say(n, "has space again");
            cluster.feed(n, room_changed{true});
        });
        break;
    default:
        disk.broken = true;
        cluster.say(n, "has a disk that breaks");
    }
}

void simulation::disturb(int n) {
    const auto restart = [this, n] {
        const nanoseconds most = cluster.chance(0.5) ? 200 * millisecond : 4 * second;
        cluster.call(cluster.between(2 * millisecond, most), [this, n] {
            cluster.power_on(n);
            cluster.start(n);
        });
    };
    const sim_node& node = cluster.nodes[static_cast<std::size_t>(n)];
    if (!node.running) {
        if (habits_.wipes && !wiped_ && cluster.chance(0.5)) {
            wiped_ = true;
            cluster.wipe(n);
            check.model.wiped(n);
        }
        cluster.power_on(n);
        return cluster.start(n);
    }
    if (node.paused || node.host_paused)
        return cluster.resume(n);
    switch (cluster.below(7)) {
    case 0:
        if (habits_.kills) {
            cluster.crash(n, false);
            restart();
        }
        return;
    case 1:
        if (habits_.power) {
            cluster.crash(n, true);
            if (cluster.chance(0.3))
                cluster.confirm_dead(n);
            restart();
        }
        return;
    case 2:
    case 3:
        if (habits_.pauses) {
            cluster.pause(n, cluster.chance(0.4));
            cluster.call(cluster.between(10 * millisecond, 6 * second),
                         [this, n] { cluster.resume(n); });
        }
        return;
    case 4:
        if (habits_.stops) {
            cluster.stop_clean(n);
            restart();
        }
        return;
    case 5:
        if (habits_.reconnects)
            cluster.reconnect(n);
        return;
    default:
        if (habits_.disks)
            disturb_disk(n);
        else if (habits_.ghosts)
            cluster.add_ghost(n);
    }
}

void simulation::nemesis() {
    if (calm_)
        return;
    cluster.call(cluster.between(habits_.pace / 4, habits_.pace * 2), [this] { nemesis(); });
    if (habits_.splits && cluster.chance(0.35))
        return split();
    if (cluster.chance(0.05)) // all at once
        for (int n = 0; n < static_cast<int>(cluster.nodes.size()); ++n)
            disturb(n);
    else
        disturb(any());
}

// ---- the end

void simulation::heal(bool everyone) {
    calm_ = true;
    cluster.weather = {};
    cluster.say(-1, "everything is repaired");
    cluster.set_net(std::vector<int>(cluster.nodes.size(), 0));
    for (int n = 0; n < static_cast<int>(cluster.nodes.size()); ++n) {
        sim_disk& disk = cluster.nodes[static_cast<std::size_t>(n)].disk;
        disk.slow_until = 0;
        disk.broken = false;
        cluster.disk_goes_on(n);
        if (disk.full) {
            disk.full = false;
            cluster.feed(n, room_changed{true});
        }
        if (everyone) {
            cluster.power_on(n);
            cluster.resume(n);
            cluster.start(n);
        }
    }
}

bool simulation::agree(const std::vector<int>& who, nanoseconds within) {
    const nanoseconds end = cluster.now + within;
    while (cluster.now < end) {
        cluster.run_for(100 * millisecond);
        const bool all = std::all_of(who.begin(), who.end(), [&](int n) {
            return cluster.stepping(n) && cluster.inside(n).may_serve() &&
                   cluster.inside(n).run->core.size() == who.size();
        });
        if (all)
            return true;
    }
    return false;
}

bool simulation::write_succeeds(int n, nanoseconds within) {
    operation o;
    o.unique = ++unique_;
    o.value = static_cast<std::uint32_t>(unique_);
    const ticket call = check.write(n, o);
    const nanoseconds end = cluster.now + within;
    while (cluster.now < end && !check.answered(call))
        cluster.run_for(10 * millisecond);
    return check.succeeded(call);
}

int simulation::writes(int n, int count) {
    int done = 0;
    for (int i = 0; i < count; ++i)
        done += write_succeeds(n, 10 * second) ? 1 : 0;
    return done;
}

namespace {

bool further(const durable_state& a, const durable_state& b) {
    return std::pair(a.installed, last_position(a).index) >
           std::pair(b.installed, last_position(b).index);
}

bool most(const std::vector<voter>& electorate, const std::vector<const sim_node*>& here) {
    std::size_t have = 0;
    for (const sim_node* node : here)
        have += static_cast<std::size_t>(std::count(electorate.begin(), electorate.end(),
                                                    voter{node->id, node->disk.state.store}));
    return 2 * have > electorate.size();
}

/// Whether those here hold a majority of everyone who may count as far as these know: of the voters
/// of the furthest epoch, and of those before it unless one of them saw it active.
bool majority_known_to(const std::vector<const sim_node*>& these,
                       const std::vector<const sim_node*>& here) {
    const durable_state* base = &these.front()->disk.state;
    for (const sim_node* node : these)
        if (further(node->disk.state, *base))
            base = &node->disk.state;
    const bool seen_active = std::any_of(these.begin(), these.end(), [&](const sim_node* node) {
        const durable_state& d = node->disk.state;
        return d.installed == base->installed && d.known_voters == base->voters;
    });
    return base->lineage != random_id{} && most(base->voters, here) &&
           (seen_active || most(base->known_voters, here));
}

} // namespace

/// By what everyone knows, and by what these do: that an epoch became active, or a registry began,
/// may be known only to a node that is down. Then they wait for it, and have to.
bool simulation::majority(const std::vector<int>& who) const {
    std::vector<const sim_node*> all, here;
    for (const sim_node& node : cluster.nodes)
        all.push_back(&node);
    for (const int n : who)
        here.push_back(all[static_cast<std::size_t>(n)]);
    return majority_known_to(all, here) && majority_known_to(here, here);
}

std::string simulation::why_not_active(int n) const {
    return cluster.stepping(n) ? cluster.inside(n).why_not_active(time_point(0)) : "not running";
}

/// With a majority up and nothing happening for a while a write succeeds.
void simulation::survivors() {
    const std::size_t count = cluster.nodes.size();
    std::vector<int> up;
    for (int n = 0; n < static_cast<int>(count); ++n) {
        cluster.power_on(n);
        cluster.resume(n);
        if (up.size() * 2 <= count)
            up.push_back(n);
    }
    const int shift = any();
    for (int& n : up)
        n = (n + shift) % static_cast<int>(count);
    for (int n = 0; n < static_cast<int>(count); ++n)
        if (std::find(up.begin(), up.end(), n) == up.end())
            cluster.crash(n, true);
        else
            cluster.start(n);
    // A clean stop may have been on its way.
    cluster.run_for(second);
    for (const int n : up)
        cluster.start(n);
    cluster.run_for(10 * second);
    if (!majority(up))
        return;
    cluster.run_for(10 * second);
    const int n = up[cluster.below(up.size())];
    if (!write_succeeds(n, 10 * second))
        throw violation("a majority is up and quiet, and node " + std::to_string(n + 1) +
                        " takes no write: " + why_not_active(n));
}

void simulation::settle() {
    const bool some_first = cluster.nodes.size() >= 3 && cluster.chance(0.3);
    heal(!some_first);
    if (some_first)
        survivors();
    heal(true);
    // A clean stop may have been on its way.
    cluster.run_for(second);
    heal(true);
    std::vector<int> all;
    for (int n = 0; n < static_cast<int>(cluster.nodes.size()); ++n)
        all.push_back(n);
    if (!agree(all, 60 * second)) {
        std::string text = "the nodes do not agree after everything was repaired:";
        for (const int n : all)
            text += " [" + std::to_string(n + 1) + "] " + why_not_active(n);
        throw violation(text);
    }
    for (const int n : all)
        if (!write_succeeds(n, 10 * second))
            throw violation("node " + std::to_string(n + 1) + " takes no write in the end");
    cluster.run_for(second);
    check.finish(true);
}

run_result simulate(const run_options& options) {
    run_result result;
    simulation s(options);
    try {
        s.trouble();
        s.settle();
    } catch (const violation& v) {
        result.failed = true;
        result.what = v.what();
    }
    result.steps = s.cluster.steps;
    result.done = s.check.done;
    result.epochs = s.check.model.epochs_planned;
    return result;
}

} // namespace registry_sim
