// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

/// States of objects as pure functions: what is true of an object in, the state that ClusAPI shows
/// out. The rows of each table are tried in order; the first that fits counts.
namespace bridge::model {

/// What is known about a resource, over all nodes that count for it.
struct resource_condition {
    bool wanted = true; ///< its role is not Stopped
    bool running =
        false; ///< started or promoted somewhere (also when its last result there was bad)
    bool starting = false; ///< start, promote or migrate-in operation in flight
    bool stopping = false; ///< stop, demote or migrate-out operation in flight
    bool failed = false; ///< the last monitor, start or stop went wrong and nothing mended it since
    bool threshold_reached = false; ///< on some node failures reached the migration threshold
    bool exhausted = false;         ///< that is so on every node where it could run now

    bool operator==(const resource_condition&) const = default;
};

/// MS-CMRP 3.1.4.2.13. `settled`: the controller has been idle since it saw the change. While it is
/// not, a threshold reached on one node only means that the resource moves on.
resource_state state_of(const resource_condition& condition, bool settled);

/// A resource as its group counts it. Top-level: no resource of the group depends on it.
struct member_state {
    resource_state state = resource_state::offline;
    bool top_level = true;

    bool operator==(const member_state&) const = default;
};

/// MS-CMRP 3.1.4.2.46.
group_state state_of(std::span<const member_state> members);

struct node_condition {
    bool member = false;     ///< in the corosync membership
    bool controller = false; ///< its controller is in the process group
    bool joined = false;     ///< the controller's join is complete ("member")
    bool paused = false;     ///< pause attribute or standby is set
    bool awaited = false;    ///< without a controller: it is coming up, not lost

    bool operator==(const node_condition&) const = default;
};

/// MS-CMRP 3.1.4.2.67.
node_state state_of(const node_condition& condition);

/// The interfaces of one network, and who reaches whom.
struct network_condition {
    std::vector<bool> available; ///< per interface: its node is up or paused
    /// Pairs (i, j): interface i reaches interface j. A pair that is absent does not.
    std::vector<std::pair<std::size_t, std::size_t>> reaches;
};

/// States of the interfaces in their order (MS-CMRP 3.1.4.2.92).
std::vector<net_interface_state> states_of(const network_condition& condition);

/// MS-CMRP 3.1.4.2.85.
network_state state_of(std::span<const net_interface_state> interfaces);

} // namespace bridge::model
