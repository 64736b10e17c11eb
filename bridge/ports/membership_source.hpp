// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/membership.hpp"

#include <functional>
#include <memory>

namespace bridge::ports {

/// Nodes, votes and links as they change. Lives on the daemon's one thread.
class membership_source {
public:
    using handler = std::function<void(std::shared_ptr<const model::membership>)>;

    virtual ~membership_source() = default;

    /// Starts to watch; `changed` gets the first state as soon as it is known, then every change,
    /// on the io_context's thread. Null: the source was lost and is being reconnected.
    virtual void start(handler changed) = 0;

    /// No call of the handler after this returns.
    virtual void stop() = 0;
};

} // namespace bridge::ports
