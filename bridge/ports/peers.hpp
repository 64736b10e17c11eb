// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace bridge::ports {

/// One daemon in the group. A daemon that restarts is another peer.
struct peer {
    std::uint32_t node = 0;
    std::uint32_t pid = 0;

    auto operator<=>(const peer&) const = default;
};

/// Names one membership of the cluster's nodes. All zero: between two memberships.
struct ring {
    std::uint32_t node = 0;
    std::uint64_t sequence = 0;

    auto operator<=>(const ring&) const = default;
};

/// How a peer left, as far as that proves anything.
enum class departure : std::uint8_t {
    left,      ///< it said so
    died,      ///< its process ended while its node stayed
    node_lost, ///< its node cannot be reached, which proves nothing
};

struct peer_view {
    ring in;
    std::vector<peer> members; ///< sorted; this daemon included
    std::vector<peer> joined;
    std::vector<std::pair<peer, departure>> left;
};

struct quorum_view {
    ring in;
    bool quorate = false;
    std::vector<std::uint32_t> nodes; ///< in the ring, sorted
    bool absent_dropped = false;      ///< nodes outside of it do not count (last_man_standing)

    bool operator==(const quorum_view&) const = default;
};

/// What a message is for; numbers do not change.
enum class channel : std::uint16_t {
    node_report = 1, ///< adapters and links of a node
    registry = 2,    ///< replication of the registry
    request = 3,     ///< to one node
    reply = 4,
    disks = 5, ///< disks of a node
};

/// Why a request has no answer.
enum class ask_errc : std::uint8_t {
    unreachable, ///< the node is not in the group, or left it
    timed_out,
    refused, ///< the node does not know this kind of request, or is too busy
};

/// What is asked of another node; numbers do not change.
enum class request_kind : std::uint16_t {
    echo = 1, ///< the body comes back: reachability and latency
};

struct answer {
    std::optional<ask_errc> failed;
    std::vector<std::byte> body;
};

/// The daemons of this cluster: who is there, messages that everyone, the sender too, gets in the
/// same order, and questions to one of them. Lives on the daemon's one thread. Views and messages
/// come in the order in which the group saw them.
class peers {
public:
    struct listener {
        /// This daemon joined the group as `self`; what was sent before is void.
        std::function<void(peer self)> opened;
        /// The group is lost; it is being joined again.
        std::function<void()> closed;
        std::function<void(const peer_view&)> changed;
        std::function<void(const quorum_view&)> quorum;
        /// The nodes that the cluster is configured with, sorted.
        std::function<void(const std::vector<std::uint32_t>&)> configured;
        /// A message on the listener's channel; the bytes live during the call.
        std::function<void(peer from, std::span<const std::byte>)> received;
    };
    /// Answers a request from `from`; nullopt: refused. Never blocks.
    using responder =
        std::function<std::optional<std::vector<std::byte>>(peer from, std::span<const std::byte>)>;

    virtual ~peers() = default;

    /// One listener a channel; empty functions are allowed. Called before start.
    virtual void listen(channel on, listener calls) = 0;

    /// To everyone, in order. False: not connected, too large, or too much is waiting to be sent.
    virtual bool send(channel on, std::span<const std::byte> body) = 0;

    /// How requests of a kind are answered here.
    virtual void respond(request_kind kind, responder with) = 0;

    /// Asks the daemon of a node, this one included; at most `wait`.
    virtual boost::asio::awaitable<answer> ask(std::uint32_t node, request_kind kind,
                                               std::vector<std::byte> body,
                                               std::chrono::milliseconds wait) = 0;
};

} // namespace bridge::ports
