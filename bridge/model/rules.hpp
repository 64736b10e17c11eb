// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/history.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What the configuration says about how a resource's operations are read.
namespace bridge::model {

/// A cluster option as a truth value.
bool option(const cib_facts& facts, std::string_view name, bool fallback);

/// The cluster may act on the resource, as far as the configuration goes.
bool is_managed(const cib_facts& facts, const resource_facts& resource);

/// Pacemaker monitors it no more: its own maintenance, or the cluster's.
bool is_in_maintenance(const cib_facts& facts, const resource_facts& resource);

/// Whether the primitive is a connection to a remote node.
bool is_connection(const resource_facts& resource);

/// Rules of a primitive. They point into `facts`. `now`: seconds since 1970, 0 for no clock.
history_rules rules_of(const cib_facts& facts, const resource_facts& primitive, std::int64_t now);
/// Rules of the container of a bundle's replica.
history_rules container_rules(const cib_facts& facts, const resource_facts& bundle,
                              std::int64_t now);
/// Rules of a connection that Pacemaker adds for a guest node.
history_rules guest_connection_rules(const cib_facts& facts, std::int64_t now);

/// Counters of a resource on a node. Those of all instances of an anonymous clone (`any_instance`)
/// are one.
failure_sum failures_of(const cib_facts& facts, const node_status& status, std::string_view id,
                        bool any_instance);

} // namespace bridge::model
