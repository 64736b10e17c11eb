// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

struct pollfd;

namespace sgpr {

inline constexpr std::size_t max_guard_connections = 8;

/// The socket on which a guard is asked and told things, and the lock that keeps a second guard off
/// the disk (SOCKET.lock). Nothing here waits: the owner polls add_to()'s descriptors and then
/// calls serve(). Only root and the process's own user may connect.
class guard_socket {
public:
    struct line {
        std::uint64_t connection = 0;
        std::string text; ///< without its end
    };

    explicit guard_socket(std::filesystem::path where);
    /// Removes the socket.
    ~guard_socket();
    guard_socket(const guard_socket&) = delete;
    guard_socket& operator=(const guard_socket&) = delete;

    /// Takes the lock, then listens: mode 0600. std::errc::device_or_resource_busy: another guard
    /// holds the lock.
    std::error_code open();

    [[nodiscard]] const std::filesystem::path& path() const { return where_; }

    /// The lock's descriptor; the lock lasts as long as any copy of it is open.
    [[nodiscard]] int lock_descriptor() const { return lock_; }

    void add_to(std::vector<::pollfd>& waits) const;

    /// Accepts and reads what is there, at most a line's limit of each connection. A connection too
    /// many closes the oldest; one whose line is too long is closed.
    std::vector<line> serve();

    /// Sends what fits at once; a peer that does not read loses its connection.
    void answer(std::uint64_t connection, const std::string& text);

private:
    struct connection {
        std::uint64_t number = 0;
        int descriptor = -1;
        std::string input;
    };

    void accept_all();
    bool read_from(connection& from, std::vector<line>& lines);
    void drop(std::uint64_t number);

    std::filesystem::path where_;
    int lock_ = -1;
    int listening_ = -1;
    std::uint64_t last_number_ = 0;
    std::deque<connection> connections_; ///< oldest first
};

} // namespace sgpr
