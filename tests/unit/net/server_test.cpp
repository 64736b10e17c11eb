// SPDX-License-Identifier: Apache-2.0
#include "bridge/net/server.hpp"
#include "tests/unit/dcerpc/client_pdus.hpp"
#include "tests/unit/dcerpc/fake_security.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace bridge::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace dcerpc::test;
using dcerpc::pdu_type;

constexpr dcerpc::syntax_id test_syntax{
    {0x11111111, 0x2222, 0x3333, {1, 2, 3, 4, 5, 6, 7, 8}}, 1, 0};

void echo(void*, dcerpc::call&, std::span<const std::byte> stub, dcerpc::response& out) {
    out.stub.assign(stub.begin(), stub.end());
}
void large(void*, dcerpc::call&, std::span<const std::byte>, dcerpc::response& out) {
    out.stub.assign(1U << 20, std::byte{7});
}
void fail(void*, dcerpc::call&, std::span<const std::byte>, dcerpc::response&) {
    throw std::runtime_error("test");
}
std::atomic<int> sleepers{0};
struct sleeping {
    sleeping() { ++sleepers; }
    ~sleeping() { --sleepers; }
};
asio::awaitable<dcerpc::response> wait_long(void*, std::shared_ptr<dcerpc::call>,
                                            std::vector<std::byte>) {
    const sleeping here;
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
    co_await timer.async_wait(asio::use_awaitable);
    co_return dcerpc::response{};
}
asio::awaitable<dcerpc::response> wait_briefly(void*, std::shared_ptr<dcerpc::call>,
                                               std::vector<std::byte> stub) {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(5));
    co_await timer.async_wait(asio::use_awaitable);
    dcerpc::response answer;
    answer.stub = std::move(stub);
    co_return answer;
}

constexpr std::array<dcerpc::method, 5> methods{
    {{"echo", dcerpc::immediate_method{echo}},
     {"large", dcerpc::immediate_method{large}},
     {"fail", dcerpc::immediate_method{fail}},
     {"wait_long", dcerpc::suspended_method{wait_long}},
     {"wait_briefly", dcerpc::suspended_method{wait_briefly}}}};

struct counting_observer final : dcerpc::observer {
    void connection_opened(const dcerpc::connection_info&) override { ++opened; }
    void connection_closed(const dcerpc::connection_info&, std::string_view) override { ++closed; }
    int opened = 0;
    int closed = 0;
};

/// A blocking client.
class peer {
public:
    peer(asio::io_context& io, std::uint16_t port) : socket_(io) {
        socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    }
    void send(const bytes& pdu) { asio::write(socket_, asio::buffer(pdu)); }
    /// The next PDU; empty at the end of the stream.
    answer receive() {
        bytes pdu(16);
        boost::system::error_code error;
        asio::read(socket_, asio::buffer(pdu), error);
        if (error == asio::error::eof) {
            return {};
        }
        if (error) {
            throw boost::system::system_error(error);
        }
        dcerpc::header_error bad{};
        const auto header = dcerpc::read_header(pdu, bad);
        pdu.resize(header.fragment_length);
        asio::read(socket_, asio::buffer(pdu.data() + 16, pdu.size() - 16));
        return {header, pdu};
    }
    answer ask(const bytes& pdu) {
        send(pdu);
        return receive();
    }
    answer bind() {
        bind_options o;
        o.contexts = {{0, test_syntax, {dcerpc::ndr_syntax}}};
        return ask(make_bind(o));
    }
    bool at_end() { return receive().pdu.empty(); }

private:
    tcp::socket socket_;
};

class ServerTest : public testing::Test {
protected:
    ServerTest() { config.bounds.auth_failures_per_minute = 0; }

    /// Serves on this thread while `script` runs on another with the port.
    void serve(const std::function<void(std::uint16_t)>& script) {
        server s(io, config, acceptor, events);
        s.add_interface(offered, endpoint_group::all);
        ASSERT_FALSE(s.listen("127.0.0.1", 0, endpoint_group::all));
        const auto port = s.local_endpoints().at(0).port;
        auto guard = asio::make_work_guard(io);
        auto client = std::async(std::launch::async, [&] {
            try {
                script(port);
            } catch (const std::exception& e) {
                ADD_FAILURE() << e.what();
            }
            asio::post(io, [&] {
                s.stop();
                guard.reset();
            });
        });
        io.run();
        client.get();
        EXPECT_TRUE(s.idle());
        EXPECT_EQ(s.connections(), 0U);
        EXPECT_EQ(events.opened, events.closed);
        EXPECT_EQ(sleepers, 0);
    }

