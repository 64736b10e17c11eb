// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard.hpp"

#include "sgpr/deadman.hpp"
#include "sgpr/guard_request.hpp"
#include "sgpr/guard_socket.hpp"

#include <boost/json/array.hpp>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

namespace sgpr {

namespace json = boost::json;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

/// Times of the machine: since boot, asleep or not.
time_point boot_time() {
    return time_point(duration_cast<duration>(since_boot()));
}

int block_signals() {
    ::sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

std::int64_t ms(duration time) {
    return duration_cast<milliseconds>(time).count();
}

} // namespace

json::object guard_status(const guard_machine& machine, time_point now) {
    json::object out;
    out["state"] = std::string(text(machine.state()));
    out["key"] = text(machine.own());
    out["challenging"] = machine.challenging();
    const auto defended = machine.defended();
    if (!defended)
        return out;
    out["owned_for_ms"] = std::max<std::int64_t>(0, ms(defended->until - now));
    out["last_look_ms"] = ms(now - defended->last_look);
    out["holder"] = defended->holder;
    out["generation"] = defended->generation;
    out["looks"] = defended->looks;
    out["failed_looks"] = defended->failed_looks;
    out["removed"] = defended->removed;
    out["moves"] = defended->moves;
    out["unexplained"] = defended->unexplained;
    json::array paths;
    for (const defended_path& p : defended->paths)
        paths.push_back(json::object{{"name", p.name}, {"live", p.live}, {"usable", p.usable}});
    out["paths"] = std::move(paths);
    return out;
}

struct guard::parts {
    explicit parts(guard_settings with) : settings(std::move(with)), socket(settings.socket) {}

    void wait(time_point until);
    void follow_paths(guard_machine& machine);
    void serve(guard_machine& machine);
    void carry_out(guard_machine& machine, const guard_socket::line& line);
    void take_signals(guard_machine& machine);
    void keep_deadman(guard_machine& machine, write_barrier& barrier);

    guard_settings settings;
    path_watch* paths = nullptr;
    guard_socket socket;
    std::optional<deadman> dead;
    int signals = -1;
    bool told_ready = false;
};

/// Until then, or until somebody asks something.
void guard::parts::wait(time_point until) {
    std::vector<::pollfd> waits;
    waits.push_back({signals, POLLIN, 0});
    waits.push_back({dead ? dead->descriptor() : -1, POLLIN, 0});
    if (paths != nullptr) {
        waits.push_back({paths->descriptor(), POLLIN, 0});
        until = std::min(until, paths->due());
    }
    socket.add_to(waits);
    const auto left = std::clamp<std::int64_t>(ms(until - boot_time()) + 1, 0, 60'000);
    ::poll(waits.data(), waits.size(), static_cast<int>(left));
}

void guard::parts::follow_paths(guard_machine& machine) {
    if (paths == nullptr)
        return;
    for (const std::string& name : paths->follow(boot_time()))
        machine.path_changed(name);
}

void guard::parts::take_signals(guard_machine& machine) {
    ::signalfd_siginfo taken{};
    while (::read(signals, &taken, sizeof taken) == static_cast<::ssize_t>(sizeof taken))
        (void)machine.release(); // what is mounted is in the log of whoever unmounts
}

void guard::parts::carry_out(guard_machine& machine, const guard_socket::line& line) {
    const guard_request asked = read_guard_request(line.text);
    std::string answer;
    switch (asked.command) {
    case guard_command::unknown:
        answer = guard_error(asked.id, "invalid", asked.error);
        break;
    case guard_command::status:
        answer = guard_result(asked.id, guard_status(machine, boot_time()));
        break;
    case guard_command::stop:
        answer = machine.stop() ? guard_result(asked.id, {})
                                : guard_error(asked.id, "not-owned", "the disk is not owned");
        break;
    case guard_command::release: {
        const auto busy = machine.release();
        answer = busy ? guard_error(asked.id, "busy", *busy) : guard_result(asked.id, {});
        break;
    }
    }
    socket.answer(line.connection, answer);
}

void guard::parts::serve(guard_machine& machine) {
    take_signals(machine);
    for (const auto& line : socket.serve())
        carry_out(machine, line);
}

/// Told until when the disk is ours; disarmed as soon as nothing is to be stopped any more.
void guard::parts::keep_deadman(guard_machine& machine, write_barrier& barrier) {
    if (!settings.with_deadman)
        return;
    const auto until = machine.owned_until();
    if (!until) {
        if (dead)
            (void)dead->disarm(); // the machine has done itself what there was to do
        dead.reset();
        return;
    }
    if (dead && dead->extend(duration_cast<std::chrono::nanoseconds>(until->time_since_epoch())))
        return;
    if (dead && boot_time() >= *until) { // it has acted
        dead.reset();
        machine.writes_were_stopped();
        return;
    }
    // Not there yet, or somebody killed it.
    dead.emplace(
        [&barrier] {
            (void)barrier.forbid_writes();
            (void)barrier.shut_down_file_systems();
        },
        socket.lock_descriptor());
    (void)dead->extend(duration_cast<std::chrono::nanoseconds>(until->time_since_epoch()));
}

guard::guard(guard_settings settings) : parts_(std::make_unique<parts>(std::move(settings))) {}

guard::~guard() {
    if (parts_->signals >= 0)
        ::close(parts_->signals);
}

std::error_code guard::open() {
    return parts_->socket.open();
}

guard_end guard::run(guard_machine& machine, write_barrier& barrier, path_watch* paths) {
    parts_->paths = paths;
    parts_->signals = block_signals();
    for (;;) {
        const auto answer = machine.step(boot_time());
        parts_->keep_deadman(machine, barrier);
        if (const auto* end = std::get_if<guard_end>(&answer))
            return *end;
        if (!parts_->told_ready && machine.writable()) {
            parts_->told_ready = true;
            if (parts_->settings.ready)
                parts_->settings.ready();
        }
        parts_->wait(std::get<call_again>(answer).at);
        parts_->follow_paths(machine);
        parts_->serve(machine);
        parts_->keep_deadman(machine, barrier);
    }
}

} // namespace sgpr
