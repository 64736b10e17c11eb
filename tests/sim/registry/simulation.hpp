// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/registry/checker.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace registry_sim {

struct run_options {
    std::uint64_t seed = 1;
    std::uint64_t events = 2000; ///< steps of machines before everything is healed
    int nodes = 0;               ///< 0: drawn
    bool trace = false;
    bool trace_messages = false;
    bool oracle = true; ///< compare with the model
    bool calm = false;  ///< no faults but those that are asked for
    int profile = -1;   ///< which kinds of faults; -1: drawn
};

struct run_result {
    bool failed = false;
    std::string what;
    std::uint64_t steps = 0;
    checker::counts done;
    std::size_t epochs = 0;
};

/// One run: faults and clients, healing, the end's checks.
run_result simulate(const run_options& options);

class simulation {
public:
    explicit simulation(const run_options& options);

    /// Faults and clients, for the given number of steps.
    void trouble();
    /// Everything is repaired; liveness and the final comparison.
    void settle();

    void heal(bool everyone);
    void start_all();
    /// Whether all nodes take part in one active epoch before the time is over.
    bool agree(const std::vector<int>& who, nanoseconds within);
    /// Writes through n, one after the other; how many succeeded.
    int writes(int n, int count);
    /// Whether a write through n succeeds before the time is over.
    bool write_succeeds(int n, nanoseconds within);

    run_options options;
    world* current = nullptr;
    checker check;
    world cluster;

private:
    void client();
    void nemesis();
    void disturb(int n);
    void disturb_disk(int n);
    void split();
    [[nodiscard]] std::string why_not_active(int n) const;
    void survivors();
    [[nodiscard]] bool majority(const std::vector<int>& who) const;
    int any() { return static_cast<int>(cluster.below(cluster.nodes.size())); }

    struct habits { ///< what the nemesis of this run does
        bool kills = true, pauses = true, splits = true, disks = true, stops = true, power = true;
        bool reconnects = true, ghosts = false, wipes = false;
        nanoseconds pace = second;
        nanoseconds client_pace = 30 * millisecond;
    } habits_;
    bool calm_ = false;
    bool wiped_ = false;
    std::uint64_t unique_ = 0;
};

} // namespace registry_sim
