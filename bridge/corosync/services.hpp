// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/corosync/call_thread.hpp"
#include "bridge/model/membership.hpp"
#include "bridge/ports/peers.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace bridge::corosync {

/// What a session told last.
struct services_view {
    ports::quorum_view quorum;
    std::vector<std::uint32_t> configured; ///< ids of the configured nodes, sorted
    /// Nodes, votes, addresses and this node's links; nullopt: not read yet.
    std::optional<model::membership> membership;
};

/// A session (session.hpp) on the thread for calls that wait, seen from the daemon's own thread:
/// nothing here waits.
class services {
public:
    struct handlers {
        std::function<void(bool opened)> opened; ///< once an open(); false: corosync is not there
        std::function<void()> changed;           ///< view() is another one
        std::function<void()> lost;              ///< corosync is gone: close()
    };

    /// `calls` outlives this object.
    services(boost::asio::io_context& io, call_thread& calls);
    ~services();
    services(const services&) = delete;
    services& operator=(const services&) = delete;

    void open(handlers with);
    /// No handler is called after it. Handlers may call it.
    void close();

    /// Reads again what nobody tells. Does nothing while the last reading is not there yet.
    void refresh();
    /// Since when a reading is awaited; nullopt: none is.
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> waiting_since() const;

    [[nodiscard]] const services_view& view() const;

private:
    struct front;
    std::shared_ptr<front> front_;
};

} // namespace bridge::corosync
