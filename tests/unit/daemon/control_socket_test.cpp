// SPDX-License-Identifier: Apache-2.0
// The control socket over a real socket in a folder of its own; clients are coroutines beside it.
#include "bridge/daemon/control_socket.hpp"

#include "tests/unit/registry/store_owner.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

namespace bridge::daemon {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::local::stream_protocol;
using namespace std::chrono_literals;

asio::awaitable<json::object> echo(json::object request) {
    co_return request;
}

asio::awaitable<json::object> fail(json::object) {
    throw std::runtime_error("broken");
    co_return json::object();
}

/// Counts those that wait, and those that ever began.
int waiting = 0, begun = 0;
struct counted {
    counted() { ++waiting, ++begun; }
    ~counted() { --waiting; }
};

asio::awaitable<json::object> wait_long(json::object) {
    const counted here;
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    auto token = asio::as_tuple(asio::use_awaitable);
    co_await timer.async_wait(token);
    co_return json::object();
}

/// What a client got: a line each, "" at the end if the daemon hung up.
struct client_log {
    std::vector<std::string> lines;
    bool closed = false;
    int seen = 0; ///< when the client was done
};

asio::awaitable<void> talk(std::string path, std::string text, std::size_t answers,
                           std::shared_ptr<client_log> log) {
    auto token = asio::as_tuple(asio::use_awaitable);
    stream_protocol::socket socket(co_await asio::this_coro::executor);
    const stream_protocol::endpoint where(path);
    const auto [refused] = co_await socket.async_connect(where, token);
    if (refused)
        co_return;
    // A daemon that refuses may not read all of it; what it answers is there all the same.
    co_await asio::async_write(socket, asio::buffer(text), token);
    std::string in;
    while (log->lines.size() < answers) {
        auto buffer = asio::dynamic_buffer(in);
        const auto [error, size] = co_await asio::async_read_until(socket, buffer, '\n', token);
        if (error) {
            log->closed = true;
            co_return;
        }
        log->lines.push_back(in.substr(0, size - 1));
        in.erase(0, size);
    }
}

class ControlSocket : public testing::Test {
protected:
    ControlSocket() {
        waiting = begun = 0;
        settings.socket = folder / "control.sock";
        settings.log = [this](std::string_view text) { notes.emplace_back(text); };
    }
    ~ControlSocket() override {
        if (control)
            control->stop();
        io.restart();
        io.run();
        EXPECT_EQ(waiting, 0);
        EXPECT_TRUE(!control || control->idle());
    }

    void start() {
        control = std::make_unique<control_socket>(io, settings);
        control->handle("echo", echo);
        control->handle("fail", fail);
        control->handle("wait", wait_long);
        control->open();
    }

    std::shared_ptr<client_log> client(std::string text, std::size_t answers) {
        auto log = std::make_shared<client_log>();
        const auto done = [log](const std::exception_ptr&) { log->seen = 1; };
        asio::co_spawn(io, talk(settings.socket, std::move(text), answers, log), done);
        return log;
    }

    template <class Enough>
    void run_until(Enough enough) {
        const auto end = std::chrono::steady_clock::now() + 30s;
        io.restart();
        while (!enough() && std::chrono::steady_clock::now() < end)
            io.run_one_for(100ms);
        EXPECT_TRUE(enough());
    }

    std::shared_ptr<client_log> ask(std::string text, std::size_t answers = 1) {
        auto log = client(std::move(text), answers);
        run_until([&] { return log->seen != 0; });
        return log;
    }

    static json::object object(const std::string& line) { return json::parse(line).as_object(); }
    static std::string code(const std::string& line) {
        const json::object answer = object(line);
        const json::value* error = answer.if_contains("error");
        return error ? std::string(std::string_view(error->at("code").as_string())) : "";
    }

