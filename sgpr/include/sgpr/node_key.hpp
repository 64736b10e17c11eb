// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/persistent_reservation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sgpr {

/// Low 16 bits of every key that this library makes, and of hardly any that others make.
inline constexpr std::uint16_t key_marker = 0xcb57;

/// Who a key belongs to. From the highest bit: cluster 24, node 16, boot 8, marker 16.
struct node_key {
    std::uint32_t cluster = 0; ///< cluster_hash(), 24 bits
    std::uint16_t node = 0;    ///< the cluster's number of the node
    std::uint8_t boot = 0;     ///< counts the boots of the node, wraps

    friend bool operator==(const node_key&, const node_key&) = default;
};

/// 24 bits of a cluster's identity (its GUID as text); the same on every machine and in every
/// release.
[[nodiscard]] std::uint32_t cluster_hash(std::string_view identity);

[[nodiscard]] key compose(const node_key& of);
/// Nothing: the key lacks our marker.
[[nodiscard]] std::optional<node_key> recognise(key value);

/// The same node of the same cluster, whatever its boot.
[[nodiscard]] bool same_node(key one, key other);
/// Marked, and of the same cluster.
[[nodiscard]] bool same_cluster(key one, key other);

/// For people: "0x00000a00010007cb57 (node 1, boot 7 of cluster 00000a)", "0x… (not ours)".
[[nodiscard]] std::string explain(key value);

} // namespace sgpr
