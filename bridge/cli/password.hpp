// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace bridge::cli {

/// One line of standard input without its end; nullopt at the end of input.
std::optional<std::string> password_from_stdin();

/// Asks twice on the terminal without echo; nullopt without a terminal or when the two differ.
std::optional<std::string> password_from_terminal(const std::string& prompt);

} // namespace bridge::cli
