// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/nodes.hpp"

#include <memory>
#include <string>
#include <vector>

/// Networks and interfaces out of corosync's links.
namespace bridge::model {

struct network_set {
    std::vector<std::shared_ptr<const network>> networks;
    std::vector<std::shared_ptr<const net_interface>> interfaces;
};

/// One network a link ("Cluster Network N", N from 1), one interface a node and link ("node -
/// adapter"). Identifiers are derived from the link number and the node.
network_set make_networks(const membership& members, const node_set& nodes,
                          const builder_settings& settings);

/// Name of the network whose subnet holds the address; empty when there is none.
std::string network_holding(const std::vector<std::shared_ptr<const network>>& networks,
                            std::string_view address);

} // namespace bridge::model
