// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/remote_agent.hpp"

#include "sgpr/validate/wire.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace sgpr::validate {
namespace {

enum class line_end { complete, end, timeout, too_long };

/// One line without its end into `line`; what follows stays in `buffer`.
line_end read_line(int from, std::string& buffer, std::string& line, std::size_t most,
                   std::chrono::milliseconds wait, const std::atomic<bool>* stop) {
    const auto end = std::chrono::steady_clock::now() + wait;
    for (;;) {
        if (const auto at = buffer.find('\n'); at != std::string::npos) {
            line = buffer.substr(0, at);
            buffer.erase(0, at + 1);
            return line_end::complete;
        }
        if (buffer.size() > most) {
            return line_end::too_long;
        }
        const auto now = std::chrono::steady_clock::now();
        if (now >= end || (stop != nullptr && stop->load())) {
            return line_end::timeout;
        }
        pollfd waiting{from, POLLIN, 0};
        if (poll(&waiting, 1, 200) <= 0) {
            continue;
        }
        std::array<char, 65536> room{};
        const auto got = read(from, room.data(), room.size());
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
            return line_end::end;
        }
        buffer.append(room.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
}

bool write_all(int to, const std::string& line) {
    std::size_t done = 0;
    while (done < line.size()) {
        const auto wrote = write(to, line.data() + done, line.size() - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(wrote);
    }
    return true;
}

/// A process group of its own, so that Ctrl-C reaches us first and the agents' work is undone in
/// order.
pid_t start(const std::string& command, int in, int out) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawnattr_t how;
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP);
    std::string shell = "/bin/sh";
    std::string flag = "-c";
    std::string line = command;
    std::array<char*, 4> arguments{shell.data(), flag.data(), line.data(), nullptr};
    pid_t child = -1;
    const auto error = posix_spawn(&child, shell.c_str(), &files, &how, arguments.data(), environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return error == 0 ? child : -1;
}

} // namespace

remote_agent::remote_agent(std::string name, const std::string& command) : name_(std::move(name)) {
    std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> input{-1, -1};
    std::array<int, 2> output{-1, -1};
    if (pipe2(input.data(), O_CLOEXEC) != 0) {
        return;
    }
    if (pipe2(output.data(), O_CLOEXEC) != 0) {
        close(input[0]);
        close(input[1]);
        return;
    }
    child_ = start(command, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    to_ = input[1];
    from_ = output[0];
}

remote_agent::~remote_agent() {
    if (to_ >= 0) {
        close(to_); // the other side cleans up and ends
    }
    constexpr int tenths = 150;
    for (int i = 0; child_ > 0 && i < tenths; ++i) {
        if (waitpid(child_, nullptr, WNOHANG) != 0) {
            child_ = -1;
            break;
        }
        usleep(100'000);
    }
    if (child_ > 0) {
        kill(-child_, SIGTERM);
        waitpid(child_, nullptr, WNOHANG);
    }
    if (from_ >= 0) {
        close(from_);
    }
}

answer remote_agent::broken(std::string why) {
    if (to_ >= 0) {
        close(to_);
        to_ = -1;
    }
    answer got;
    got.failed = problem_of(errc::transport, "node " + name_ + ": " + std::move(why));
    return got;
}

answer remote_agent::perform(const request& what) {
    if (to_ < 0 || child_ < 0) {
        return broken("not connected");
    }
    if (!write_all(to_, encode(what))) {
        return broken("its command has ended");
    }
    std::string line;
    switch (read_line(from_, buffer_, line, max_answer_line, answer_time, nullptr)) {
    case line_end::complete:
        break;
    case line_end::end:
        return broken("its command has ended");
    case line_end::timeout:
        return broken("no answer in time");
    case line_end::too_long:
        return broken("an answer that is too long");
    }
    auto got = decode_answer(line);
    if (!got) {
        return broken("an answer that is no message");
    }
    if (got->facts) {
        got->facts->name = name_; // what the administrator calls it
    }
    return std::move(*got);
}

int serve(node_agent& agent, int in, int out, const std::atomic<bool>& stop) {
    std::signal(SIGPIPE, SIG_IGN);
    std::string buffer;
    std::string line;
    constexpr std::chrono::hours idle{1};
    int status = 0;
    while (read_line(in, buffer, line, max_request_line, idle, &stop) == line_end::complete) {
        const auto what = decode_request(line);
        if (!what) {
            status = 1;
            break;
        }
        if (!write_all(out, encode(agent.perform(*what)))) {
            break;
        }
    }
    static_cast<void>(agent.perform({.what = verb::clean_up}));
    return status;
}

} // namespace sgpr::validate
