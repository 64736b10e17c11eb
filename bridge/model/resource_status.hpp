// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/history.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the histories of all nodes say about a resource.
namespace bridge::model {

/// A node as its histories count.
struct status_node {
    std::string_view uname;
    const node_status* status = nullptr; ///< null: it has none
    bool online = false;
    bool counts = false; ///< its histories are to be read
};

/// Where a resource stands.
struct resource_status {
    /// Per node (place in the span) that says anything, in order.
    std::vector<std::pair<std::size_t, instance_status>> on;
    role is = role::unknown; ///< the highest of all nodes
    bool failed = false;
    bool failure_ignored = false;
    std::optional<std::int64_t> changes_at; ///< see instance_status
};

/// The cluster may fence nodes.
bool fencing_enabled(const cib_facts& facts);
/// maintenance-mode is on.
bool in_maintenance(const cib_facts& facts);
/// Pacemaker manages the resource (is-managed, maintenance, maintenance-mode).
bool is_managed(const cib_facts& facts, const resource_facts& resource);

/// What decides about the operations of a resource; for a bundle: of its containers. `now` is
/// seconds since 1970. Refers to `facts` and `resource`.
history_context context_of(const cib_facts& facts, const resource_facts& resource,
                           std::int64_t now);
/// The same for the connection that a guest node's resource or a bundle's replica brings along.
history_context connection_context(const cib_facts& facts, const resource_facts& container,
                                   std::int64_t now);

/// The failures of a resource that a node counts. `id` without an instance number; those of all
/// instances count together. `per_resource`: as releases before 1.1.17 wrote them.
failure_count failures_of(const node_status& status, std::string_view id, bool per_resource);
/// Counters name the resource alone, not its operations.
bool counts_per_resource(const cib_facts& facts);

/// `histories` are the ids under which its operations are recorded, the plain one first.
resource_status status_of(std::span<const status_node> nodes,
                          const std::vector<std::string>& histories, const history_context& context,
                          bool per_resource);

} // namespace bridge::model
