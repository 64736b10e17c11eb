// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/services.hpp"

#include "bridge/corosync/session.hpp"

#include <chrono>
#include <utility>

namespace bridge::corosync {

using clock = std::chrono::steady_clock;

/// The daemon's side. A session is known by its number: what an old one tells is dropped.
struct services::front : std::enable_shared_from_this<front> {
    front(boost::asio::io_context& context, call_thread& thread) : io(context), calls(thread) {}

    /// The thread's side of one session.
    struct back : std::enable_shared_from_this<back> {
        back(boost::asio::io_context& context, std::weak_ptr<front> whom, std::uint64_t id)
            : io(context), to(std::move(whom)), number(id) {}

        void open(boost::asio::io_context& here) {
            opened = session::open(here, {[this] { changed(); }, [this] { lost(); }});
            tell([ok = opened != nullptr](front& f) { f.opened(ok); });
            if (opened)
                changed();
        }
        /// Corosync tells of its quorum right after the session was opened; until then every node
        /// would look lost.
        [[nodiscard]] bool complete() const {
            return opened && opened->quorum().in != ports::ring{};
        }
        void changed() {
            if (!complete())
                return;
            services_view now;
            now.quorum = opened->quorum();
            now.configured = opened->configured();
            // Quorum decides what may be written: it does not wait for the rest.
            tell([now](front& f) { f.told(now); });
            read();
        }
        void read() {
            auto membership = complete() ? opened->read() : std::nullopt;
            tell([m = std::move(membership)](front& f) mutable { f.was_read(std::move(m)); });
        }
        void lost() {
            opened.reset();
            tell([](front& f) { f.lost(); });
        }

        /// Does `what` on the daemon's thread if this is still its session.
        template <class What>
        void tell(What what) {
            boost::asio::post(io, [to = to, id = number, what = std::move(what)]() mutable {
                const auto f = to.lock();
                if (f && f->number == id)
                    what(*f);
            });
        }

        boost::asio::io_context& io;
        std::weak_ptr<front> to;
        std::uint64_t number;
        std::unique_ptr<session> opened;
    };

    void open(handlers with) {
        close();
        told_to = std::move(with);
        session_there = std::make_shared<back>(io, weak_from_this(), number);
        calls.post([b = session_there, &here = calls.io()] { b->open(here); });
    }

    void close() {
        ++number;
        view = {};
        waiting.reset();
        told_to = {};
        if (auto old = std::exchange(session_there, nullptr))
            calls.post([old] { old->opened.reset(); });
    }

    void refresh() {
        if (!session_there || waiting)
            return;
        waiting = clock::now();
        calls.post([b = session_there] { b->read(); });
    }

    void opened(bool ok) {
        const auto call = told_to.opened;
        if (!ok)
            close();
        call(ok);
    }

    void told(const services_view& now) {
        view.quorum = now.quorum;
        view.configured = now.configured;
        changed();
    }

    void was_read(std::optional<model::membership> membership) {
        waiting.reset();
        if (!membership)
            return; // the descriptor tells too, where the loss is handled
        view.membership = std::move(membership);
        changed();
    }

    void changed() const {
        const auto call = told_to.changed; // it may close
        call();
    }

    void lost() {
        const auto call = told_to.lost;
        close();
        call();
    }

    boost::asio::io_context& io;
    call_thread& calls;
    handlers told_to;
    std::uint64_t number = 0;
    std::shared_ptr<back> session_there;
    services_view view;
    std::optional<clock::time_point> waiting;
};

services::services(boost::asio::io_context& io, call_thread& calls)
    : front_(std::make_shared<front>(io, calls)) {}

services::~services() {
    close();
}

void services::open(handlers with) {
    front_->open(std::move(with));
}

void services::close() {
    front_->close();
}

void services::refresh() {
    front_->refresh();
}

std::optional<clock::time_point> services::waiting_since() const {
    return front_->waiting;
}

const services_view& services::view() const {
    return front_->view;
}

} // namespace bridge::corosync
