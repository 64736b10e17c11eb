// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace bridge::idlc {

/// A place in an IDL text. `file` outlives the compilation (compilation::file_names). Lines and
/// columns count from 1.
struct location {
    const std::string* file = nullptr;
    unsigned line = 1;
    unsigned column = 1;
};

/// A mistake in the IDL text; what() is "file:line:column: error: message". Ends the compilation.
class error : public std::runtime_error {
public:
    error(const location& where, const std::string& message)
        : std::runtime_error((where.file != nullptr ? *where.file : std::string("<none>")) + ":" +
                             std::to_string(where.line) + ":" + std::to_string(where.column) +
                             ": error: " + message) {}
};

} // namespace bridge::idlc
