// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/invariant.hpp"

#include <cstdio>
#include <cstdlib>

namespace bridge::win32 {

void invariant_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "%s:%d: invariant failed: %s\n", file, line, expression);
    std::abort();
}

} // namespace bridge::win32
