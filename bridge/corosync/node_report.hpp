// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/membership.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bridge::corosync {

inline constexpr std::size_t max_links = 8;           ///< knet's
inline constexpr std::size_t max_cluster_nodes = 128; ///< CPG's
inline constexpr std::size_t max_report_text = 256;

/// What a daemon knows of its own node and nobody else can know: its adapters and how it sees its
/// links.
struct node_report {
    std::uint32_t node = 0;
    std::vector<model::link_address> addresses; ///< of this node
    std::vector<model::link_view> views;        ///< from this node

    bool operator==(const node_report&) const = default;
};

/// Body of a message on ports::channel::node_report.
std::vector<std::byte> encode_report(const node_report& report);

/// nullopt when it breaks a limit, repeats a link, is cut short or too long, holds control
/// characters, or is not about `sender`: a node speaks only for itself.
std::optional<node_report> decode_report(std::span<const std::byte> body, std::uint32_t sender);

} // namespace bridge::corosync
