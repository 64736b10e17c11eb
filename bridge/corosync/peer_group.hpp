// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/corosync/call_thread.hpp"
#include "bridge/corosync/frame.hpp"
#include "bridge/ports/peers.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bridge::corosync {

/// The daemons of this cluster as a closed process group (CPG): who is there, and frames that
/// everyone, the sender too, gets in the same order. Lives on the io_context's thread.
class peer_group {
public:
    static constexpr std::size_t max_queued_frames = 4096;
    static constexpr std::size_t max_queued_bytes = 8U << 20;
    /// Given to corosync and not delivered here yet. libqb tells of each by a byte in a socket, and
    /// spins when that is full, some 270 later.
    static constexpr std::size_t max_frames_in_flight = 128;

    struct handlers {
        /// Once an open(); false: corosync is not there.
        std::function<void(bool joined)> opened;
        /// The membership of the group or the ring under it changed; the first call says who was
        /// there when we joined.
        std::function<void(const ports::peer_view&)> changed;
        /// A well-formed frame; the body lives during the call.
        std::function<void(ports::peer from, const frame& received)> received;
        /// corosync is gone: close() and open() again later.
        std::function<void()> lost;
    };

    /// `calls` outlives this object.
    peer_group(boost::asio::io_context& io, call_thread& calls, std::string name);
    ~peer_group();
    peer_group(const peer_group&) = delete;
    peer_group& operator=(const peer_group&) = delete;

    /// Joins; the handlers are told.
    void open(handlers with);
    /// Leaves; no handler is called after it. Handlers may call it.
    void close();

    /// This process in the group; all zero while it is closed.
    [[nodiscard]] ports::peer self() const;

    /// To everyone, in order. While corosync asks for patience frames wait; false when the group is
    /// not open, the body is too large or too much is waiting.
    bool send(ports::channel on, std::span<const std::byte> body);

    /// Frames that were dropped because they were malformed.
    [[nodiscard]] std::uint64_t malformed() const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace bridge::corosync
