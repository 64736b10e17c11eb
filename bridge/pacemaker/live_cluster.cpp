// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/live_cluster.hpp"

#include "bridge/model/facts.hpp"
#include "bridge/pacemaker/pacemaker_thread.hpp"
#include "bridge/pacemaker/settle_tracker.hpp"
#include "bridge/pacemaker/shim.hpp"
#include "xml/cib.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

namespace bridge::pacemaker {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_retry{100};
constexpr milliseconds longest_retry{5000};
/// Patchsets on their way to the io_context; beyond it they are dropped and the CIB is queried
/// again.
constexpr unsigned max_queued_patchsets = 1000;
constexpr cib_scope everything =
    cib_scope::configuration | cib_scope::membership | cib_scope::history;
constexpr std::string_view idle_state = "S_IDLE";

} // namespace

/// State lives on the io_context's thread; the listener's methods and `shim` on the Pacemaker
/// thread.
struct live_cluster::core final : shim_listener, std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, log_function log_to)
        : io(context), retry(context), settle_timer(context), fencer_retry(context),
          log(std::move(log_to)) {}

    void say(std::string_view text) const {
        if (log)
            log(text);
    }

    /// Runs `work(*this)` on the io_context unless stopped by then.
    template <class Work>
    void back(Work work) {
        boost::asio::post(io, [self = shared_from_this(), work = std::move(work)]() mutable {
            if (!self->stopped)
                work(*self);
        });
    }

    // On the Pacemaker thread.
    void cib_full(std::string text, std::error_code error) override {
        back([text = std::move(text), error](core& c) { c.full(text, error); });
    }
    void cib_patchset(std::string text, cib_scope scope) override {
        if (queued.fetch_add(1) >= max_queued_patchsets) {
            queued.fetch_sub(1);
            overflow = true;
            return;
        }
        back([text = std::move(text), scope](core& c) { c.patchset(text, scope); });
    }
    void cib_lost() override {
        back([](core& c) { c.lost(); });
    }
    void remote_version(model::cib_version version, std::error_code error) override {
        back([version, error](core& c) {
            c.follow(c.tracker.version_answer(error ? std::nullopt : std::optional(version)));
        });
    }
    void controller_state(std::string node, std::string state) override {
        back([node = std::move(node), state = std::move(state)](core& c) {
            c.controller(node, state);
        });
    }

    void node_fenced(std::string node) override {
        back([node = std::move(node)](core& c) {
            if (c.fenced)
                c.fenced(node);
        });
    }
    void fencer_lost() override {
        back([](core& c) { c.watch_fencer_later(); });
    }

    // On the io_context's thread.
    void watch_fencer() {
        thread->post([this] {
            const std::error_code error = shim_watch_fencing(*cluster);
            if (error)
                back([](core& c) { c.watch_fencer_later(); });
        });
    }

    void watch_fencer_later() {
        fencer_retry.expires_after(longest_retry);
        fencer_retry.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped)
                self->watch_fencer();
        });
    }

    void connect() {
        thread->post([this] {
            const std::error_code error = shim_sign_on(*cluster);
            if (!error)
                shim_query(*cluster);
            back([error](core& c) { c.signed_on(error); });
        });
    }

    void signed_on(std::error_code error) {
        if (error) {
            if (!std::exchange(complained, true))
                say("cannot reach the CIB manager: " + error.message());
            reconnect();
        }
    }

    void reconnect() {
        retry.expires_after(delay);
        delay = std::min(delay * 2, longest_retry);
        retry.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped)
                self->connect();
        });
    }

    void lost() {
        say("the CIB manager went away");
        document.reset();
        tracker.reset();
        settle_timer.cancel();
        changed(nullptr, false);
        if (!stopped)
            reconnect();
    }

    void query() {
        document.reset();
        thread->post([this] { shim_query(*cluster); });
    }

    void full(const std::string& text, std::error_code error) {
        if (!error) {
            document = xml::cib_document::parse(text);
            if (!document)
                say("the CIB manager answered with something that is no CIB");
        }
        if (!document)
            reconnect(); // afresh: the reason may be the connection
        if (error || !document)
            return;
        if (std::exchange(complained, false) || delay != first_retry)
            say("connected to the CIB manager");
        delay = first_retry;
        if (fenced)
            watch_fencer();
        noted(everything);
    }

    void patchset(const std::string& text, cib_scope scope) {
        queued.fetch_sub(1);
        if (!document)
            return; // older than the full query that is under way
        if (overflow.exchange(false) || document->apply_patchset(text) != xml::patch_result::ok) {
            query();
            return;
        }
        noted(scope);
    }

    void noted(cib_scope scope) {
        const auto facts = document->facts();
        dc = dc_name(*facts);
        follow(tracker.changed(facts->version, scope, !dc.empty()));
        if (!stopped)
            changed(facts, tracker.settled());
    }

    static std::string dc_name(const model::cib_facts& facts) {
        if (const auto status = facts.status.find(facts.dc))
            return status->uname;
        const auto node = facts.nodes.find(facts.dc);
        return node ? node->uname : std::string();
    }

    void controller(const std::string& node, const std::string& state) {
        const bool was_settled = tracker.settled();
        // An answer of a former DC says nothing.
        const bool answered = !state.empty() && node == dc;
        follow(tracker.state_answer(answered ? std::optional(state == idle_state) : std::nullopt));
        if (!was_settled && tracker.settled() && document)
            changed(document->facts(), true);
    }

    void follow(settle_tracker::step step) {
        if (step.what == settle_tracker::ask::version)
            thread->post([this, node = dc] { shim_query_version(*cluster, node); });
        else if (step.what == settle_tracker::ask::state)
            thread->post([this, node = dc] { shim_ping(*cluster, node); });
        if (!step.wake) {
            settle_timer.cancel();
            return;
        }
        settle_timer.expires_after(*step.wake);
        settle_timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error && !self->stopped)
                self->follow(self->tracker.timer());
        });
    }

    boost::asio::io_context& io;
    boost::asio::steady_timer retry;
    boost::asio::steady_timer settle_timer;
    boost::asio::steady_timer fencer_retry;
    log_function log;
    handler changed;
    ports::fencing_source::fenced_handler fenced;
    bool stopped = false;
    bool complained = false;
    milliseconds delay = first_retry;
    std::optional<xml::cib_document> document; ///< empty while a full query is under way
    settle_tracker tracker;
    std::string dc;
    std::atomic<unsigned> queued{0};
    std::atomic<bool> overflow{false};
    shim_ptr cluster;
    std::unique_ptr<pacemaker_thread> thread;
};

