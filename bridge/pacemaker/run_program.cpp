// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace bridge::pacemaker {

namespace {

using clock_type = std::chrono::steady_clock;

// Agents need a path and the place of their shell functions; nothing else of ours is their
// business.
constexpr std::array environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                                 "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1",
                                 "OCF_RA_VERSION_MINOR=1"};

struct pipe_pair {
    pipe_pair() {
        if (::pipe2(ends, O_CLOEXEC) != 0)
            ends[0] = ends[1] = -1;
    }
    ~pipe_pair() {
        shut(0);
        shut(1);
    }
    pipe_pair(const pipe_pair&) = delete;
    pipe_pair& operator=(const pipe_pair&) = delete;
    void shut(int i) {
        if (ends[i] >= 0)
            ::close(ends[i]);
        ends[i] = -1;
    }
    int ends[2];
};

/// The child, or -1.
pid_t spawn(const program& what, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    std::vector<char*> arguments;
    for (const std::string& argument : what.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::array<char*, environment.size() + 1> variables{};
    std::transform(environment.begin(), environment.end(), variables.begin(),
                   [](const char* v) { return const_cast<char*>(v); });
    pid_t child = -1;
    if (posix_spawn(&child, arguments[0], &actions, &attributes, arguments.data(),
                    variables.data()) != 0)
        child = -1;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

/// Reads to the end; false: stopped, too late or too much.
bool read_all(int fd, const program& what, const stop_event& stop, std::string& output) {
    const auto end = clock_type::now() + what.timeout;
    std::array<char, 16384> buffer;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - clock_type::now());
        std::array<pollfd, 2> wait{pollfd{fd, POLLIN, 0}, pollfd{stop.fd(), POLLIN, 0}};
        if (left.count() <= 0 ||
            (::poll(wait.data(), wait.size(), static_cast<int>(left.count())) < 0 &&
             errno != EINTR))
            return false;
        if (wait[1].revents != 0)
            return false;
        if (wait[0].revents == 0)
            continue;
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            output.append(buffer.data(), static_cast<std::size_t>(got));
        if (output.size() > what.max_output)
            return false;
    }
}

} // namespace

stop_event::stop_event() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

stop_event::~stop_event() {
    ::close(fd_);
}

void stop_event::set() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);
}

bool stop_event::is_set() const {
    pollfd wait{fd_, POLLIN, 0};
    return ::poll(&wait, 1, 0) > 0;
}

std::optional<std::string> run_program(const program& what, const stop_event& stop) {
    if (what.arguments.empty() || what.arguments[0].empty() || what.arguments[0][0] != '/')
        return std::nullopt;
    pipe_pair output;
    if (output.ends[0] < 0)
        return std::nullopt;
    const pid_t child = spawn(what, output.ends[1]);
    output.shut(1);
    if (child < 0)
        return std::nullopt;
    std::string text;
    const bool complete = read_all(output.ends[0], what, stop, text);
    // Also after a complete answer: who closed its output may still run.
    if (!complete)
        ::kill(-child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!complete || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return std::nullopt;
    return text;
}

} // namespace bridge::pacemaker
