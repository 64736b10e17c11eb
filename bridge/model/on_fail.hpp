// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

/// What the cluster does about an operation that failed.
namespace bridge::model {

/// From mild to severe: of several failures of a resource on a node the most severe one counts.
enum class failure_response : std::uint8_t {
    ignore,
    demote,
    recover,          ///< stop and start again
    reset_connection, ///< to a remote node
    restart_container,
    migrate,
    block, ///< nothing until an administrator cleans up
    stop,
    standby, ///< of the node
    fence,   ///< the node
};

/// What an operation is called where nothing else tells probes from recurring monitors.
bool is_probe(const operation_result& op);

/// What of a resource's configuration decides how its operations are read.
struct history_rules {
    const std::vector<operation_facts>* operations = nullptr; ///< configured ones; null: none
    std::string_view default_on_fail; ///< of the operation defaults; empty: not set
    /// Operation defaults where they have rules; null: they have none.
    const option_sets* default_rules = nullptr;
    option_context about;               ///< the agent that those are asked about, and the time
    bool managed = true;                ///< the cluster may act on it
    bool fencing = true;                ///< stonith-enabled
    bool bundled = false;               ///< part of a bundle
    bool contained = false;             ///< it stops and starts with another resource
    bool connection = false;            ///< to a remote node (not to a guest)
    bool reconnects = false;            ///< a connection with reconnect_interval
    bool remote_fenced = false;         ///< the node behind the connection was fenced
    std::int64_t failure_timeout_s = 0; ///< 0: failures do not expire
    std::int64_t now = 0;               ///< seconds since 1970; 0: nothing expires
};

/// on-fail of an operation: configured on it, by default for all, or Pacemaker's own default.
failure_response response_to(const operation_result& op, const history_rules& rules);

} // namespace bridge::model
