// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/machine_impl.hpp"
#include "tests/sim/registry/values_state.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

/// A cluster of machines in virtual time: group, disks, processes. Everything follows from the
/// seed.
namespace bridge::registry {

/// Lets the checkers look into a machine.
struct machine_probe {
    using impl = machine::impl;
    static const impl& of(const machine& m) { return *m.impl_; }
};

} // namespace bridge::registry

namespace registry_sim {

using namespace bridge::registry;

using nanoseconds = std::int64_t;
inline constexpr nanoseconds microsecond = 1'000;
inline constexpr nanoseconds millisecond = 1'000'000;
inline constexpr nanoseconds second = 1'000'000'000;

/// A promise of the protocol is broken.
struct violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What can go wrong, and how often; drawn from the seed.
struct climate {
    double drop = 0;    ///< multicast that vanishes
    double corrupt = 0; ///< delivery with a flipped byte
    double reorder = 0; ///< two messages change places, at one member only
    double ragged = 0;  ///< messages lost at a change of the ring, at some members only
    bool slow_disks = false;
    bool tie_breaker = true; ///< half of an even cluster that has the lowest node is quorate
};

/// Sees all that is durable, sent and done: the checkers.
class observer {
public:
    virtual ~observer() = default;
    virtual void started(int node) = 0;
    virtual void died(int node) = 0;
    /// `current`: asked for by the incarnation that is there now.
    virtual void on_disk(int node, const journal_write& what, bool current) = 0;
    virtual void sent(int node, const message& m) = 0;
    virtual void stepped(int node) = 0;
    virtual void applied(int node, const log_entry& e) = 0;
    virtual void replaced(int node, std::uint64_t index) = 0;
    virtual void committed(int node, const proposal_committed& what) = 0;
    virtual void refused(int node, const proposal_refused& what) = 0;
    virtual void read(int node, const read_answered& what) = 0;
};

struct ring_item {
    process_id from;
    std::shared_ptr<const std::vector<std::byte>> bytes; ///< null: the group changed
    std::vector<process_id> members;                     ///< then
    departure why = departure::node_lost;                ///< of who left
};

struct ring {
    ring_id id;
    std::vector<int> nodes;
    std::vector<process_id> group; ///< after all items
    std::vector<ring_item> items;
};

struct disk_write {
    std::uint64_t number = 0;
    journal_write what;
    std::shared_ptr<const std::vector<std::byte>> tables; ///< with what.rows
    random_id incarnation{};                              ///< that asked for it
};

struct sim_disk {
    durable_state state;
    std::shared_ptr<const std::vector<std::byte>> tables;
    std::deque<disk_write> queue;
    bool full = false;
    bool broken = false; ///< the next write fails
    nanoseconds slow_until = 0;
    nanoseconds last_done = 0;
};

struct sim_node {
    node_id id = 0;
    int net = 0;          ///< nodes of the same number reach each other
    bool running = false; ///< the process
    bool paused = false;  ///< the process
    bool host_up = true;
    bool host_paused = false; ///< corosync and process stand still
    bool may_start = true;
    std::uint32_t pid = 100;
    std::uint32_t life = 0;
    random_id incarnation{};
    bool in_group = false; ///< joined, as delivered
    nanoseconds clock_offset = 0;
    nanoseconds tick_at = -1;
    nanoseconds last_send = 0, last_delivery = 0;
    std::unique_ptr<values_state> state;
    std::unique_ptr<machine> engine;
    std::deque<std::pair<input, std::shared_ptr<const std::vector<std::byte>>>> inbox;
    sim_disk disk;
    std::size_t expected = 0; ///< votes that its corosync expects
    quorum_changed told;      ///< last
    std::shared_ptr<ring> on;
    std::size_t cursor = 0;
    std::vector<process_id> last_view;
    std::set<process_id> ghosts;
    std::uint64_t tables_index = 0;
    bool told_room = true;
};

class world {
public:
    world(std::uint64_t seed, int nodes, observer& watcher);
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    // control
    void start(int n);
    void crash(int n, bool host);
    void stop_clean(int n);
    void power_on(int n);
    void pause(int n, bool host);
    void resume(int n);
    void reconnect(int n); ///< corosync restarts: the connection breaks, a new incarnation joins
    void set_net(const std::vector<int>& labels);
    void confirm_dead(int n);
    void add_ghost(int n);
    void disk_goes_on(int n); ///< what waits is done soon
    void wipe(int n);         ///< stopped node
    void ring_changes_in(nanoseconds delay);
    void call(nanoseconds delay, std::function<void()> what);

