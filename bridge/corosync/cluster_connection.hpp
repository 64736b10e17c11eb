// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/membership.hpp"
#include "bridge/ports/peers.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace bridge::corosync {

/// This daemon's connection to corosync: the group of daemons and what the services tell. Connects
/// again with back-off when corosync goes; every connection is another peer. Lives on the
/// io_context's thread.
class cluster_connection final : public ports::peers {
public:
    using log_function = std::function<void(std::string_view)>;

    struct watcher {
        std::function<void()> opened;
        std::function<void()> closed;
        /// membership() was read again.
        std::function<void()> changed;
    };

    explicit cluster_connection(boost::asio::io_context& io, log_function log = {});
    ~cluster_connection() override;
    cluster_connection(const cluster_connection&) = delete;
    cluster_connection& operator=(const cluster_connection&) = delete;

    /// One watcher; called before start.
    void watch(watcher calls);
    void start();
    /// Leaves the group; no handler is called after it.
    void stop();

    /// Reads again what corosync does not tell by itself (links); the watcher is told.
    void refresh();
    /// Nodes, votes, addresses and this node's links as corosync told them last; nullopt when it is
    /// not there.
    [[nodiscard]] const std::optional<model::membership>& membership() const;

    void listen(ports::channel on, listener calls) override;
    bool send(ports::channel on, std::span<const std::byte> body) override;
    void respond(ports::request_kind kind, responder with) override;
    boost::asio::awaitable<ports::answer> ask(std::uint32_t node, ports::request_kind kind,
                                              std::vector<std::byte> body,
                                              std::chrono::milliseconds wait) override;

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::corosync
