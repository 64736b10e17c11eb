// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/disks.hpp"

#include <memory>
#include <string_view>

namespace bridge::ports {

/// What the nodes know of their disks. Lives on the daemon's one thread; never blocks, never asks a
/// device.
class disks {
public:
    virtual ~disks() = default;

    /// Of the node with that ClusAPI id, as it said last; null: it has said nothing yet.
    [[nodiscard]] virtual std::shared_ptr<const model::node_disks>
    of(std::string_view node) const = 0;
};

} // namespace bridge::ports