    asio::io_context io;
    asio::io_context client_io;
    server_config config;
    fake_acceptor acceptor;
    counting_observer events;
    dcerpc::interface offered {
        test_syntax, "test", "", auth::protection_level::none, methods, nullptr
    };
};

TEST_F(ServerTest, AnswersCalls) {
    serve([&](std::uint16_t port) {
        peer client(client_io, port);
        EXPECT_EQ(client.bind().type(), pdu_type::bind_ack);
        request_options o;
        for (o.call_id = 2; o.call_id < 50; ++o.call_id) {
            o.stub = bytes(o.call_id, std::byte{3});
            EXPECT_EQ(client.ask(make_request(o)).stub(), o.stub);
        }
        o.opnum = 2;
        EXPECT_EQ(client.ask(make_request(o)).status(), dcerpc::fault::unspecified);
    });
}

TEST_F(ServerTest, AnswersSuspendedCallsBesideOthers) {
    serve([&](std::uint16_t port) {
        peer client(client_io, port);
        client.bind();
        request_options o;
        o.stub = bytes(8);
        o.opnum = 4;
        o.call_id = 1;
        auto both = make_request(o);
        o.opnum = 0;
        o.call_id = 2;
        const auto quick = make_request(o);
        both.insert(both.end(), quick.begin(), quick.end());
        EXPECT_EQ(client.ask(both).header.call_id, 2U);
        EXPECT_EQ(client.receive().header.call_id, 1U);
    });
}

TEST_F(ServerTest, CancelsACallOnRequestAndWhenThePeerGoes) {
    serve([&](std::uint16_t port) {
        peer client(client_io, port);
        client.bind();
        request_options o;
        o.opnum = 3;
        o.call_id = 5;
        client.send(make_request(o));
        EXPECT_EQ(client.ask(make_plain(pdu_type::co_cancel, 5)).status(),
                  dcerpc::fault::cancelled);
        client.send(make_request(o));
        peer other(client_io, port);
        other.bind();
    });
}

TEST_F(ServerTest, SendsALargeAnswerWhole) {
    serve([&](std::uint16_t port) {
        peer client(client_io, port);
        client.bind();
        request_options o;
        o.opnum = 1;
        client.send(make_request(o));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::size_t got = 0;
        for (;;) {
            const auto part = client.receive();
            ASSERT_FALSE(part.pdu.empty());
            got += part.stub().size();
            if (part.header.has(dcerpc::pfc::last)) {
                break;
            }
        }
        EXPECT_EQ(got, 1U << 20);
    });
}

TEST_F(ServerTest, RunsAuthenticationAndHoldsInputMeanwhile) {
    serve([&](std::uint16_t port) {
        peer client(client_io, port);
        const auto hello = to_bytes("hello");
        const auto proof = to_bytes("proof");
        bind_options o;
        o.contexts = {{0, test_syntax, {dcerpc::ndr_syntax}}};
        o.trailer = dcerpc::answer_trailer{10, 2, 7, hello};
        EXPECT_EQ(client.ask(make_bind(o)).type(), pdu_type::bind_ack);
        auto stream = make_auth3(1, dcerpc::answer_trailer{10, 2, 7, proof});
        const auto request = make_request({});
        stream.insert(stream.end(), request.begin(), request.end());
        EXPECT_EQ(client.ask(stream).type(), pdu_type::response);
    });
}

TEST_F(ServerTest, SaysWhyBeforeItCloses) {
    serve([&](std::uint16_t port) {
        peer client(client_io, port);
        client.bind();
        // More than is read: without care the kernel would answer with a reset and drop the fault.
        bytes stream = make_plain(pdu_type::response, 3);
        stream.resize(stream.size() + 200000);
        client.send(stream);
        EXPECT_EQ(client.receive().status(), dcerpc::fault::protocol_error);
        EXPECT_TRUE(client.at_end());
    });
}

