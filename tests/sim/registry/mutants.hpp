// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The rules of the protocol that can be broken one by one, to test the tests.
namespace registry_sim {

struct mutant {
    std::string_view name;
    std::vector<bool*> rules; ///< switched on together
    int nodes = 0;            ///< of the runs that look for it; 0: drawn
    int profile = -1;         ///< of faults; -1: drawn
    std::size_t half_rule_voters = 2;
};

const std::vector<mutant>& mutants();

void break_rules(const mutant& m);
void keep_all_rules();

} // namespace registry_sim
