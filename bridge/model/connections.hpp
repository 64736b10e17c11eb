// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/resource_status.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Nodes that are reached through a resource: remote nodes, guest nodes, the replicas of bundles.
namespace bridge::model {

/// More replicas than these, over all bundles, are not looked for.
inline constexpr std::size_t max_replicas = 1000;

struct connection {
    std::string node; ///< the node's name; also the id of the connection's history
    /// What configures it: the connection itself, the guest's resource, or the bundle; null when
    /// it is no longer configured and its history is all that is left.
    const resource_facts* configured = nullptr;
    std::string container; ///< id of the container's history; empty for a remote node
    bool replica = false;
};

/// All of them: remote and guest nodes first, then replicas, then those only histories know.
/// Refers to `facts`.
std::vector<connection> connections_of(const cib_facts& facts);

/// The history is that of a connection.
bool is_connection(const history_facts& history);

struct connection_state {
    bool online = false;
    std::optional<std::int64_t> changes_at; ///< when a failure expires; seconds since 1970
};

/// `nodes`: the nodes that may run the connection or its container, in their present state.
connection_state state_of(const connection& which, const cib_facts& facts,
                          std::span<const status_node> nodes, std::int64_t now);

/// Something managed was active on the (guest) node when it was seen last.
bool anything_active(const cib_facts& facts, const node_status& status, std::int64_t now);

} // namespace bridge::model