live_cluster::live_cluster(boost::asio::io_context& io, log_function log)
    : core_(std::make_shared<core>(io, std::move(log))) {}

live_cluster::~live_cluster() {
    stop();
}

void live_cluster::start(handler changed) {
    core& c = *core_;
    c.changed = std::move(changed);
    c.thread = std::make_unique<pacemaker_thread>([&c] { c.cluster = shim_open(c, {}); },
                                                  [&c] { c.cluster.reset(); });
    c.connect();
}

void live_cluster::stop() {
    core_->stopped = true;
    core_->retry.cancel();
    core_->settle_timer.cancel();
    core_->fencer_retry.cancel();
    core_->thread.reset();
}

void live_cluster::watch_fencing(fenced_handler fenced) {
    core_->fenced = std::move(fenced);
}

void live_cluster::modify(std::string xml, completion done) {
    core& c = *core_;
    if (c.stopped || !c.thread) {
        done(std::make_error_code(std::errc::not_connected));
        return;
    }
    c.thread->post([&c, xml = std::move(xml), done = std::move(done)]() mutable {
        shim_modify(*c.cluster, xml, [&c, done = std::move(done)](std::error_code error) {
            c.back([done, error](core&) { done(error); });
        });
    });
}

} // namespace bridge::pacemaker
