// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard_socket.hpp"

#include "sgpr/guard_request.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sgpr {

namespace {

std::error_code last_error() {
    return {errno, std::generic_category()};
}

bool may_command(int descriptor) {
    ::ucred peer{};
    ::socklen_t size = sizeof peer;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == 0 || peer.uid == ::geteuid());
}

} // namespace

guard_socket::guard_socket(std::filesystem::path where) : where_(std::move(where)) {}

guard_socket::~guard_socket() {
    for (const connection& c : connections_)
        ::close(c.descriptor);
    if (listening_ >= 0) {
        ::close(listening_);
        ::unlink(where_.c_str());
    }
    if (lock_ >= 0)
        ::close(lock_);
}

std::error_code guard_socket::open() {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = where_.string();
    if (text.size() >= sizeof address.sun_path)
        return std::make_error_code(std::errc::filename_too_long);
    std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
    lock_ = ::open((text + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_ < 0)
        return last_error();
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? std::make_error_code(std::errc::device_or_resource_busy)
                                    : last_error();
    ::unlink(text.c_str()); // of a guard that is gone: its lock was free
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return last_error();
    // Nobody can connect before listen(): until then its mode does not matter.
    if (::bind(made, reinterpret_cast<::sockaddr*>(&address), sizeof address) != 0 ||
        ::chmod(text.c_str(), 0600) != 0 ||
        ::listen(made, static_cast<int>(max_guard_connections)) != 0) {
        const std::error_code error = last_error();
        ::close(made);
        return error;
    }
    listening_ = made;
    return {};
}

void guard_socket::add_to(std::vector<::pollfd>& waits) const {
    if (listening_ >= 0)
        waits.push_back({listening_, POLLIN, 0});
    for (const connection& c : connections_)
        waits.push_back({c.descriptor, POLLIN, 0});
}

void guard_socket::accept_all() {
    for (std::size_t i = 0; i < max_guard_connections; ++i) {
        const int made = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (made < 0)
            return;
        if (!may_command(made)) {
            ::close(made);
            continue;
        }
        if (connections_.size() == max_guard_connections)
            drop(connections_.front().number);
        connections_.push_back({++last_number_, made, {}});
    }
}

/// False: the connection is at its end.
bool guard_socket::read_from(connection& from, std::vector<line>& lines) {
    char buffer[max_guard_line];
    const std::size_t room = max_guard_line - from.input.size();
    const ::ssize_t got = ::recv(from.descriptor, buffer, room, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    from.input.append(buffer, static_cast<std::size_t>(got));
    for (auto end = from.input.find('\n'); end != std::string::npos; end = from.input.find('\n')) {
        lines.push_back({from.number, from.input.substr(0, end)});
        from.input.erase(0, end + 1);
    }
    return got > 0 && from.input.size() < max_guard_line;
}

std::vector<guard_socket::line> guard_socket::serve() {
    std::vector<line> lines;
    std::vector<std::uint64_t> ended;
    accept_all();
    for (connection& c : connections_)
        if (!read_from(c, lines))
            ended.push_back(c.number);
    for (const std::uint64_t number : ended)
        drop(number);
    return lines;
}

void guard_socket::answer(std::uint64_t number, const std::string& text) {
    const auto found = std::ranges::find(connections_, number, &connection::number);
    if (found == connections_.end())
        return;
    const ::ssize_t sent =
        ::send(found->descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != static_cast<::ssize_t>(text.size()))
        drop(number);
}

void guard_socket::drop(std::uint64_t number) {
    const auto found = std::ranges::find(connections_, number, &connection::number);
    if (found == connections_.end())
        return;
    ::close(found->descriptor);
    connections_.erase(found);
}

} // namespace sgpr
