// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sgpr {

/// Most entries of one folder that are looked at.
inline constexpr std::size_t max_folder_entries = 4096;

/// One attribute, at most 4096 bytes, without what is blank at its end; nothing if it cannot be
/// read.
[[nodiscard]] std::optional<std::string> read_attribute(const std::filesystem::path& file);

/// Names in a folder, sorted; empty if it cannot be read.
[[nodiscard]] std::vector<std::string> folder_names(const std::filesystem::path& folder);

/// "0x" and 16 hexadecimal digits, also without the "0x".
[[nodiscard]] std::optional<std::uint64_t> parse_address(const std::string& digits);

} // namespace sgpr
