// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/failure.hpp"

namespace sgpr {

/// Of an answer that contradicts itself or ends too early.
[[nodiscard]] inline failure malformed() {
    return {.code = errc::malformed};
}

} // namespace sgpr
