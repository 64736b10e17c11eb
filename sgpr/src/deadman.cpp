// SPDX-License-Identifier: Apache-2.0
#include "sgpr/deadman.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <utility>

namespace sgpr {

namespace {

using std::chrono::nanoseconds;

/// Of a message to the second process: the time until which the disk is owned, or this.
constexpr std::int64_t disarmed = -1;
constexpr int disarm_wait_ms = 1000;

std::error_code last_error() {
    return {errno, std::generic_category()};
}

int run_out_timer(std::int64_t until) {
    const int timer = ::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    ::itimerspec when{};
    when.it_value.tv_sec = until / 1'000'000'000;
    when.it_value.tv_nsec = until % 1'000'000'000;
    if (timer >= 0)
        ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
    return timer;
}

/// What the second process is told next.
enum class told : std::uint8_t { longer, disarm, run_out, alone };

/// Waits for the next message, at most until `until` (0: not armed yet).
told wait_for_word(int channel, std::int64_t& until) {
    const int timer = until > 0 ? run_out_timer(until) : -1;
    std::array<::pollfd, 2> waits{{{channel, POLLIN, 0}, {timer, POLLIN, 0}}};
    int ready = 0;
    do {
        ready = ::poll(waits.data(), timer >= 0 ? 2 : 1, -1);
    } while (ready < 0 && errno == EINTR);
    if (timer >= 0)
        ::close(timer);
    std::int64_t word = 0;
    const ::ssize_t got = ::recv(channel, &word, sizeof word, MSG_DONTWAIT);
    if (got == static_cast<::ssize_t>(sizeof word)) {
        until = word;
        return word == disarmed ? told::disarm : told::longer;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return until > 0 && since_boot().count() >= until ? told::run_out : told::longer;
    return told::alone;
}

void close_others(int one, int other) {
    const unsigned low = static_cast<unsigned>(std::min(one, other < 0 ? one : other));
    const unsigned high = static_cast<unsigned>(std::max(one, other));
    if (low > 3)
        ::close_range(3, low - 1, 0);
    if (high > low + 1)
        ::close_range(low + 1, high - 1, 0);
    ::close_range(high + 1, ~0U, 0);
}

void prepare_second_process(int channel, int keep) {
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE})
        std::signal(number, SIG_IGN);
    ::sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    close_others(channel, keep);
    ::prctl(PR_SET_NAME, "sgpr-deadman");
    ::mlockall(MCL_CURRENT | MCL_FUTURE);
    ::sched_param priority{};
    priority.sched_priority = 1;
    ::sched_setscheduler(0, SCHED_RR, &priority);
}

[[noreturn]] void run_second_process(int channel, int keep, const std::function<void()>& act) {
    prepare_second_process(channel, keep);
    std::int64_t until = 0;
    for (;;) {
        switch (wait_for_word(channel, until)) {
        case told::longer:
            continue;
        case told::disarm:
            ::_exit(0);
        case told::alone:
            if (until == 0)
                ::_exit(0); // never armed
            break;
        case told::run_out:
            break;
        }
        act();
        ::_exit(1);
    }
}

} // namespace

nanoseconds since_boot() {
    ::timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

struct deadman::parts {
    int channel = -1;
    ::pid_t process = -1;
    std::error_code error;
};

deadman::deadman(std::function<void()> act, int keep) : parts_(std::make_unique<parts>()) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        parts_->error = last_error();
        return;
    }
    parts_->process = ::fork();
    if (parts_->process == 0) {
        ::close(ends[0]);
        run_second_process(ends[1], keep, act);
    }
    if (parts_->process < 0)
        parts_->error = last_error();
    ::close(ends[1]);
    parts_->channel = ends[0];
}

deadman::~deadman() {
    if (parts_->channel >= 0)
        ::close(parts_->channel);
    if (parts_->process > 0)
        ::waitpid(parts_->process, nullptr, WNOHANG); // acting takes its time; init reaps it
}

std::error_code deadman::started() const {
    return parts_->error;
}

bool deadman::extend(nanoseconds until_since_boot) {
    const std::int64_t word = until_since_boot.count();
    return word > 0 && ::send(parts_->channel, &word, sizeof word, MSG_NOSIGNAL | MSG_DONTWAIT) ==
                           static_cast<::ssize_t>(sizeof word);
}

bool deadman::disarm() {
    if (parts_->process <= 0)
        return false;
    ::send(parts_->channel, &disarmed, sizeof disarmed, MSG_NOSIGNAL | MSG_DONTWAIT);
    // Its end of the channel closes when it ends; while it acts it stays open.
    ::pollfd ended{parts_->channel, POLLIN, 0};
    int status = 0;
    if (::poll(&ended, 1, disarm_wait_ms) <= 0 ||
        ::waitpid(parts_->process, &status, 0) != parts_->process)
        return false;
    parts_->process = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int deadman::descriptor() const {
    return parts_->channel;
}

} // namespace sgpr
