// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/snapshot.hpp"

#include <string>

namespace bridge::ports {

/// Where handlers read the cluster. Called on the daemon's one thread; never blocks, never asks
/// Pacemaker.
class snapshot_source {
public:
    virtual ~snapshot_source() = default;

    /// The newest snapshot; never null.
    [[nodiscard]] virtual model::snapshot_ptr current() const = 0;

    /// What methods may do now.
    [[nodiscard]] virtual model::server_state state() const = 0;

    /// Id of the node that this daemon runs on.
    [[nodiscard]] virtual std::string local_node() const = 0;
};

} // namespace bridge::ports
