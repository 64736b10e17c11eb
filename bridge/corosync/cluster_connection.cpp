// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/cluster_connection.hpp"

#include "bridge/corosync/absent_votes.hpp"
#include "bridge/corosync/call_thread.hpp"
#include "bridge/corosync/peer_group.hpp"
#include "bridge/corosync/requests.hpp"
#include "bridge/corosync/services.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace bridge::corosync {

namespace {

using ports::channel;
using ports::peer;
using std::chrono::milliseconds;

constexpr milliseconds first_retry{100};
constexpr milliseconds longest_retry{5000};
/// Without an answer for so long nothing is known of the quorum.
constexpr milliseconds silence{3000};
constexpr const char* group_name = "clusbridge";

template <class Function, class... Arguments>
void call(const Function& f, const Arguments&... arguments) {
    if (f)
        f(arguments...);
}

} // namespace

struct cluster_connection::core : std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, log_function log_to)
        : timer(context), patience(context), log(std::move(log_to)), watched(context, calls),
          group(context, calls, group_name), pending(context), io(context) {}

    void say(std::string_view text) const { call(log, text); }

    void arm(milliseconds after) {
        timer.expires_after(after);
        timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped)
                self->connect();
        });
    }

    void connect() {
        watched.open({[this](bool opened) { opened ? join() : failed(); },
                      [this] { services_changed(); }, [this] { lost(); }});
        patience.expires_after(silence);
        patience.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (error || self->stopped || self->is_open)
                return;
            self->say("corosync does not answer");
            self->silent = true; // until it is connected
        });
    }

    void join() {
        group.open({[this](bool joined) { joined ? connected() : failed(); },
                    [this](const auto& view) { view_changed(view); },
                    [this](peer from, const frame& f) { received(from, f); }, [this] { lost(); }});
    }

    void failed() {
        if (!std::exchange(complained, true))
            say("cannot reach corosync");
        disconnect();
        arm(delay);
        delay = std::min(delay * 2, longest_retry);
    }

    void connected() {
        say("connected to corosync");
        is_open = true;
        patience.cancel();
        complained = false;
        delay = first_retry;
        for (const auto& [on, l] : listeners)
            call(l.opened, group.self());
        call(told.opened);
        services_changed();
    }

    void disconnect() {
        is_open = false;
        silent = false;
        patience.cancel();
        group.close();
        watched.close();
        pending.fail_all(ports::ask_errc::unreachable);
        members.clear();
        quorum = {};
        configured.clear();
    }

    void lost() {
        if (!is_open) {
            failed();
            return;
        }
        say("corosync went away");
        disconnect();
        arm(delay);
        for (const auto& [on, l] : listeners)
            call(l.closed);
        call(told.closed);
    }

    void services_changed() {
        if (!is_open)
            return;
        if (silent && !watched.waiting_since()) {
            say("corosync answers again");
            silent = false;
        }
        services_view now = watched.view();
        now.quorum.quorate = now.quorum.quorate && !silent;
        now.quorum.absent_dropped = now.membership && absent_dropped(*now.membership, now.quorum);
        if (now.configured != configured) {
            configured = now.configured;
            for (const auto& [on, l] : listeners)
                call(l.configured, configured);
        }
        if (now.quorum != quorum) {
            quorum = now.quorum;
            for (const auto& [on, l] : listeners)
                call(l.quorum, quorum);
        }
        call(told.changed);
    }

    void refresh() {
        if (!is_open)
            return;
        const auto since = watched.waiting_since();
        if (!silent && since && std::chrono::steady_clock::now() - *since > silence) {
            say("corosync does not answer");
            silent = true;
            services_changed();
        }
        watched.refresh();
    }

    void view_changed(const ports::peer_view& view) {
        members = view.members;
        pending.view_changed(members);
        for (const auto& [on, l] : listeners)
            call(l.changed, view);
    }

    void received(peer from, const frame& f) {
        if (f.on == channel::request)
            requested(from, f.body);
        else if (f.on == channel::reply)
            replied(from, f.body);
        else if (const auto found = listeners.find(f.on); found != listeners.end())
            call(found->second.received, from, f.body);
    }

    void requested(peer from, std::span<const std::byte> body) {
        const auto request = decode_request(body);
        if (!request || request->to != group.self().node)
            return;
        const auto found = responders.find(request->kind);
        std::optional<std::vector<std::byte>> result;
        if (found != responders.end())
            result = found->second(from, request->body);
        reply_message reply{request->id, from, !result, {}};
        if (result)
            reply.body = *result;
        group.send(channel::reply, encode(reply));
    }

    void replied(peer from, std::span<const std::byte> body) {
        const auto reply = decode_reply(body);
        if (reply && reply->to == group.self())
            pending.replied(from, *reply);
    }

    boost::asio::steady_timer timer;
    boost::asio::steady_timer patience; ///< with a connection that is being opened
    log_function log;
    watcher told;
    std::map<channel, listener> listeners;
    std::map<ports::request_kind, responder> responders;
    bool stopped = false;
    bool complained = false;
    milliseconds delay = first_retry;
    bool is_open = false;
    bool silent = false;
    call_thread calls;
    services watched;
    peer_group group;
    pending_requests pending;
    std::vector<peer> members;
    ports::quorum_view quorum;
    std::vector<std::uint32_t> configured;
    boost::asio::io_context& io;
};

cluster_connection::cluster_connection(boost::asio::io_context& io, log_function log)
    : core_(std::make_shared<core>(io, std::move(log))) {
    respond(ports::request_kind::echo, [](peer, std::span<const std::byte> body) {
        return std::optional(std::vector<std::byte>(body.begin(), body.end()));
    });
}

cluster_connection::~cluster_connection() {
    stop();
}

void cluster_connection::watch(watcher calls) {
    core_->told = std::move(calls);
}

void cluster_connection::start() {
    core_->arm(milliseconds(0));
}

void cluster_connection::stop() {
    core_->stopped = true;
    core_->timer.cancel();
    core_->disconnect();
}

void cluster_connection::refresh() {
    core_->refresh();
}

const std::optional<model::membership>& cluster_connection::membership() const {
    return core_->watched.view().membership;
}

void cluster_connection::listen(channel on, listener calls) {
    core_->listeners[on] = std::move(calls);
}

bool cluster_connection::send(channel on, std::span<const std::byte> body) {
    return core_->group.send(on, body);
}

void cluster_connection::respond(ports::request_kind kind, responder with) {
    core_->responders[kind] = std::move(with);
}

boost::asio::awaitable<ports::answer> cluster_connection::ask(std::uint32_t node,
                                                              ports::request_kind kind,
                                                              std::vector<std::byte> body,
                                                              std::chrono::milliseconds wait) {
    const auto c = core_;
    const auto whom = std::find_if(c->members.begin(), c->members.end(),
                                   [node](const peer& p) { return p.node == node; });
    if (whom == c->members.end())
        co_return ports::answer{ports::ask_errc::unreachable, {}};
    const peer target = *whom;
    std::function<bool(std::uint64_t)> send_it = [c, node, kind,
                                                  content = std::move(body)](std::uint64_t id) {
        const request_message m{id, node, kind, content};
        return c->group.send(channel::request, encode(m));
    };
    auto waiting = c->pending.ask(target, std::move(send_it), wait);
    co_return co_await std::move(waiting);
}

} // namespace bridge::corosync
