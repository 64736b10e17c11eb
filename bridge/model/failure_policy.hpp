// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <cstdint>
#include <vector>

/// What the failure of an operation leads to (on-fail).
namespace bridge::model {

/// The mildest first: of two failures the graver one counts.
enum class failure_policy : std::uint8_t {
    ignore,
    demote,
    restart,
    reset_connection,  ///< of a remote node
    restart_container, ///< of a guest node, or what a resource names as its container
    move,
    block,
    stop,
    standby, ///< of the node
    fence,
};

/// What decides beside the operation that failed.
struct policy_context {
    const std::vector<operation_facts>& configured; ///< of the resource
    const attributes& defaults;                     ///< op_defaults
    bool managed = true;
    bool fencing = true;            ///< the cluster may fence
    bool contained = false;         ///< the resource is in a container
    bool remote_connection = false; ///< it is the connection to a remote (not a guest) node
};

/// The configured policy where it is allowed for the operation, else Pacemaker's default.
failure_policy policy_of(const operation_result& operation, const policy_context& context);

} // namespace bridge::model
