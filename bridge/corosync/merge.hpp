// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/corosync/local_adapters.hpp"
#include "bridge/corosync/node_report.hpp"

#include <map>
#include <vector>

namespace bridge::corosync {

/// This node's report: its configured addresses with what the kernel knows of them, and its views.
node_report report_of(const model::membership& local, const std::vector<local_address>& kernel);

/// Reports by node. `live`: its daemon is in the peer group, so its views are current.
struct known_report {
    node_report report;
    bool live = false;

    bool operator==(const known_report&) const = default;
};

/// The local membership with adapters of all nodes that ever reported and views of those that are
/// live; views of joined nodes without a live daemon are assumed from what the others see.
model::membership merge(model::membership local,
                        const std::map<std::uint32_t, known_report>& reports);

} // namespace bridge::corosync
