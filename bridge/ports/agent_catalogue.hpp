// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bridge::ports {

/// One installed resource agent.
struct agent {
    std::string standard; ///< "ocf", "systemd", "lsb", "stonith"
    std::string provider; ///< OCF only, else empty
    std::string type;
    std::string
        metadata; ///< the agent's own XML, UTF-8; empty when it has none or did not answer in time

    bool operator==(const agent&) const = default;
};

using agent_list = std::vector<agent>;

/// The resource agents installed on this node. Lives on the daemon's one thread.
class agent_catalogue {
public:
    using handler = std::function<void(std::shared_ptr<const agent_list>)>;

    virtual ~agent_catalogue() = default;

    /// Starts to look. `found` gets the names first (meta-data missing where it is not cached),
    /// then the list again when meta-data has come in, on the io_context's thread.
    virtual void start(handler found) = 0;

    /// No call of the handler after this returns; running agents are killed.
    virtual void stop() = 0;
};

} // namespace bridge::ports
