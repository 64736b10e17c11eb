// SPDX-License-Identifier: Apache-2.0
// snapshot_dump [--embedded CIB DIRECTORY] [--follow SECONDS]: what the daemon would show, one
// tab-separated line per object. Waits until the cluster has settled; with --follow it prints every
// change for so long instead, or until SIGTERM.
#include "bridge/corosync/cluster_membership.hpp"
#include "bridge/model/builder.hpp"
#include "bridge/pacemaker/embedded_cluster.hpp"
#include "bridge/pacemaker/live_cluster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

namespace {

namespace model = bridge::model;
using clock_type = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{30};

struct options {
    std::string cib;
    std::string directory;
    int follow_s = 0;
    bool wait_peers = false;
    int hold_s = 0; ///< stay after printing, so that the other nodes get this one's report
};

void print(const model::snapshot& s) {
    std::cout << "cluster\t" << s.info->name << '\t' << s.quorum_info.quorate << '\n';
    for (const auto& n : s.nodes)
        std::cout << "node\t" << n->cib_id << '\t' << static_cast<unsigned>(n->state) << '\t'
                  << n->id << '\n';
    const auto node_name = [&](const std::string& id) {
        const auto n = s.nodes.find_id(id);
        return n ? n->cib_id : std::string("-");
    };
    for (const auto& g : s.groups)
        std::cout << "group\t" << g->name << '\t' << static_cast<unsigned>(g->state) << '\t'
                  << node_name(g->owner) << '\t' << static_cast<unsigned>(g->kind) << '\n';
    for (const auto& r : s.resources) {
        const auto g = s.groups.find_id(r->group);
        std::cout << "resource\t" << r->name << '\t' << r->cib_id << '\t' << std::hex
                  << static_cast<unsigned>(r->state) << std::dec << '\t'
                  << (g ? node_name(g->owner) : "-") << '\t' << r->type << '\t'
                  << (g ? g->name : "-") << '\n';
    }
    for (const auto& n : s.networks)
        std::cout << "network\t" << n->name << '\t' << static_cast<unsigned>(n->state) << '\t'
                  << n->address << '\t' << n->mask << '\n';
    for (const auto& i : s.interfaces)
        std::cout << "interface\t" << i->name << '\t' << static_cast<unsigned>(i->state) << '\t'
                  << i->address << '\n';
}

class dump {
public:
    explicit dump(const options& o)
        : options_(o), builder_({}), end_(io_), told_to_end_(io_, SIGTERM, SIGINT) {
        const auto log = [](std::string_view text) { std::cerr << text << '\n'; };
        if (o.cib.empty()) {
            cib_ = std::make_unique<bridge::pacemaker::live_cluster>(io_, log);
            connection_ = std::make_unique<bridge::corosync::cluster_connection>(io_, log);
            membership_ =
                std::make_unique<bridge::corosync::cluster_membership>(io_, *connection_, log);
        } else {
            auto embedded =
                std::make_unique<bridge::pacemaker::embedded_cluster>(io_, o.cib, o.directory, log);
            membership_ = std::make_unique<bridge::pacemaker::embedded_membership>(*embedded);
            cib_ = std::move(embedded);
        }
    }

    int run() {
        const auto started = clock_type::now();
        cib_->start([this, started](std::shared_ptr<const model::cib_facts> facts, bool settled) {
            facts_ = std::move(facts);
            settled_ = settled;
            if (options_.follow_s > 0)
                std::cout << std::chrono::duration<double, std::milli>(clock_type::now() - started)
                                 .count()
                          << " ms: " << (facts_ ? "" : "lost ") << "settled=" << settled
                          << std::endl;
            changed();
        });
        membership_->start([this](std::shared_ptr<const model::membership> members) {
            members_ = std::move(members);
            changed();
        });
        if (connection_)
            connection_->start();
        end_.expires_after(options_.follow_s > 0 ? std::chrono::seconds(options_.follow_s)
                                                 : patience);
        end_.async_wait([this](boost::system::error_code error) {
            if (!error)
                io_.stop();
        });
        told_to_end_.async_wait([this](boost::system::error_code error, int) {
            if (!error)
                io_.stop();
        });
        io_.run();
        cib_->stop();
        membership_->stop();
        if (connection_)
            connection_->stop();
        return done_ || options_.follow_s > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }

private:
    void changed() {
        if (!facts_ || !members_)
            return;
        const auto snapshot =
            builder_.build(facts_, members_, nullptr, settled_, std::time(nullptr));
        const bool complete = settled_ && (!options_.wait_peers || peers_complete());
        if (options_.follow_s > 0 || (complete && !done_))
            print(*snapshot);
        if (complete && options_.follow_s == 0) {
            done_ = true;
            end_.expires_after(std::chrono::seconds(options_.hold_s));
            end_.async_wait([this](boost::system::error_code error) {
                if (!error)
                    io_.stop();
            });
        }
    }

    /// Every joined node has published its adapters.
    bool peers_complete() const {
        const auto joined = [this](std::uint32_t node) {
            return std::any_of(members_->members.begin(), members_->members.end(),
                               [node](const auto& m) { return m.id == node && m.joined; });
        };
        return std::none_of(members_->addresses.begin(), members_->addresses.end(),
                            [&](const auto& a) { return joined(a.node) && a.adapter.empty(); });
    }

    options options_;
    boost::asio::io_context io_;
    model::builder builder_;
    boost::asio::steady_timer end_;
    boost::asio::signal_set told_to_end_;
    std::unique_ptr<bridge::ports::cib_source> cib_;
    std::unique_ptr<bridge::corosync::cluster_connection> connection_;
    std::unique_ptr<bridge::ports::membership_source> membership_;
    std::shared_ptr<const model::cib_facts> facts_;
    std::shared_ptr<const model::membership> members_;
    bool settled_ = false;
    bool done_ = false;
};

} // namespace

int main(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--embedded" && i + 2 < argc) {
            o.cib = argv[++i];
            o.directory = argv[++i];
        } else if (word == "--follow" && i + 1 < argc) {
            o.follow_s = std::atoi(argv[++i]);
        } else if (word == "--hold" && i + 1 < argc) {
            o.hold_s = std::atoi(argv[++i]);
        } else if (word == "--wait-peers") {
            o.wait_peers = true;
        } else {
            std::fprintf(stderr, "usage: snapshot_dump [--embedded CIB DIRECTORY] [--wait-peers] "
                                 "[--hold SECONDS] [--follow SECONDS]\n");
            return EXIT_FAILURE;
        }
    }
    return dump(o).run();
}
