// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/context.hpp"

#include <cstddef>
#include <vector>

namespace sgpr::validate {

/// A test: what it is, what it needs, and what it does. The runner sees to the needs.
struct test {
    test_info info;
    std::size_t min_nodes = 1;
    void (*run)(context& on) = nullptr;
};

/// All, in the order of a run: what changes nothing first.
[[nodiscard]] const std::vector<test>& catalog();

[[nodiscard]] std::vector<test> inventory_tests();
[[nodiscard]] std::vector<test> reservation_tests();
[[nodiscard]] std::vector<test> nexus_tests();
[[nodiscard]] std::vector<test> ownership_tests();
[[nodiscard]] std::vector<test> access_tests();

/// No registration and no reservation: unregisters all nodes and, if something is left, clears it.
/// False, and said so, if the disk cannot be brought there.
bool start_clean(context& on);

} // namespace sgpr::validate
