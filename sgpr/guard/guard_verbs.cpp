// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard/guard_verbs.hpp"

#include "sgpr/guard/guarded_disk.hpp"
#include "sgpr/guard/guarded_paths.hpp"

#include "sgpr/guard.hpp"
#include "sgpr/guard_multipath.hpp"
#include "sgpr/guard_request.hpp"
#include "sgpr/withdrawal.hpp"

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace sgpr::guards {

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds answer_time{10};
constexpr std::chrono::seconds admit_time{5};
constexpr std::chrono::seconds release_time{20}; ///< flush, release, unregister on every path

int complain(int status, const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return status;
}

/// Connected, or -1: no guard.
int connect_to(const std::filesystem::path& socket) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = socket.string();
    if (text.size() >= sizeof address.sun_path)
        return -1;
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made >= 0 && ::connect(made, reinterpret_cast<::sockaddr*>(&address), sizeof address) == 0)
        return made;
    if (made >= 0)
        ::close(made);
    return -1;
}

/// One line, without waiting longer than that for each piece; empty: none came.
std::string read_line(int from, std::chrono::seconds patience) {
    std::string line;
    while (line.size() < max_guard_line && line.find('\n') == std::string::npos) {
        ::pollfd wait{from, POLLIN, 0};
        const auto ms = std::chrono::milliseconds(patience).count();
        if (::poll(&wait, 1, static_cast<int>(ms)) <= 0)
            return {};
        std::array<char, 512> some{};
        const auto count = ::read(from, some.data(), some.size());
        if (count <= 0)
            break;
        line.append(some.data(), static_cast<std::size_t>(count));
    }
    return line;
}

/// What a guard answers to a command, a result or an error; nothing: no guard. An empty object: it
/// did not answer.
std::optional<json::object> ask(const std::filesystem::path& socket, std::string_view what,
                                std::chrono::seconds patience) {
    const int connection = connect_to(socket);
    if (connection < 0)
        return std::nullopt;
    const std::string request = R"({"id":1,"command":")" + std::string(what) + "\"}\n";
    std::string line;
    if (::send(connection, request.data(), request.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(request.size()))
        line = read_line(connection, patience);
    ::close(connection);
    boost::system::error_code error;
    const json::value read = json::parse(line, error);
    if (error || !read.is_object())
        return json::object{};
    const json::object& fields = read.get_object();
    const json::value* said = fields.if_contains("result");
    if (said == nullptr)
        said = fields.if_contains("error"); // has a code and a text
    return said != nullptr && said->is_object() ? said->get_object() : json::object{};
}

std::string text_in(const json::object& of, std::string_view name) {
    const json::value* found = of.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                  : "the guard does not answer";
}

std::int64_t number_in(const json::object& of, std::string_view name) {
    const json::value* found = of.if_contains(name);
    return found != nullptr && found->is_int64() ? found->get_int64() : -1;
}

/// Nothing: it owns the disk, and has seen so less than two periods ago.
std::optional<std::string> complaint_in(const json::object& answer) {
    const std::string state = text_in(answer, "state");
    if (state != text(guard_state::owned))
        return state;
    const std::int64_t last_look_ms = number_in(answer, "last_look_ms");
    if (last_look_ms < 0 ||
        std::chrono::milliseconds(last_look_ms) >= 2 * ownership_timing{}.period)
        return "no defence has succeeded for two periods";
    return std::nullopt;
}

int show_status(const guard_options& options, const disk_place& where) {
    const auto answer = ask(socket_of(options, where.id), "status", answer_time);
    if (!answer)
        return no_guard;
    const auto wrong = complaint_in(*answer);
    return wrong ? complain(trouble, *wrong) : done;
}

/// Takes what is left of this node's off a disk without a guard.
int withdraw(const guard_options& options, const disk_place& where) {
    if (!options.own || where.names.empty())
        return done;
    system_clock time;
    const auto unit = open_disk(where, time);
    if (!unit)
        return done;
    ownership_settings settings;
    settings.own = compose(*options.own);
    withdrawal leave(*unit, settings);
    for (;;) {
        const auto answer = leave.step(time.now());
        if (const auto* again = std::get_if<call_again>(&answer)) {
            if (again->at > time.now())
                time.sleep_for(again->at - time.now());
            continue;
        }
        const auto& end = std::get<withdrawn>(answer);
        if (end.clean || !end.why || end.why->code == errc::gone)
            return done;
        return complain(trouble, text(*end.why));
    }
}

int stop(const guard_options& options, const disk_place& where) {
    const auto socket = socket_of(options, where.id);
    const auto answer = ask(socket, "release", answer_time);
    if (answer && answer->contains("text")) // refused, as while something is mounted
        return complain(trouble, text_in(*answer, "text"));
    // It ends when the disk shows that nothing of ours is left, or will not show it.
    system_clock time;
    const auto end = time.now() + release_time;
    while (answer && ask(socket, "status", answer_time)) {
        if (time.now() > end)
            return complain(trouble, "the guard does not end");
        time.sleep_for(std::chrono::milliseconds(50));
    }
    return withdraw(options, where);
}

int show_holder(const guard_options& options, const disk_place& where) {
    system_clock time;
    const auto unit = open_disk(where, time);
    if (!unit)
        return no_guard;
    const auto picture = unit->read_picture();
    if (!picture)
        return complain(trouble, text(picture.error()));
    if (!picture->held)
        return no_guard;
    std::printf("%s\n", explain(picture->held->holder).c_str());
    return picture->held->holder == compose(*options.own) ? done : no_guard;
}

