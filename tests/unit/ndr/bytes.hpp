// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace bridge::test_ndr {

/// Octets written as numbers.
inline std::vector<std::byte> octets(std::initializer_list<unsigned> values) {
    std::vector<std::byte> out;
    for (const unsigned v : values)
        out.push_back(static_cast<std::byte>(v));
    return out;
}

} // namespace bridge::test_ndr
