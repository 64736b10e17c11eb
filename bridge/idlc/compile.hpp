// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/emit.hpp"
#include "bridge/idlc/resolver.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bridge::idlc {

/// What to make of which file.
struct request {
    std::filesystem::path input;
    std::vector<std::filesystem::path> import_directories; ///< tried after the importing file's own
    std::string name;                                      ///< of namespace and files
    std::size_t parts = 1;                                 ///< number of method files, at least 1
    secret_names secrets;
};

/// A generated file: name below the output directory ("gen/clusapi3.hpp") and text.
using generated_file = std::pair<std::string, std::string>;

/// Reads the input and what it imports, and generates every file. Throws error for mistakes in the
/// IDL and std::runtime_error for files that cannot be read.
std::vector<generated_file> compile(const request& wanted);

} // namespace bridge::idlc
