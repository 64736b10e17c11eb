// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/context.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace sgpr::validate {

struct plan {
    std::vector<std::string> disks{}; ///< ids; empty: all that every node sees
    std::set<std::string> only{};     ///< test ids; empty: all
    std::set<std::string> i_know{};   ///< ids of disks in use that may be changed all the same
};

struct progress {
    std::size_t done = 0;
    std::size_t of = 0;
    std::string test{};
    std::string disk{};
    const test_result* ended = nullptr; ///< set when a test has ended
};

/// Runs the plan over the agents, one test on one disk after the other; whatever a test left is
/// undone before the next. With `stop` set the rest is reported as cancelled.
[[nodiscard]] report run(const std::vector<node_agent*>& agents, const plan& what, clock& time,
                         const std::atomic<bool>& stop,
                         const std::function<void(const progress&)>& tell);

} // namespace sgpr::validate
