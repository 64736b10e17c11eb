// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ndr/function_table.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace bridge::test_wire {

/// One folder of tests/wire/cases: a call of one method, its stubs as hex in both syntaxes and its
/// text.
struct wire_case {
    std::string name;
    std::filesystem::path folder;
    const ndr::function_entry* function = nullptr;
};

/// Shows a case in test output.
inline void PrintTo(const wire_case& c, std::ostream* out) {
    *out << c.name;
}

/// Every case, by name. Throws std::runtime_error for a folder that is not one.
std::vector<wire_case> load_cases();

/// The bytes of a hex file of the case ("in.ndr"); nullopt when the case has no such file.
std::optional<std::vector<std::byte>> stub(const wire_case& c, const std::string& file);

/// A text file of the case without its last line end.
std::string text(const wire_case& c, const std::string& file);

} // namespace bridge::test_wire
