// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/disks.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bridge::storage {

/// Most bytes of a report: below what a frame between daemons carries.
inline constexpr std::size_t max_report_bytes = 768U << 10;

/// What fits of `all`: no list above the limits of bridge/model/disks.hpp, no text longer than
/// max_disk_text, the whole at most max_report_bytes; what does not fit is left out from the end.
model::node_disks bounded(model::node_disks all);

/// Body of a message on ports::channel::disks; `report` is bounded().
std::vector<std::byte> encode_report(std::uint32_t node, const model::node_disks& report);

/// nullopt when it breaks a limit, is cut short or too long, holds text that is no printable UTF-8,
/// or is not about `sender`: a node speaks only for itself.
std::optional<model::node_disks> decode_report(std::span<const std::byte> body,
                                               std::uint32_t sender);

/// Printable UTF-8 of at most max_disk_text bytes; what is neither becomes '?'.
std::string clean_text(std::string_view raw);

} // namespace bridge::storage