/// Whether that device may carry I/O as far as its guard is concerned: until the disk is owned the
/// host may not write at all.
bool admitted(const json::object& answer, const std::string& device) {
    if (text_in(answer, "state") != text(guard_state::owned))
        return true;
    const json::value* paths = answer.if_contains("paths");
    if (paths == nullptr || !paths->is_array())
        return false;
    for (const json::value& each : paths->get_array()) {
        const json::object* one = each.if_object();
        const json::value* usable = one != nullptr ? one->if_contains("usable") : nullptr;
        if (usable != nullptr && text_in(*one, "name") == device)
            return usable->is_bool() && usable->get_bool();
    }
    return false;
}

/// The guard hears of a new path from the kernel; this waits until it has registered it.
int admit(const guard_options& options, const disk_place& where) {
    const std::string device = device_of(std::filesystem::path(options.disk).filename());
    system_clock time;
    const auto end = time.now() + admit_time;
    do {
        const auto answer = ask(socket_of(options, where.id), "status", answer_time);
        if (!answer || admitted(*answer, device))
            return done; // or nobody here owns the disk
        time.sleep_for(std::chrono::milliseconds(20));
    } while (time.now() < end);
    return complain(trouble, device + " is not registered in time");
}

/// One line to whoever waits for the guard's verdict.
void tell(int report, status how, const std::string& why) {
    ::syslog(how == done ? LOG_NOTICE : LOG_ERR, "acquisition: %d %s", how, why.c_str());
    const std::string line = std::to_string(how) + " " + why + "\n";
    if (::write(report, line.data(), line.size()) < 0)
        ::syslog(LOG_WARNING, "nobody waits for the verdict");
    if (report > 2)
        ::close(report);
}

status verdict_of(const guard_end& end) {
    switch (end.outcome) {
    case guard_outcome::released:
    case guard_outcome::stopped:
        return done;
    case guard_outcome::refused:
        return not_ours;
    case guard_outcome::failed:
    case guard_outcome::lost:
        break;
    }
    return trouble;
}

/// In the guard's process: how the acquisition went goes to `report`.
int run_guard(const guard_options& options, const disk_place& where, int report) {
    ::signal(SIGPIPE, SIG_IGN);
    ::openlog("sgpr-guard", LOG_PID, LOG_DAEMON);
    bool told = false;
    guard process({.socket = socket_of(options, where.id), .ready = [&] {
                       told = true;
                       tell(report, done, {});
                   }});
    if (const auto error = process.open()) {
        tell(report, trouble,
             "the disk has a guard already, or its lock is held: " + error.message());
        return trouble;
    }
    system_clock time;
    const auto unit = open_disk(where, time);
    if (!unit) {
        tell(report, no_disk, "no path to the disk can be opened");
        return no_disk;
    }
    ownership_settings settings;
    settings.own = compose(*options.own);
    settings.foreign = options.foreign;
    settings.times.give_up = options.wait;
    guarded_paths paths(options, where, *unit, time);
    host_barrier barrier(host_barrier_settings{.find = [&] { return paths.disks(); }});
    const told_peers peers(options);
    const auto log = [](std::string_view line) {
        ::syslog(LOG_NOTICE, "%.*s", static_cast<int>(line.size()), line.data());
    };
    std::filesystem::path record = socket_of(options, where.id);
    record += ".out-of-map";
    multipath_gate gate({.record = record, .log = log});
    guard_machine machine(*unit, settings, {peers, gate, barrier, log});
    const guard_end end = process.run(machine, barrier, &paths);
    const status how = verdict_of(end);
    if (!told)
        tell(report, how == done ? trouble : how, end.why);
    log(std::string(text(end.outcome)) + ": " + end.why);
    return how;
}

[[noreturn]] void become_guard(const guard_options& options, const disk_place& where, int report) {
    ::setsid();
    if (::chdir("/") != 0)
        ::_exit(trouble);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3 && null >= 0; ++i)
        ::dup2(null, i);
    ::_exit(run_guard(options, where, report));
}

int start(const guard_options& options, const disk_place& where) {
    const auto socket = socket_of(options, where.id);
    if (const auto running = ask(socket, "status", answer_time)) {
        const auto wrong = complaint_in(*running);
        return wrong ? complain(trouble, *wrong) : done;
    }
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return complain(trouble, "no pipe");
    const pid_t child = ::fork();
    if (child < 0)
        return complain(trouble, "cannot fork");
    if (child == 0) {
        ::close(ends[0]);
        become_guard(options, where, ends[1]);
    }
    ::close(ends[1]);
    // The acquisition gives up by itself after options.wait.
    std::string line = read_line(ends[0], options.wait + std::chrono::seconds(2));
    if (line.empty()) {
        ::kill(child, SIGTERM);
        line = read_line(ends[0], std::chrono::seconds(4));
    }
    if (line.size() < 2)
        return complain(trouble, "the guard ended without a verdict");
    const int status = line[0] - '0';
    return status == done ? done : complain(status, line.substr(2, line.find('\n') - 2));
}

} // namespace

int run_verb(const guard_options& options) {
    std::error_code made;
    std::filesystem::create_directories(options.run_folder, made);
    ::chmod(options.run_folder.c_str(), 0700);
    const disk_place where = find_disk(options);
    if (where.id.empty())
        return options.verb == guard_verb::stop || options.verb == guard_verb::admit ? done
                                                                                     : no_disk;
    switch (options.verb) {
    case guard_verb::status:
        return show_status(options, where);
    case guard_verb::stop:
        return stop(options, where);
    case guard_verb::holder:
        return where.names.empty() ? no_disk : show_holder(options, where);
    case guard_verb::admit:
        return admit(options, where);
    case guard_verb::run:
    case guard_verb::start:
        break;
    }
    if (where.names.empty())
        return complain(no_disk, "no such disk");
    return options.verb == guard_verb::run ? run_guard(options, where, 1) : start(options, where);
}

} // namespace sgpr::guards