    /// Next event; false: none is left.
    bool turn();
    void run_for(nanoseconds time);
    void feed(int n, const input& in,
              std::shared_ptr<const std::vector<std::byte>> bytes = nullptr);

    [[nodiscard]] bool stepping(int n) const {
        return nodes[static_cast<std::size_t>(n)].running &&
               !nodes[static_cast<std::size_t>(n)].paused &&
               !nodes[static_cast<std::size_t>(n)].host_paused;
    }
    [[nodiscard]] const machine_probe::impl& inside(int n) const {
        return machine_probe::of(*nodes[static_cast<std::size_t>(n)].engine);
    }
    [[nodiscard]] nanoseconds clock_of(int n) const {
        return now + nodes[static_cast<std::size_t>(n)].clock_offset;
    }
    [[nodiscard]] int index_of(node_id id) const;
    void say(int n, const std::string& text) const;

    std::uint64_t random() { return rng_(); }
    std::uint64_t below(std::uint64_t limit) { return rng_() % limit; }
    nanoseconds between(nanoseconds least, nanoseconds most) {
        return least +
               static_cast<nanoseconds>(below(static_cast<std::uint64_t>(most - least) + 1));
    }
    bool chance(double p) { return static_cast<double>(rng_() >> 11) * 0x1p-53 < p; }
    random_id fresh_id();

    nanoseconds now = 0;
    std::uint64_t steps = 0;
    bool trace = false;
    bool trace_messages = false;
    bool last_man_standing = false; ///< corosync's option
    climate weather;
    std::vector<sim_node> nodes;
    machine_settings settings;
    std::size_t padding = 0;      ///< bytes that make saved states larger
    std::string expected_failure; ///< a machine may give up with this reason
    /// Decides whether this delivery is lost; for guided scenarios.
    std::function<bool(int from, int to, const message&)> lose;

private:
    enum class happening : std::uint8_t { tick, sequence, deliver, disk, quorum, reform, function };
    struct event {
        nanoseconds at = 0;
        std::uint64_t order = 0;
        happening what{};
        int node = 0;
        std::uint32_t life = 0;
        std::uint64_t a = 0;
        std::shared_ptr<void> p{};
        bool operator<(const event& o) const { return at != o.at ? at > o.at : order > o.order; }
    };

    void schedule(event e);
    void carry_out(const event& e);
    sim_node& at(int n) { return nodes[static_cast<std::size_t>(n)]; }
    void step(int n, const input& in);
    void describe(int n, const input& in) const;
    void act(int n, action& a);
    void schedule_tick(int n);

    // group (world_group.cpp)
    void multicast_from(int n, std::vector<std::byte> bytes);
    void sequence(int n, std::shared_ptr<const std::vector<std::byte>> bytes);
    void append_item(const std::shared_ptr<ring>& r, ring_item item);
    void schedule_delivery(int n, const std::shared_ptr<ring>& r, std::size_t index);
    void deliver(int n, const std::shared_ptr<ring>& r, std::size_t index);
    void hand_over(int n, const ring& r, const ring_item& item);
    void group_leaves(int n, process_id who, departure why, nanoseconds delay);
    void group_joins(int n);
    void reform();
    void form_ring(const std::vector<int>& members);
    void move_over(const std::vector<int>& together, const std::shared_ptr<ring>& from);
    void schedule_quorum(int n, const std::shared_ptr<ring>& r);
    quorum_changed quorum_of(int n, const ring& r) const;
    void expect_votes(const std::shared_ptr<ring>& r);

    // disk (world_disk.cpp)
    void queue_write(int n, write_journal w);
    void disk_turn(int n);
    void apply(int n, const disk_write& w);

    observer& watcher_;
    std::mt19937_64 rng_;
    std::priority_queue<event> queue_;
    std::uint64_t order_ = 0;
    std::uint64_t ring_number_ = 0;
    std::vector<action> actions_;
};

} // namespace registry_sim
