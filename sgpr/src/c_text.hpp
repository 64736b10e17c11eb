// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sgpr {

/// What a C library returned; empty for a null pointer.
[[nodiscard]] inline std::string text_of(const char* value) {
    return value == nullptr ? std::string() : std::string(value);
}

} // namespace sgpr