    tests::private_folder folder;
    asio::io_context io{1};
    control_settings settings;
    std::vector<std::string> notes;
    std::unique_ptr<control_socket> control;
};

TEST_F(ControlSocket, AnswersEachLineInOrder) {
    start();
    const auto log = ask(
        "{\"id\":1,\"command\":\"echo\",\"x\":\"y\"}\n{\"id\":\"b\",\"command\":\"echo\"}\n", 2);
    ASSERT_EQ(log->lines.size(), 2U);
    const auto first = object(log->lines[0]);
    EXPECT_EQ(first.at("id"), json::value(1));
    EXPECT_EQ(first.at("result").at("x"), json::value("y"));
    EXPECT_EQ(first.at("result").at("peer").at("uid"), json::value(::getuid()));
    EXPECT_EQ(first.at("result").at("peer").at("pid"), json::value(::getpid()));
    EXPECT_EQ(object(log->lines[1]).at("id"), json::value("b"));
}

TEST_F(ControlSocket, AClientCannotSayWhoItIs) {
    start();
    const auto log = ask("{\"command\":\"echo\",\"peer\":{\"uid\":4711}}\n");
    ASSERT_EQ(log->lines.size(), 1U);
    EXPECT_EQ(object(log->lines[0]).at("result").at("peer").at("uid"), json::value(::getuid()));
}

TEST_F(ControlSocket, BadRequestsAreAnsweredAndTheNextIsHeard) {
    start();
    const auto log = ask("nonsense\n[]\n{\"command\":\"nothing\"}\n{\"command\":\"fail\"}\n"
                         "{\"command\":\"echo\"}\n",
                         5);
    ASSERT_EQ(log->lines.size(), 5U);
    EXPECT_EQ(code(log->lines[0]), "bad_request");
    EXPECT_EQ(code(log->lines[1]), "bad_request");
    EXPECT_EQ(code(log->lines[2]), "unknown_command");
    EXPECT_EQ(code(log->lines[3]), "failed");
    EXPECT_EQ(code(log->lines[4]), "");
}

TEST_F(ControlSocket, ALineUpToTheLimitIsRead) {
    settings.line_bytes = 1000;
    start();
    const std::string begin = "{\"command\":\"echo\",\"x\":\"";
    const auto line = [&](std::size_t size) {
        return begin + std::string(size - begin.size() - 3, 'x') + "\"}\n";
    };
    EXPECT_EQ(code(ask(line(1000))->lines.at(0)), "");
    const auto too_long = ask(line(1002), 2);
    ASSERT_EQ(too_long->lines.size(), 1U);
    EXPECT_EQ(code(too_long->lines[0]), "bad_request");
    EXPECT_TRUE(too_long->closed);
}

TEST_F(ControlSocket, OneConnectionTooManyIsToldSo) {
    settings.connections = 2;
    start();
    const auto a = client("{\"command\":\"wait\"}\n", 1);
    const auto b = client("{\"command\":\"wait\"}\n", 1);
    run_until([] { return waiting == 2; });
    const auto c = ask("", 2);
    ASSERT_EQ(c->lines.size(), 1U);
    EXPECT_EQ(code(c->lines[0]), "busy");
    EXPECT_TRUE(c->closed);
    EXPECT_EQ(a->seen + b->seen, 0);
}

TEST_F(ControlSocket, ConnectionsDoNotWaitForOneAnother) {
    start();
    const auto slow = client("{\"command\":\"wait\"}\n", 1);
    run_until([] { return waiting == 1; });
    EXPECT_EQ(ask("{\"command\":\"echo\"}\n")->lines.size(), 1U);
    EXPECT_EQ(slow->seen, 0);
}

TEST_F(ControlSocket, RequestsOfAConnectionRunOneAfterTheOther) {
    settings.request_time = 50ms;
    start();
    std::string many;
    for (int i = 0; i < 5; ++i)
        many += "{\"command\":\"wait\"}\n";
    const auto log = client(many, 5);
    int most = 0;
    run_until([&] {
        most = std::max(most, waiting);
        return log->seen != 0;
    });
    EXPECT_EQ(most, 1);
    EXPECT_EQ(begun, 5);
    ASSERT_EQ(log->lines.size(), 5U);
    for (const std::string& line : log->lines)
        EXPECT_EQ(code(line), "timeout");
}

TEST_F(ControlSocket, AnIdleConnectionIsClosed) {
    settings.idle_time = 50ms;
    start();
    EXPECT_TRUE(ask("{\"command\":\"ec", 1)->closed);
}

TEST_F(ControlSocket, StopEndsWhatRuns) {
    start();
    const auto log = client("{\"command\":\"wait\"}\n", 1);
    run_until([] { return waiting == 1; });
    control->stop();
    run_until([&] { return control->idle(); });
    EXPECT_EQ(waiting, 0);
    EXPECT_FALSE(std::filesystem::exists(settings.socket));
}

TEST_F(ControlSocket, IsForItsUserOnly) {
    settings.socket = folder / "made" / "control.sock";
    start();
    struct stat file {};
    ASSERT_EQ(::stat(settings.socket.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(settings.socket.parent_path().c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0755U);
}

TEST_F(ControlSocket, AnotherUserIsTurnedAway) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    start();
    // Past the permissions, to see the check behind them.
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(settings.socket.c_str(), 0666), 0);
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::sockaddr_un where{};
        where.sun_family = AF_UNIX;
        std::string path = settings.socket.string();
        path.copy(where.sun_path, sizeof where.sun_path - 1);
        char byte = 0;
        const int s = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (::setgid(65534) != 0 || ::setuid(65534) != 0 ||
            ::connect(s, reinterpret_cast<::sockaddr*>(&where), sizeof where) != 0)
            ::_exit(2);
        // The daemon hangs up without a word.
        ::_exit(::read(s, &byte, 1) == 0 ? 0 : 1);
    }
    run_until([&] { return !notes.empty(); });
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_NE(notes.at(0).find("65534"), std::string::npos);
}

TEST_F(ControlSocket, ReplacesTheSocketOfADaemonThatIsGone) {
    { stream_protocol::acceptor gone(io, stream_protocol::endpoint(settings.socket.string())); }
    ASSERT_TRUE(std::filesystem::exists(settings.socket));
    start();
    EXPECT_EQ(ask("{\"command\":\"echo\"}\n")->lines.size(), 1U);
}

TEST_F(ControlSocket, RefusesToReplaceALiveOneOrAFile) {
    start();
    control_socket second(io, settings);
    EXPECT_THROW(second.open(), std::runtime_error);
    second.stop();
    EXPECT_EQ(ask("{\"command\":\"echo\"}\n")->lines.size(), 1U);
    control_settings file = settings;
    file.socket = folder / "file";
    std::ofstream(file.socket) << "content";
    control_socket third(io, file);
    EXPECT_THROW(third.open(), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(file.socket));
}

TEST_F(ControlSocket, RefusesAPathThatCannotBe) {
    settings.socket = folder.path() / std::string(200, 'x');
    EXPECT_THROW(start(), std::runtime_error);
    settings.socket = folder / "no";
    settings.socket = settings.socket / "such" / "folder.sock";
    EXPECT_THROW(start(), std::runtime_error);
}

} // namespace
} // namespace bridge::daemon
