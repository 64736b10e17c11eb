// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/node_agent.hpp"

#include <string>

namespace sgpr::validate {

/// Evidence for people: "PERSISTENT RESERVE OUT, RESERVE, key 0x..., type 5, through /dev/sg3".
/// `disk` may be nullptr.
[[nodiscard]] std::string describe(const request& what, const disk_facts* disk);
/// "GOOD", the sense, or what was read.
[[nodiscard]] std::string describe(const request& what, const answer& got);
[[nodiscard]] std::string describe(const reservation_picture& what);

} // namespace sgpr::validate
