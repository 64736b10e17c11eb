// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace bridge::daemon {

/// Writes `{"epm_port": N or null, "clusapi_port": N, "pid": N}` as a whole (written aside, then
/// renamed), so that a reader never sees half of it. Throws std::runtime_error when it cannot.
void write_ready_file(const std::filesystem::path& file, std::optional<std::uint16_t> epm_port,
                      std::uint16_t clusapi_port);

} // namespace bridge::daemon
