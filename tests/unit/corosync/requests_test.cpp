// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/requests.hpp"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace {

using namespace bridge::corosync;
namespace ports = bridge::ports;
using std::chrono::milliseconds;

const std::vector<std::byte> body{std::byte{7}, std::byte{8}};
constexpr ports::peer other{2, 20};

TEST(RequestMessage, ComesBackAsItWasSent) {
    const auto bytes = encode(request_message{5, 2, ports::request_kind::echo, body});
    const auto m = decode_request(bytes);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->id, 5u);
    EXPECT_EQ(m->to, 2u);
    EXPECT_EQ(m->kind, ports::request_kind::echo);
    EXPECT_EQ(std::vector<std::byte>(m->body.begin(), m->body.end()), body);
}

TEST(ReplyMessage, ComesBackAsItWasSent) {
    const auto bytes = encode(reply_message{5, other, true, body});
    const auto m = decode_reply(bytes);
    ASSERT_TRUE(m);
    EXPECT_EQ(m->id, 5u);
    EXPECT_EQ(m->to, other);
    EXPECT_TRUE(m->refused);
    EXPECT_EQ(std::vector<std::byte>(m->body.begin(), m->body.end()), body);
}

TEST(RequestMessage, IsRefusedWhenCutShortOrTooLarge) {
    const auto bytes = encode(request_message{5, 2, ports::request_kind::echo, {}});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_request(std::span(bytes).first(size))) << size;
    const std::vector<std::byte> large(max_request_bytes + 1);
    EXPECT_TRUE(encode(request_message{1, 2, ports::request_kind::echo, large}).empty());
}

TEST(ReplyMessage, IsRefusedWhenCutShort) {
    const auto bytes = encode(reply_message{5, other, false, {}});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_reply(std::span(bytes).first(size))) << size;
}

struct PendingRequest : testing::Test {
    boost::asio::io_context io;
    pending_requests pending{io};
    std::optional<ports::answer> got;
    std::uint64_t sent = 0;

    void ask(milliseconds wait, bool send_works = true) {
        std::function<bool(std::uint64_t)> send = [this, send_works](std::uint64_t id) {
            sent = id;
            return send_works;
        };
        boost::asio::co_spawn(io, pending.ask(other, std::move(send), wait),
                              [this](std::exception_ptr, ports::answer a) { got = std::move(a); });
        io.poll();
    }
    void run() {
        io.restart();
        io.run();
    }
};

TEST_F(PendingRequest, IsAnsweredByTheReplyOfThatPeerAlone) {
    ask(milliseconds(60000));
    pending.replied({3, 30}, {sent, {1, 1}, false, body});
    pending.replied(other, {sent + 1, {1, 1}, false, body});
    io.restart();
    io.poll();
    EXPECT_FALSE(got);
    pending.replied(other, {sent, {1, 1}, false, body});
    run();
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->failed);
    EXPECT_EQ(got->body, body);
}

TEST_F(PendingRequest, EndsWithTheWaitWhenNobodyAnswers) {
    ask(milliseconds(1));
    run();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->failed, ports::ask_errc::timed_out);
}

TEST_F(PendingRequest, FailsWhenThePeerLeaves) {
    ask(milliseconds(60000));
    pending.view_changed({{1, 1}, {3, 30}});
    run();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->failed, ports::ask_errc::unreachable);
}

TEST_F(PendingRequest, FailsWhenItCannotBeSent) {
    ask(milliseconds(60000), false);
    run();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->failed, ports::ask_errc::unreachable);
}

} // namespace
