// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/ownership/world.hpp"

#include <cstdint>
#include <string>

namespace ownership_sim {

struct run_options {
    std::uint64_t seed = 1;
    int weather = -1; ///< 0 calm, 1 windy, 2 wild; -1: drawn from the seed
    std::chrono::seconds length{90};
    bool trace = false;
    bool trace_commands = false;
};

struct run_result {
    bool failed = false;
    std::string what;
    std::uint64_t steps = 0, writes = 0, refused_writes = 0, acquired = 0, losses = 0, refusals = 0,
                  preempted = 0, restarts = 0, unprotected = 0;
};

run_result simulate(const run_options& options);

} // namespace ownership_sim
