// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bridge::daemon {

/// Raises the number of descriptors that this process may open to the most that it may ask for
/// (RLIMIT_NOFILE, soft to hard). Returns what is allowed from now on.
std::uint64_t raise_descriptor_limit();

} // namespace bridge::daemon
