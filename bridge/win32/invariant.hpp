// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bridge::win32 {

/// Prints "file:line: invariant failed: expression" to standard error and aborts.
[[noreturn]] void invariant_failed(const char* expression, const char* file, int line) noexcept;

} // namespace bridge::win32

/// For what only a mistake of ours can break, in every build: aborts with place and expression.
/// Never for anything that a peer, a file or the cluster decides.
#define BRIDGE_INVARIANT(expression)                                                               \
    (static_cast<bool>(expression)                                                                 \
         ? static_cast<void>(0)                                                                    \
         : ::bridge::win32::invariant_failed(#expression, __FILE__, __LINE__))
