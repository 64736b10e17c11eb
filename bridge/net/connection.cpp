// SPDX-License-Identifier: Apache-2.0
#include "bridge/net/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <utility>

namespace bridge::net {

namespace asio = boost::asio;

namespace {

// After these many bytes of one connection the others get a turn.
constexpr std::size_t bytes_a_turn = 256U << 10;
constexpr std::size_t kept_answer = 2048;
// A fault is lost when the socket is closed with input unread (the kernel resets); so what comes is
// read and dropped.
constexpr std::chrono::seconds drain_time{2};
constexpr std::size_t drain_bytes = 1U << 20;

constexpr int keep_alive_idle_s = 120;
constexpr int keep_alive_interval_s = 30;
constexpr int keep_alive_probes = 4;

void set_option(asio::ip::tcp::socket& socket, int level, int name, int value) {
    // Best effort: a connection without an option still serves.
    (void)::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
}

bool would_block(const boost::system::error_code& error) {
    return error == asio::error::would_block || error == asio::error::try_again ||
           error == asio::error::interrupted;
}

} // namespace

connection::connection(std::shared_ptr<connection_host> host, asio::ip::tcp::socket socket,
                       const dcerpc::connection_environment& environment,
                       dcerpc::connection_info info)
    : host_(std::move(host)), socket_(std::move(socket)), info_(std::move(info)),
      machine_(environment, info_, clock::now()) {}

void connection::start() {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    set_option(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket_, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket_, IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_idle_s);
    set_option(socket_, IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_interval_s);
    set_option(socket_, IPPROTO_TCP, TCP_KEEPCNT, keep_alive_probes);
    host_->watcher().connection_opened(info_);
    wait_readable();
}

void connection::wait_readable() {
    if (reading_ || phase_ == phase::closed) {
        return;
    }
    reading_ = true;
    socket_.async_wait(asio::socket_base::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->reading_ = false;
                           self->on_readable(error);
                       });
}

void connection::wait_writable() {
    if (writing_ || phase_ == phase::closed) {
        return;
    }
    writing_ = true;
    socket_.async_wait(asio::socket_base::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           self->on_writable(error);
                       });
}

void connection::on_readable(const boost::system::error_code& error) {
    if (phase_ == phase::closed) {
        return;
    }
    if (error) {
        close("transport error");
        return;
    }
    if (phase_ == phase::draining) {
        discard_input();
        return;
    }
    if (!machine_.wants_input()) {
        return; // asked for before a leg or a full output stopped it; drive() asks again
    }
    const auto buffer = host_->read_buffer();
    boost::system::error_code failed;
    const std::size_t count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), failed);
    if (would_block(failed)) {
        wait_readable();
        return;
    }
    if (failed) {
        close(failed == asio::error::eof ? "closed by the peer" : "transport error");
        return;
    }
    if (machine_.negotiating()) {
        // An auth3 has no answer: without this the client, whose kernel holds its first request
        // back until the auth3 is acknowledged, waits 40 ms for the delayed acknowledgement.
        set_option(socket_, IPPROTO_TCP, TCP_QUICKACK, 1);
    }
    now_ = clock::now();
    machine_.feed(buffer.first(count), now_);
    drive();
}

void connection::on_writable(const boost::system::error_code& error) {
    if (phase_ == phase::closed) {
        return;
    }
    if (error) {
        close("transport error");
        return;
    }
    now_ = clock::now();
    drive();
}

/// Does everything that can be done now.
void connection::drive() {
    // A method may let the last other owner of this go.
    const auto self = shared_from_this();
    do {
        perform_actions();
        if (phase_ != phase::open) {
            return;
        }
        flush();
        if (phase_ != phase::open) {
            return;
        }
    } while (!writing_ && machine_.input_held() && machine_.wants_input());
    if (machine_.wants_input()) {
        wait_readable();
    }
}

void connection::perform_actions() {
    for (;;) {
        auto& action = machine_.next();
        if (auto* call = std::get_if<dcerpc::run_call>(&action)) {
            run(*call);
        } else if (auto* leg = std::get_if<dcerpc::start_auth>(&action)) {
            authenticate(*leg);
        } else if (const auto* gone = std::get_if<dcerpc::cancel_call>(&action)) {
            cancel(gone->key);
        } else {
            return;
        }
        if (phase_ != phase::open) {
            return;
        }
    }
}

/// Writes what is ready in as few system calls as it takes.
void connection::flush() {
    if (writing_) {
        return;
    }
    std::size_t written = 0;
    for (auto out = machine_.output(); !out.empty(); out = machine_.output()) {
        if (written >= bytes_a_turn) {
            wait_writable();
            return;
        }
        boost::system::error_code error;
        const std::size_t count = socket_.write_some(asio::buffer(out.data(), out.size()), error);
        if (would_block(error)) {
            wait_writable();
            return;
        }
        if (error) {
            close("transport error");
            return;
        }
        written += count;
        machine_.consume(count, now_);
    }
    if (machine_.finished()) {
        drain_then_close();
    }
}

