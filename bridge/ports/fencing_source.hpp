// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace bridge::ports {

/// Nodes that were fenced, as the cluster's fencer tells it. Lives on the daemon's one thread.
class fencing_source {
public:
    /// A node, by its name in Pacemaker, was switched off or reset, or an administrator said so
    /// (stonith_admin --confirm). Told once; what happens while nobody listens is not told later.
    using fenced_handler = std::function<void(const std::string& node)>;

    virtual ~fencing_source() = default;

    /// Called before the source starts; nothing is called after it was stopped.
    virtual void watch_fencing(fenced_handler fenced) = 0;
};

} // namespace bridge::ports
