// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/presence.hpp"

#include <cstddef>
#include <cstdint>

/// What the failures of resources on a node do to the node.
namespace bridge::model {

struct node_failures {
    /// Place among the node's histories of the first one that has the node fenced; failures after
    /// it do not count any more.
    std::size_t fenced_from = never;
    bool standby = false; ///< on-fail=standby: nothing may start there
    /// On a remote node that is lost: a resource that the cluster manages is recorded as running.
    bool in_use = false;
    std::int64_t changes_at = 0; ///< when one of the failures expires; 0: never

    bool operator==(const node_failures&) const = default;
};

/// `remote`: a remote or guest node. `now`: seconds since 1970, 0 for no clock.
node_failures failures_on(const cib_facts& facts, const observed_node& node, bool remote,
                          std::int64_t now);

} // namespace bridge::model
