// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/guard/guard_options.hpp"

namespace sgpr::guards {

/// Does what the options say; the exit status (see `status`). A reason goes to standard error.
[[nodiscard]] int run_verb(const guard_options& options);

} // namespace sgpr::guards
