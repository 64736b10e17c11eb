// SPDX-License-Identifier: Apache-2.0
#include "sgpr/deadman.hpp"
#include "sgpr/guard.hpp"
#include "sgpr/guard_socket.hpp"

#include "tests/unit/sgpr/ownership_rig.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>

using namespace sgpr;
using namespace sgpr_test;

namespace {

constexpr int long_enough_ms = 20'000;

/// A deadman that writes a byte when it acts.
struct watched {
    watched() {
        EXPECT_EQ(::pipe(ends.data()), 0);
        it.emplace(
            [fd = ends[1]] {
                const char byte = '!';
                [[maybe_unused]] const auto sent = ::write(fd, &byte, 1);
            },
            ends[1]);
        ::close(ends[1]);
    }
    ~watched() { ::close(ends[0]); }

    /// Waits for the byte, or for the end of the process without it.
    bool acted() const {
        ::pollfd wait{ends[0], POLLIN, 0};
        char byte = 0;
        return ::poll(&wait, 1, long_enough_ms) == 1 && ::read(ends[0], &byte, 1) == 1;
    }

    std::array<int, 2> ends{};
    std::optional<deadman> it;
};

TEST(Deadman, ActsWhenTheTimeIsOver) {
    watched w;
    ASSERT_FALSE(w.it->started());
    ASSERT_TRUE(w.it->extend(since_boot() + 20ms));
    EXPECT_TRUE(w.acted());
    EXPECT_FALSE(w.it->disarm());
}

TEST(Deadman, ActsWhenItsMasterEndsWithoutAWord) {
    watched w;
    ASSERT_TRUE(w.it->extend(since_boot() + 1h));
    w.it.reset();
    EXPECT_TRUE(w.acted());
}

TEST(Deadman, DoesNothingWhenItIsDisarmed) {
    watched w;
    ASSERT_TRUE(w.it->extend(since_boot() + 1h));
    ASSERT_TRUE(w.it->extend(since_boot() + 2h));
    EXPECT_TRUE(w.it->disarm());
    EXPECT_FALSE(w.acted());
}

TEST(Deadman, DoesNothingBeforeItIsArmed) {
    watched w;
    w.it.reset();
    EXPECT_FALSE(w.acted());
}

struct quiet_barrier final : write_barrier {
    barrier_report forbid_writes() override { return {}; }
    barrier_report shut_down_file_systems() override { return {}; }
    barrier_report allow_writes() override { return {}; }
    std::vector<std::string> in_use() override { return {}; }
};

std::filesystem::path socket_path() {
    const auto path = std::filesystem::path(testing::TempDir()) /
                      ("guard_" + std::to_string(::getpid()) + ".socket");
    std::filesystem::remove(path);
    return path;
}

int connected(const std::filesystem::path& where) {
    const int made = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, where.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(made, reinterpret_cast<::sockaddr*>(&address), sizeof address), 0);
    return made;
}

TEST(GuardSocket, TakesLinesAndAnswers) {
    guard_socket s(socket_path());
    ASSERT_FALSE(s.open());
    const int client = connected(s.path());
    ASSERT_EQ(::send(client, "one\ntwo\nthr", 11, 0), 11);
    const auto lines = s.serve();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[1].text, "two");
    s.answer(lines[0].connection, "yes\n");
    std::array<char, 8> got{};
    EXPECT_EQ(::recv(client, got.data(), got.size(), 0), 4);
    ::close(client);
}

TEST(GuardSocket, IsALock) {
    guard_socket first(socket_path());
    ASSERT_FALSE(first.open());
    guard_socket second(first.path());
    EXPECT_EQ(second.open(), std::errc::device_or_resource_busy);
}

TEST(Guard, OwnsAndReleasesOnATermSignal) {
    rig r;
    node n = r.make(1, 2);
    quiet_barrier barrier;
    guard_settings settings;
    settings.socket = socket_path();
    bool owned_meanwhile = false;
    settings.ready = [&] {
        owned_meanwhile = r.holder() == n.how.own;
        std::raise(SIGTERM);
    };
    guard g(settings);
    ASSERT_FALSE(g.open());
    guard_machine machine(*n.unit, n.how, {r.peers, n.gate, barrier, {}});
    const guard_end end = g.run(machine, barrier);
    EXPECT_EQ(end.outcome, guard_outcome::released);
    EXPECT_TRUE(end.clean);
    EXPECT_TRUE(owned_meanwhile);
    EXPECT_FALSE(r.disk.held());
}

} // namespace
