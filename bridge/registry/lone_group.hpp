// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/peers.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>

namespace bridge::registry {

/// A group whose only member is this daemon: for a cluster that is embedded in it. What is sent
/// comes back through the io_context.
class lone_group final : public ports::peers {
public:
    lone_group(boost::asio::io_context& io, std::uint32_t node);
    ~lone_group() override;

    void start();
    /// No listener is called after it.
    void stop();

    void listen(ports::channel on, listener calls) override;
    bool send(ports::channel on, std::span<const std::byte> body) override;
    void respond(ports::request_kind kind, responder with) override;
    boost::asio::awaitable<ports::answer> ask(std::uint32_t node, ports::request_kind kind,
                                              std::vector<std::byte> body,
                                              std::chrono::milliseconds wait) override;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace bridge::registry