TEST_F(ServerTest, ReportsABusyPortToItsCaller) {
    server s(io, config, acceptor, events);
    ASSERT_FALSE(s.listen("127.0.0.1", 0, endpoint_group::all));
    const auto port = s.local_endpoints().at(0).port;
    EXPECT_TRUE(s.listen("127.0.0.1", port, endpoint_group::all));
    EXPECT_TRUE(s.listen("not an address", 0, endpoint_group::all));
    EXPECT_EQ(s.local_endpoints().size(), 1U);
    s.stop();
    io.run();
}

TEST_F(ServerTest, LimitsConnectionsOfASource) {
    config.bounds.connections_per_source = 2;
    serve([&](std::uint16_t port) {
        peer first(client_io, port);
        first.bind();
        peer second(client_io, port);
        second.bind();
        peer third(client_io, port);
        EXPECT_TRUE(third.at_end());
        EXPECT_EQ(first.ask(make_request({})).type(), pdu_type::response);
    });
}

TEST_F(ServerTest, DropsTheOldestWithoutIdentityWhenItIsCrowded) {
    config.bounds.unauthenticated_connections = 2;
    serve([&](std::uint16_t port) {
        peer first(client_io, port);
        first.bind();
        peer second(client_io, port);
        second.bind();
        peer third(client_io, port);
        EXPECT_EQ(third.bind().type(), pdu_type::bind_ack);
        EXPECT_TRUE(first.at_end());
        EXPECT_EQ(second.ask(make_request({})).type(), pdu_type::response);
    });
}

/// Takes every descriptor that the process may open, but a few; gives all back when it goes.
class descriptors_taken {
public:
    explicit descriptors_taken(std::size_t left) {
        getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit few{std::min<rlim_t>(before_.rlim_cur, 256), before_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0;
             fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
            taken_.push_back(fd);
        }
        give_back(left);
    }
    ~descriptors_taken() {
        give_back(taken_.size());
        setrlimit(RLIMIT_NOFILE, &before_);
    }
    descriptors_taken(const descriptors_taken&) = delete;
    descriptors_taken& operator=(const descriptors_taken&) = delete;

    void give_back(std::size_t count) {
        for (; count > 0 && !taken_.empty(); --count) {
            ::close(taken_.back());
            taken_.pop_back();
        }
    }

private:
    rlimit before_{};
    std::vector<int> taken_;
};

TEST_F(ServerTest, ServesTheOneWhoGotTheLastDescriptor) {
    serve([&](std::uint16_t port) {
        peer before(client_io, port);
        EXPECT_EQ(before.bind().type(), pdu_type::bind_ack);
        descriptors_taken all(2); // the client's and the server's
        peer last(client_io, port);
        EXPECT_EQ(last.bind().type(), pdu_type::bind_ack);
        EXPECT_EQ(last.ask(make_request({})).type(), pdu_type::response);
        EXPECT_EQ(before.ask(make_request({})).type(), pdu_type::response);
        // One more makes the oldest go.
        all.give_back(1);
        peer more(client_io, port);
        EXPECT_EQ(more.bind().type(), pdu_type::bind_ack);
        EXPECT_TRUE(before.at_end());
        EXPECT_EQ(last.ask(make_request({})).type(), pdu_type::response);
    });
}

TEST_F(ServerTest, LimitsConnectionsAsItIsToldLater) {
    server s(io, config, acceptor, events);
    ASSERT_FALSE(s.listen("127.0.0.1", 0, endpoint_group::all));
    s.limit_connections(2);
    const auto port = s.local_endpoints().at(0).port;
    std::vector<std::unique_ptr<peer>> peers;
    for (int i = 0; i < 5; ++i) {
        peers.push_back(std::make_unique<peer>(client_io, port));
    }
    for (int i = 0; i < 1000 && events.opened < 5; ++i) {
        io.run_one_for(std::chrono::seconds(1));
    }
    EXPECT_EQ(events.opened, 5);
    EXPECT_EQ(s.connections(), 2U);
    s.stop();
    io.run();
}

TEST_F(ServerTest, ClosesAConnectionThatDoesNotBind) {
    config.bounds.bind_time = std::chrono::seconds(1);
    serve([&](std::uint16_t port) {
        peer silent(client_io, port);
        EXPECT_TRUE(silent.at_end());
    });
}

} // namespace
} // namespace bridge::net
