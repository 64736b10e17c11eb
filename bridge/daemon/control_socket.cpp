// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/control_socket.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <exception>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace bridge::daemon {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::local::stream_protocol;

namespace {

constexpr std::chrono::milliseconds accept_pause{100};
constexpr int waiting_connections = 16;

/// A request that is being carried out.
struct running_request {
    explicit running_request(asio::io_context& io) : ended_timer(io) {}

    asio::steady_timer ended_timer; ///< cancelled when it has ended
    asio::cancellation_signal cancel;
    std::optional<json::object> result;
    bool ended = false;
};

struct connection {
    connection(asio::io_context& io, stream_protocol::socket from, const ::ucred& who)
        : socket(std::move(from)), deadline(io), peer(who) {}

    stream_protocol::socket socket;
    asio::steady_timer deadline;
    std::uint64_t turn = 0; ///< of the deadline that counts
    std::string input;
    ::ucred peer;
    std::shared_ptr<running_request> running;
};
using connection_ptr = std::shared_ptr<connection>;

/// Reads and writes of the connection fail from then on until the next call of this.
void limit(const connection_ptr& c, std::chrono::milliseconds time) {
    const auto turn = ++c->turn;
    c->deadline.expires_after(time);
    c->deadline.async_wait([c, turn](const boost::system::error_code& error) {
        boost::system::error_code ignored;
        if (!error && c->turn == turn)
            c->socket.close(ignored);
    });
}

enum class read_outcome : std::uint8_t { line, too_long, gone };

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown";
    }
}

asio::awaitable<json::object> invoke(control_socket::handler run, json::object arguments) {
    auto running = run(std::move(arguments));
    co_return co_await std::move(running);
}

} // namespace

struct control_socket::parts : std::enable_shared_from_this<parts> {
    using ptr = std::shared_ptr<parts>;

    parts(asio::io_context& context, control_settings with)
        : io(context), settings(std::move(with)), acceptor(io), pause(io) {}

    void note(const std::string& text) const {
        if (settings.log)
            settings.log("control socket: " + text);
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw std::runtime_error(settings.socket.string() + ": " + why);
    }

    void make_folder() const;
    void remove_stale();
    void listen();
    void admit(stream_protocol::socket socket);
    void stop();

    static asio::awaitable<void> accept_all(ptr self);
    static asio::awaitable<void> serve(ptr self, connection_ptr c);
    static asio::awaitable<read_outcome> read(ptr self, connection_ptr c, std::string& line);
    static asio::awaitable<bool> write(ptr self, connection_ptr c, std::string text);
    static asio::awaitable<json::object> carry_out(ptr self, connection_ptr c,
                                                   control_request request);
    static asio::awaitable<void> join(connection_ptr c);

    asio::io_context& io;
    control_settings settings;
    stream_protocol::acceptor acceptor;
    asio::steady_timer pause;
    std::map<std::string, handler, std::less<>> handlers;
    std::set<connection_ptr> open;
    bool listening = false;
    bool stopped = false;
};

void control_socket::parts::make_folder() const {
    const auto folder = settings.socket.parent_path();
    std::error_code error;
    if (!std::filesystem::create_directory(folder, error) || error)
        return; // what is wrong shows when the socket is made
    ::chmod(folder.c_str(), 0755);
}

/// A socket that nobody answers on is of a daemon that is gone.
void control_socket::parts::remove_stale() {
    std::error_code error;
    const auto there = std::filesystem::symlink_status(settings.socket, error);
    if (there.type() == std::filesystem::file_type::not_found)
        return;
    if (there.type() != std::filesystem::file_type::socket)
        refuse("is in the way, and is no socket");
    stream_protocol::socket probe(io);
    boost::system::error_code answer;
    probe.connect(stream_protocol::endpoint(settings.socket.string()), answer);
    if (answer != asio::error::connection_refused)
        refuse(answer ? answer.message() : "another daemon listens there");
    std::filesystem::remove(settings.socket, error);
    if (error)
        refuse(error.message());
}

void control_socket::parts::listen() {
    // The path has a limit of its own, about 100 bytes.
    std::optional<stream_protocol::endpoint> where;
    try {
        where.emplace(settings.socket.string());
    } catch (const std::exception& error) {
        refuse(error.what());
    }
    make_folder();
    remove_stale();
    boost::system::error_code error;
    acceptor.open(where->protocol(), error);
    if (!error)
        acceptor.bind(*where, error);
    if (error)
        refuse(error.message());
    listening = true;
    // Nobody can connect before listen(): until then its mode does not matter.
    if (::chmod(settings.socket.c_str(), 0600) != 0)
        refuse(std::generic_category().message(errno));
    acceptor.listen(waiting_connections, error);
    if (error)
        refuse(error.message());
}

void control_socket::parts::admit(stream_protocol::socket socket) {
    ::ucred peer{};
    ::socklen_t size = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return;
    if (peer.uid != 0 && peer.uid != ::geteuid())
        return note("user " + std::to_string(peer.uid) + " was turned away");
    if (open.size() >= settings.connections) {
        note("too many connections");
        const std::string text =
            control_answer(nullptr, control_error("busy", "too many connections"));
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.write_some(asio::buffer(text), ignored);
        return;
    }
    const auto c = std::make_shared<connection>(io, std::move(socket), peer);
    open.insert(c);
    const auto done = [self = shared_from_this(), c](const std::exception_ptr& failure) {
        if (failure)
            self->note(text_of(failure));
        ++c->turn;
        c->deadline.cancel();
        self->open.erase(c);
    };
    asio::co_spawn(io, serve(shared_from_this(), c), done);
}