void connection::run(dcerpc::run_call& what) {
    if (const auto* method = std::get_if<dcerpc::immediate_method>(&what.target->run)) {
        answer_.stub.clear();
        answer_.status = dcerpc::fault::none;
        try {
            (*method)(what.context->target->service, *what.context, what.stub, answer_);
        } catch (const std::bad_alloc&) {
            answer_.status = dcerpc::fault::remote_no_memory;
        } catch (...) {
            answer_.status = dcerpc::fault::unspecified;
        }
        what.context.reset();
        machine_.call_completed(what.key, answer_, now_);
        if (answer_.stub.capacity() > kept_answer) {
            std::vector<std::byte>().swap(answer_.stub);
        }
        return;
    }
    spawn(what, std::get<dcerpc::suspended_method>(what.target->run));
}

void connection::spawn(dcerpc::run_call& what, dcerpc::suspended_method method) {
    auto owned = std::make_unique<running_call>();
    owned->key = what.key;
    owned->group = std::move(what.group);
    const auto slot = owned->signal.slot();
    running_.push_back(std::move(owned));
    void* service = what.context->target->service;
    std::vector<std::byte> stub(what.stub.begin(), what.stub.end());
    auto work = method(service, std::move(what.context), std::move(stub));
    asio::co_spawn(
        socket_.get_executor(), std::move(work),
        asio::bind_cancellation_slot(slot, [self = shared_from_this(), key = what.key](
                                               std::exception_ptr error, dcerpc::response answer) {
            self->suspended_done(key, error, std::move(answer));
        }));
}

void connection::suspended_done(std::uint32_t key, std::exception_ptr error,
                                dcerpc::response answer) {
    if (error) {
        answer = {};
        try {
            std::rethrow_exception(error);
        } catch (const boost::system::system_error& e) {
            answer.status = e.code() == asio::error::operation_aborted ? dcerpc::fault::cancelled
                                                                       : dcerpc::fault::unspecified;
        } catch (const std::bad_alloc&) {
            answer.status = dcerpc::fault::remote_no_memory;
        } catch (...) {
            answer.status = dcerpc::fault::unspecified;
        }
    }
    std::erase_if(running_, [&](const auto& r) { return r->key == key; });
    now_ = clock::now();
    machine_.call_completed(key, answer, now_);
    if (phase_ == phase::open) {
        drive();
    }
}

void connection::cancel(std::uint32_t key) {
    const auto found = std::find_if(running_.begin(), running_.end(),
                                    [&](const auto& r) { return r->key == key; });
    if (found != running_.end()) {
        (*found)->signal.emit(asio::cancellation_type::terminal);
    }
}

void connection::authenticate(dcerpc::start_auth& leg) {
    leg_ = host_->authentication().submit(
        info_.peer_address, std::move(leg.context), std::move(leg.token),
        [self = shared_from_this()](auth::step_result result) {
            self->now_ = clock::now();
            self->machine_.auth_completed(std::move(result), self->now_);
            if (self->phase_ != phase::open) {
                return;
            }
            if (self->machine_.authenticated()) {
                self->host_->became_authenticated(*self);
            }
            self->drive();
        });
}

void connection::tick(clock::time_point now) {
    if (phase_ == phase::draining && drain_deadline_ <= now) {
        close(machine_.close_reason());
        return;
    }
    if (phase_ == phase::open && machine_.deadline() <= now) {
        const auto self = shared_from_this();
        machine_.tick(now);
        if (machine_.finished()) {
            close(machine_.close_reason());
        }
    }
}

void connection::abandon(std::string_view why) {
    const auto self = shared_from_this();
    machine_.abandon(why);
    close(why);
}

void connection::drain_then_close() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    phase_ = phase::draining;
    drain_deadline_ = clock::now() + drain_time;
    wait_readable();
}

void connection::discard_input() {
    const auto buffer = host_->read_buffer();
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
    discarded_ += count;
    if ((error && !would_block(error)) || discarded_ > drain_bytes) {
        close(machine_.close_reason());
        return;
    }
    wait_readable();
}

void connection::close(std::string_view why) {
    if (phase_ == phase::closed) {
        return;
    }
    const auto self = shared_from_this(); // the leg that is forgotten may be the last other owner
    phase_ = phase::closed;
    host_->authentication().forget(leg_);
    boost::system::error_code ignored;
    socket_.close(ignored);
    machine_.abandon(why);
    // Each signal may end its call at once, and with it the element.
    std::vector<std::uint32_t> keys;
    keys.reserve(running_.size());
    for (const auto& call : running_) {
        keys.push_back(call->key);
    }
    for (const auto key : keys) {
        cancel(key);
    }
    host_->watcher().connection_closed(info_, why);
    host_->closed(*this);
}

} // namespace bridge::net
