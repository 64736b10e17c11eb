// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/cluster_membership.hpp"

#include "bridge/corosync/local_adapters.hpp"
#include "bridge/corosync/merge.hpp"

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

/// corosync sends no event when a link goes down.
constexpr milliseconds poll_interval{1000};

} // namespace

struct cluster_membership::core : std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, cluster_connection& to, log_function log_to)
        : timer(context), log(std::move(log_to)), connection(to) {}

    void say(std::string_view text) const {
        if (log)
            log(text);
    }

    void listen() {
        connection.watch({[this] { poll(); }, [this] { lost(); }, [this] { refresh(); }});
        ports::peers::listener calls;
        calls.changed = [this](const ports::peer_view& view) { peers(view); };
        calls.received = [this](ports::peer from, std::span<const std::byte> body) {
            received(from, body);
        };
        connection.listen(ports::channel::node_report, std::move(calls));
    }

    void lost() {
        timer.cancel();
        reports.clear();
        published.reset();
        if (std::exchange(told, nullptr) != nullptr && changed)
            changed(nullptr);
    }

    void poll() {
        timer.expires_after(poll_interval);
        timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped)
                self->poll();
        });
        connection.refresh();
    }

    void refresh() {
        const std::optional<model::membership>& local = connection.membership();
        if (!local)
            return;
        node_report mine = report_of(*local, local_addresses());
        if (!published || *published != mine)
            publish(mine);
        reports[local->local_node] = {std::move(mine), true};
        auto merged = std::make_shared<const model::membership>(merge(*local, reports));
        if (told && *told == *merged)
            return;
        told = merged;
        if (changed)
            changed(std::move(merged));
    }

    void publish(const node_report& mine) {
        // A refused frame is sent with the next poll.
        if (connection.send(ports::channel::node_report, encode_report(mine)))
            published = mine;
    }

    void peers(const ports::peer_view& view) {
        for (auto& [node, known] : reports)
            known.live =
                std::any_of(view.members.begin(), view.members.end(),
                            [node = node](const ports::peer& p) { return p.node == node; });
        // Who has just come knows nothing yet.
        if (!view.joined.empty())
            published.reset();
        refresh();
    }

    void received(ports::peer from, std::span<const std::byte> body) {
        auto report = decode_report(body, from.node);
        if (!report) {
            say("a report from node " + std::to_string(from.node) + " is malformed");
            return;
        }
        if (!reports.contains(from.node) && reports.size() >= max_cluster_nodes)
            return;
        reports[from.node] = {std::move(*report), true};
        refresh();
    }

    boost::asio::steady_timer timer;
    log_function log;
    cluster_connection& connection;
    handler changed;
    bool stopped = false;
    std::map<std::uint32_t, known_report> reports;
    std::optional<node_report> published;
    std::shared_ptr<const model::membership> told;
};

cluster_membership::cluster_membership(boost::asio::io_context& io, cluster_connection& connection,
                                       log_function log)
    : core_(std::make_shared<core>(io, connection, std::move(log))) {
    core_->listen();
}

cluster_membership::~cluster_membership() {
    stop();
}

void cluster_membership::start(handler changed) {
    core_->changed = std::move(changed);
    if (core_->told)
        core_->changed(core_->told);
}

void cluster_membership::stop() {
    if (std::exchange(core_->stopped, true))
        return;
    core_->timer.cancel();
}

} // namespace bridge::corosync
