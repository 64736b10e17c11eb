// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/configuration.hpp"
#include "bridge/ports/agent_catalogue.hpp"
#include "bridge/ports/cib_source.hpp"
#include "bridge/ports/disks.hpp"
#include "bridge/ports/membership_source.hpp"
#include "bridge/ports/registry.hpp"
#include "bridge/win32/guid.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>

namespace bridge::daemon {

/// Where what is served comes from; all outlive it.
struct serving_sources {
    ports::cib_source& cib;
    ports::membership_source& members;
    ports::agent_catalogue& agents;
    ports::registry& registry;
    const ports::disks& disks;
};

/// What clients see: the view of the cluster, the interfaces over it and the ports that they listen
/// on. Made once the cluster's identity is known.
class serving {
public:
    /// `ready_file` empty: none. Throws std::runtime_error (what an operator can mend).
    serving(boost::asio::io_context& io, const configuration& settings, serving_sources from,
            const win32::guid& cluster, std::filesystem::path ready_file);
    ~serving();
    serving(const serving&) = delete;
    serving& operator=(const serving&) = delete;

    /// Opens the ports when there is something to serve.
    void start();
    void stop();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace bridge::daemon
