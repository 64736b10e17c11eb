// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// The rules of ownership that can be broken one by one, to test the simulation.
namespace ownership_sim {

struct mutant {
    std::string_view name;
    bool* rule = nullptr;
    std::uint64_t within = 0; ///< runs in which the simulation has to notice it
    std::string_view like;    ///< who is known to do this
};

const std::vector<mutant>& mutants();

void break_rule(const mutant& m);
void keep_all_rules();

} // namespace ownership_sim
