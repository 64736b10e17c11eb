// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/requests.hpp"

#include "bridge/corosync/frame.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace bridge::corosync {

using ports::answer;
using ports::ask_errc;
using ports::peer;

std::vector<std::byte> encode(const request_message& m) {
    if (m.body.size() > max_request_bytes)
        return {};
    byte_writer w;
    w.u64(m.id);
    w.u32(m.to);
    w.u16(static_cast<std::uint16_t>(m.kind));
    w.bytes(m.body);
    return w.take();
}

std::vector<std::byte> encode(const reply_message& m) {
    if (m.body.size() > max_request_bytes)
        return {};
    byte_writer w;
    w.u64(m.id);
    w.u32(m.to.node);
    w.u32(m.to.pid);
    w.u8(m.refused ? 1 : 0);
    w.bytes(m.body);
    return w.take();
}

std::optional<request_message> decode_request(std::span<const std::byte> bytes) {
    byte_reader r(bytes);
    request_message m;
    m.id = r.u64();
    m.to = r.u32();
    m.kind = static_cast<ports::request_kind>(r.u16());
    m.body = r.rest();
    if (!r.ok() || m.body.size() > max_request_bytes)
        return std::nullopt;
    return m;
}

std::optional<reply_message> decode_reply(std::span<const std::byte> bytes) {
    byte_reader r(bytes);
    reply_message m;
    m.id = r.u64();
    m.to.node = r.u32();
    m.to.pid = r.u32();
    m.refused = r.u8() != 0;
    m.body = r.rest();
    if (!r.ok() || m.body.size() > max_request_bytes)
        return std::nullopt;
    return m;
}

struct pending_requests::state {
    explicit state(boost::asio::io_context& context) : io(context) {}

    struct entry {
        explicit entry(boost::asio::io_context& context) : wake(context) {}
        peer whom;
        boost::asio::steady_timer wake;
        std::optional<answer> result;
    };

    void finish(const std::shared_ptr<entry>& e, answer with) {
        if (e->result)
            return;
        e->result = std::move(with);
        e->wake.cancel();
    }

    boost::asio::io_context& io;
    std::uint64_t last_id = 0;
    std::map<std::uint64_t, std::shared_ptr<entry>> waiting;
};

pending_requests::pending_requests(boost::asio::io_context& io)
    : state_(std::make_shared<state>(io)) {}

pending_requests::~pending_requests() {
    fail_all(ask_errc::unreachable);
}

boost::asio::awaitable<answer> pending_requests::ask(peer whom,
                                                     std::function<bool(std::uint64_t)> send,
                                                     std::chrono::milliseconds wait) {
    const auto s = state_; // this object may be gone when the reply comes
    if (s->waiting.size() >= max_pending_requests)
        co_return answer{ask_errc::refused, {}};
    const std::uint64_t id = ++s->last_id;
    const auto e = std::make_shared<state::entry>(s->io);
    e->whom = whom;
    e->wake.expires_after(wait);
    s->waiting.emplace(id, e);
    if (send(id)) {
        auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
        co_await e->wake.async_wait(token);
    } else {
        e->result = answer{ask_errc::unreachable, {}};
    }
    s->waiting.erase(id);
    if (!e->result)
        co_return answer{ask_errc::timed_out, {}};
    co_return std::move(*e->result);
}

void pending_requests::replied(peer from, const reply_message& reply) {
    const auto found = state_->waiting.find(reply.id);
    if (found == state_->waiting.end() || found->second->whom != from)
        return;
    answer a;
    if (reply.refused)
        a.failed = ask_errc::refused;
    a.body.assign(reply.body.begin(), reply.body.end());
    state_->finish(found->second, std::move(a));
}

void pending_requests::view_changed(const std::vector<peer>& members) {
    for (const auto& [id, e] : state_->waiting)
        if (!std::binary_search(members.begin(), members.end(), e->whom))
            state_->finish(e, answer{ask_errc::unreachable, {}});
}

void pending_requests::fail_all(ask_errc why) {
    for (const auto& [id, e] : state_->waiting)
        state_->finish(e, answer{why, {}});
}

} // namespace bridge::corosync
