// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/cluster_membership.hpp"

#include "bridge/corosync/local_adapters.hpp"
#include "bridge/corosync/merge.hpp"
#include "bridge/corosync/peer_group.hpp"
#include "bridge/corosync/session.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace bridge::corosync {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_retry{100};
constexpr milliseconds longest_retry{5000};
/// corosync sends no event when a link goes down.
constexpr milliseconds poll_interval{1000};
constexpr const char* group_name = "clusbridge";

} // namespace

struct cluster_membership::core : std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, log_function log_to)
        : io(context), timer(context), log(std::move(log_to)), group(context, group_name) {}

    void say(std::string_view text) const {
        if (log)
            log(text);
    }

    void arm(milliseconds after, void (core::*then)()) {
        timer.expires_after(after);
        timer.async_wait([self = shared_from_this(), then](boost::system::error_code error) {
            if (!error && !self->stopped)
                ((*self).*then)();
        });
    }

    void connect() {
        connection = session::open(io, {[this] { refresh(); }, [this] { lost(); }});
        const bool joined =
            connection && group.open({[this](const auto& members, const auto& joined_now,
                                             const auto&) { peers(members, joined_now); },
                                      [this](peer from, const frame& f) { received(from, f); },
                                      [this] { lost(); }});
        if (!joined) {
            if (!std::exchange(complained, true))
                say("cannot reach corosync");
            disconnect();
            arm(delay, &core::connect);
            delay = std::min(delay * 2, longest_retry);
            return;
        }
        say("connected to corosync");
        complained = false;
        delay = first_retry;
        poll();
    }

    void disconnect() {
        group.close();
        connection.reset();
        reports.clear();
        published.reset();
    }

    void lost() {
        say("corosync went away");
        disconnect();
        const bool had = std::exchange(told, nullptr) != nullptr;
        arm(delay, &core::connect);
        if (had)
            changed(nullptr);
    }

    void poll() {
        arm(poll_interval, &core::poll);
        refresh();
    }

    void refresh() {
        if (!connection)
            return;
        const auto local = connection->read();
        if (!local) {
            lost();
            return;
        }
        node_report mine = report_of(*local, local_addresses());
        if (!published || *published != mine)
            publish(mine);
        reports[local->local_node] = {std::move(mine), true};
        auto merged = std::make_shared<const model::membership>(merge(*local, reports));
        if (told && *told == *merged)
            return;
        told = merged;
        changed(std::move(merged));
    }

    void publish(const node_report& mine) {
        // A refused frame is sent with the next poll.
        if (group.send(frame_kind::node_report, encode_report(mine)))
            published = mine;
    }

    void peers(const std::vector<peer>& members, const std::vector<peer>& joined) {
        for (auto& [node, known] : reports)
            known.live = std::any_of(members.begin(), members.end(),
                                     [node = node](const peer& p) { return p.node == node; });
        // Who has just come knows nothing yet.
        if (!joined.empty())
            published.reset();
        refresh();
    }

    void received(peer from, const frame& f) {
        if (f.kind != frame_kind::node_report)
            return;
        auto report = decode_report(f.body, from.node);
        if (!report) {
            say("a report from node " + std::to_string(from.node) + " is malformed");
            return;
        }
        if (!reports.contains(from.node) && reports.size() >= max_cluster_nodes)
            return;
        reports[from.node] = {std::move(*report), true};
        refresh();
    }

    boost::asio::io_context& io;
    boost::asio::steady_timer timer;
    log_function log;
    handler changed;
    bool stopped = false;
    bool complained = false;
    milliseconds delay = first_retry;
    std::unique_ptr<session> connection;
    peer_group group;
    std::map<std::uint32_t, known_report> reports;
    std::optional<node_report> published;
    std::shared_ptr<const model::membership> told;
};

cluster_membership::cluster_membership(boost::asio::io_context& io, log_function log)
    : core_(std::make_shared<core>(io, std::move(log))) {}

cluster_membership::~cluster_membership() {
    stop();
}

void cluster_membership::start(handler changed) {
    core_->changed = std::move(changed);
    core_->arm(milliseconds(0), &core::connect);
}

void cluster_membership::stop() {
    core_->stopped = true;
    core_->timer.cancel();
    core_->disconnect();
}

} // namespace bridge::corosync
