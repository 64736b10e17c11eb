// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/secret.hpp"

#include <algorithm>
#include <cstdlib>
#include <nettle/memops.h>
#include <unistd.h>

namespace bridge::auth {

bool equal_secret(std::span<const std::byte> a, std::span<const std::byte> b) {
    return !a.empty() && a.size() == b.size() && memeql_sec(a.data(), b.data(), a.size()) != 0;
}

void fill_random(std::span<std::byte> out) {
    constexpr std::size_t most_a_call = 256; // getentropy(3)
    while (!out.empty()) {
        const std::size_t now = std::min(out.size(), most_a_call);
        if (getentropy(out.data(), now) != 0)
            std::abort();
        out = out.subspan(now);
    }
}

} // namespace bridge::auth
