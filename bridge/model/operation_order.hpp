// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <vector>

/// In which order operations ran.
namespace bridge::model {

/// Agents' exit codes (OCF resource agent API 1.1) and those that Pacemaker adds.
enum ocf_rc : std::int32_t {
    rc_ok = 0,
    rc_error = 1,
    rc_invalid_parameter = 2,
    rc_unimplemented = 3,
    rc_insufficient_privilege = 4,
    rc_not_installed = 5,
    rc_not_configured = 6,
    rc_not_running = 7,
    rc_promoted = 8,
    rc_failed_promoted = 9,
    rc_degraded = 190,
    rc_degraded_promoted = 191,
};

/// Execution status of an operation.
enum op_status : std::int32_t {
    op_unknown = -2,
    op_in_flight = -1,
    op_done = 0,
    op_cancelled = 1,
    op_error = 4,
    op_agent_missing = 7,
    op_last_status = 11,
};

/// Looks whether there is something; says nothing about whether it works.
bool is_probe(const operation_result& op);

/// Whether `a` ran after `b`. Call numbers tell it on one node, times between nodes; one that is in
/// flight has neither and is told by the transition that asked for it.
bool is_newer(const operation_result& a, const operation_result& b, bool same_node);

/// The operations of one history in the order in which they ran.
std::vector<const operation_result*> in_order(const std::vector<operation_result>& operations);

} // namespace bridge::model
