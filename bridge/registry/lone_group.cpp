// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/lone_group.hpp"

#include <boost/asio/post.hpp>

#include <unistd.h>

#include <utility>

namespace bridge::registry {

struct lone_group::state {
    boost::asio::io_context& io;
    ports::peer self;
    bool running = false;
    std::map<ports::channel, listener> listeners = {};
    std::map<ports::request_kind, responder> responders = {};

    void open() {
        const ports::ring ring{self.node, 1};
        const ports::peer_view view{ring, {self}, {self}, {}};
        const ports::quorum_view quorum{ring, true, {self.node}};
        const std::vector<std::uint32_t> configured{self.node};
        for (const auto& [on, l] : listeners) {
            if (l.opened)
                l.opened(self);
            if (l.configured)
                l.configured(configured);
            if (l.quorum)
                l.quorum(quorum);
            if (l.changed)
                l.changed(view);
        }
    }

    void deliver(ports::channel on, const std::vector<std::byte>& bytes) {
        const auto found = listeners.find(on);
        if (running && found != listeners.end() && found->second.received)
            found->second.received(self, bytes);
    }
};

lone_group::lone_group(boost::asio::io_context& io, std::uint32_t node)
    : state_(std::make_shared<state>(state{io, {node, static_cast<std::uint32_t>(::getpid())}})) {}

lone_group::~lone_group() {
    stop();
}

void lone_group::start() {
    state_->running = true;
    boost::asio::post(state_->io, [s = state_] {
        if (s->running)
            s->open();
    });
}

void lone_group::stop() {
    state_->running = false;
}

void lone_group::listen(ports::channel on, listener calls) {
    state_->listeners[on] = std::move(calls);
}

bool lone_group::send(ports::channel on, std::span<const std::byte> body) {
    if (!state_->running)
        return false;
    boost::asio::post(state_->io,
                      [s = state_, on, bytes = std::vector<std::byte>(body.begin(), body.end())] {
                          s->deliver(on, bytes);
                      });
    return true;
}

void lone_group::respond(ports::request_kind kind, responder with) {
    state_->responders[kind] = std::move(with);
}

boost::asio::awaitable<ports::answer> lone_group::ask(std::uint32_t node, ports::request_kind kind,
                                                      std::vector<std::byte> body,
                                                      std::chrono::milliseconds) {
    if (!state_->running || node != state_->self.node)
        co_return ports::answer{ports::ask_errc::unreachable, {}};
    const auto found = state_->responders.find(kind);
    std::optional<std::vector<std::byte>> result;
    if (found != state_->responders.end())
        result = found->second(state_->self, body);
    if (!result)
        co_return ports::answer{ports::ask_errc::refused, {}};
    co_return ports::answer{{}, std::move(*result)};
}

} // namespace bridge::registry
