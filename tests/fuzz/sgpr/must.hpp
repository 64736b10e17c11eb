// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>

/// A property that a parser promises; a fuzzer that finds it broken stops here.
inline void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}
