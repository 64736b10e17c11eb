// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/peers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

/// Questions to one node over the ordered stream: both directions are multicast, whom they do not
/// concern skips them.
namespace bridge::corosync {

inline constexpr std::size_t max_request_bytes = 256U << 10;
inline constexpr std::size_t max_pending_requests = 256;

struct request_message {
    std::uint64_t id = 0; ///< the asker's
    std::uint32_t to = 0; ///< node
    ports::request_kind kind{};
    std::span<const std::byte> body;
};

struct reply_message {
    std::uint64_t id = 0;
    ports::peer to;
    bool refused = false;
    std::span<const std::byte> body;
};

std::vector<std::byte> encode(const request_message& m);
std::vector<std::byte> encode(const reply_message& m);
/// nullopt: cut short or too large. The body points into `bytes`.
std::optional<request_message> decode_request(std::span<const std::byte> bytes);
std::optional<reply_message> decode_reply(std::span<const std::byte> bytes);

/// What this daemon has asked and not been told yet. Lives on the io_context's thread.
class pending_requests {
public:
    explicit pending_requests(boost::asio::io_context& io);
    ~pending_requests();
    pending_requests(const pending_requests&) = delete;
    pending_requests& operator=(const pending_requests&) = delete;

    /// Sends through `send` what was encoded for the new id and waits for the reply of that peer.
    boost::asio::awaitable<ports::answer> ask(ports::peer whom,
                                              std::function<bool(std::uint64_t id)> send,
                                              std::chrono::milliseconds wait);

    void replied(ports::peer from, const reply_message& reply);
    /// Whoever is not in the group any more will not answer.
    void view_changed(const std::vector<ports::peer>& members);
    void fail_all(ports::ask_errc why);

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace bridge::corosync
