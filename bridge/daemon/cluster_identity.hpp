// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/guid.hpp"

#include <filesystem>
#include <string_view>

namespace bridge::daemon {

/// The cluster's GUID: `configured` when it is not empty, else the one kept in `state_directory`,
/// which is made (random) and written durably when there is none. Throws std::runtime_error when
/// the text is no GUID or the file cannot be read or written: an identity that changes would break
/// every identifier that clients remember.
win32::guid cluster_identity(std::string_view configured,
                             const std::filesystem::path& state_directory);

} // namespace bridge::daemon