asio::awaitable<void> control_socket::parts::accept_all(ptr self) {
    while (!self->stopped) {
        auto token = asio::as_tuple(asio::use_awaitable);
        auto [error, socket] = co_await self->acceptor.async_accept(token);
        if (self->stopped || error == asio::error::operation_aborted)
            co_return;
        if (!error) {
            self->admit(std::move(socket));
            continue;
        }
        // Out of descriptors, say: trying at once would spin.
        self->pause.expires_after(accept_pause);
        co_await self->pause.async_wait(token);
    }
}

asio::awaitable<read_outcome> control_socket::parts::read(ptr self, connection_ptr c,
                                                          std::string& line) {
    limit(c, self->settings.idle_time);
    auto token = asio::as_tuple(asio::use_awaitable);
    auto buffer = asio::dynamic_buffer(c->input, self->settings.line_bytes);
    const auto [error, size] = co_await asio::async_read_until(c->socket, buffer, '\n', token);
    if (error == asio::error::not_found)
        co_return read_outcome::too_long;
    if (error)
        co_return read_outcome::gone;
    line.assign(c->input, 0, size - 1);
    c->input.erase(0, size);
    co_return read_outcome::line;
}

asio::awaitable<bool> control_socket::parts::write(ptr self, connection_ptr c, std::string text) {
    limit(c, self->settings.idle_time);
    auto token = asio::as_tuple(asio::use_awaitable);
    const auto [error, size] = co_await asio::async_write(c->socket, asio::buffer(text), token);
    co_return !error;
}

asio::awaitable<json::object> control_socket::parts::carry_out(ptr self, connection_ptr c,
                                                               control_request request) {
    if (!request.error.empty())
        co_return control_error("bad_request", request.error);
    const auto found = self->handlers.find(request.command);
    if (found == self->handlers.end())
        co_return control_error("unknown_command", "no such command: " + request.command);
    json::object peer;
    peer["uid"] = c->peer.uid;
    peer["pid"] = c->peer.pid;
    request.arguments["peer"] = std::move(peer);
    const auto state = std::make_shared<running_request>(self->io);
    c->running = state;
    const auto ended = [state](const std::exception_ptr& failure, json::object result) {
        state->ended = true;
        state->result = failure ? control_error("failed", text_of(failure)) : std::move(result);
        state->ended_timer.cancel();
    };
    state->ended_timer.expires_after(self->settings.request_time);
    asio::co_spawn(self->io, invoke(found->second, std::move(request.arguments)),
                   asio::bind_cancellation_slot(state->cancel.slot(), ended));
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await state->ended_timer.async_wait(token);
    if (state->ended)
        co_return std::move(*state->result);
    state->cancel.emit(asio::cancellation_type::terminal);
    co_return control_error("timeout", "not finished in time; it may still have taken effect");
}

/// Waits for the end of a request that was cancelled: one at a time.
asio::awaitable<void> control_socket::parts::join(connection_ptr c) {
    const auto state = std::exchange(c->running, nullptr);
    while (state && !state->ended) {
        state->ended_timer.expires_at(asio::steady_timer::time_point::max());
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await state->ended_timer.async_wait(token);
    }
}

asio::awaitable<void> control_socket::parts::serve(ptr self, connection_ptr c) {
    for (;;) {
        std::string line;
        auto reading = read(self, c, line);
        const read_outcome got = co_await std::move(reading);
        if (got == read_outcome::gone)
            co_return;
        control_request request;
        if (got == read_outcome::too_long)
            request.error = "the line is too long";
        else
            request = read_control_request(line);
        ++c->turn; // no deadline but the request's own
        const json::value id = request.id;
        auto working = carry_out(self, c, std::move(request));
        json::object outcome = co_await std::move(working);
        auto writing = write(self, c, control_answer(id, std::move(outcome)));
        const bool written = co_await std::move(writing);
        auto joining = join(c);
        co_await std::move(joining);
        if (!written || got == read_outcome::too_long || self->stopped)
            co_return;
    }
}

void control_socket::parts::stop() {
    if (std::exchange(stopped, true))
        return;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    if (listening) {
        std::error_code nothing;
        std::filesystem::remove(settings.socket, nothing);
    }
    const std::vector<connection_ptr> all(open.begin(), open.end());
    for (const connection_ptr& c : all) {
        c->socket.close(ignored);
        if (const auto state = c->running; state && !state->ended)
            state->cancel.emit(asio::cancellation_type::terminal);
    }
}

control_socket::control_socket(asio::io_context& io, control_settings settings)
    : parts_(std::make_shared<parts>(io, std::move(settings))) {}

control_socket::~control_socket() {
    parts_->stop();
}

void control_socket::handle(std::string command, handler run) {
    parts_->handlers[std::move(command)] = std::move(run);
}

void control_socket::note(std::string_view text) const {
    if (parts_->settings.log)
        parts_->settings.log(text);
}

void control_socket::open() {
    parts_->listen();
    const auto done = [self = parts_](const std::exception_ptr& failure) {
        if (failure)
            self->note(text_of(failure));
    };
    asio::co_spawn(parts_->io, parts::accept_all(parts_), done);
}

void control_socket::stop() {
    parts_->stop();
}

bool control_socket::idle() const {
    return parts_.use_count() == 1;
}

} // namespace bridge::daemon
