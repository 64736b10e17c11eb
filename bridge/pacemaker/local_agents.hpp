// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/agent_catalogue.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

namespace bridge::pacemaker {

/// Resource agents installed on this node, found in their directories by a worker thread that also
/// asks them for their meta-data. Names come at once, meta-data as it arrives.
class local_agents final : public ports::agent_catalogue {
public:
    static constexpr std::size_t max_agents = 4096;
    static constexpr std::size_t max_metadata_bytes = 1U << 20;
    static constexpr std::chrono::seconds metadata_timeout{20};

    struct places {
        std::filesystem::path ocf = "/usr/lib/ocf/resource.d"; ///< PROVIDER/TYPE, executable
        std::vector<std::filesystem::path> units{"/etc/systemd/system", "/run/systemd/system",
                                                 "/usr/lib/systemd/system", "/lib/systemd/system"};
        std::filesystem::path fence = "/usr/sbin"; ///< fence_*
        std::filesystem::path crm_resource = "/usr/sbin/crm_resource";
        /// Meta-data is kept here, each file with the modification time of its agent; empty: not
        /// kept.
        std::filesystem::path cache;
    };

    explicit local_agents(boost::asio::io_context& io);
    local_agents(boost::asio::io_context& io, places where);
    ~local_agents() override;
    local_agents(const local_agents&) = delete;
    local_agents& operator=(const local_agents&) = delete;

    void start(handler found) override;
    /// Waits for the worker, which kills the agent that it is asking.
    void stop() override;

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::pacemaker
