// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/control_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bridge::daemon {

struct control_settings {
    std::filesystem::path socket;
    std::size_t line_bytes = 2U << 20;              ///< of a request with its end
    std::size_t connections = 16;                   ///< one more is told so and closed
    std::chrono::milliseconds request_time{60'000}; ///< then its handler is cancelled
    std::chrono::milliseconds idle_time{60'000};    ///< until a whole request came, or an answer
                                                    ///< was taken; then the connection is closed
    std::function<void(std::string_view)> log;      ///< who was turned away; what handlers note
};

/// The socket through which root and the daemon's own user command this daemon
/// (control_request.hpp). Lives on the io_context's thread.
///
/// A connection's requests run one after the other: what it sends meanwhile waits in the kernel, so
/// that no more requests are held than there are connections.
class control_socket {
public:
    /// Carries out one command: its arguments, `peer` among them as {"uid", "pid"} of who asks;
    /// returns the result or a control_error(). An exception is answered as an error. On
    /// cancellation (time-out, stop) it ends soon.
    using handler = std::function<boost::asio::awaitable<boost::json::object>(boost::json::object)>;

    control_socket(boost::asio::io_context& io, control_settings settings);
    /// Stops.
    ~control_socket();
    control_socket(const control_socket&) = delete;
    control_socket& operator=(const control_socket&) = delete;

    void handle(std::string command, handler run);

    /// Into the log: what a handler did for whom.
    void note(std::string_view text) const;

    /// Listens: mode 0600, in a folder that is made (0755) when only its last component is missing.
    /// The socket of a daemon that is gone is replaced. Throws std::runtime_error: somebody listens
    /// there, or what is there is no socket, or the system refuses.
    void open();

    /// Closes everything, cancels what runs and removes the socket. Run the io_context until
    /// `idle`.
    void stop();
    [[nodiscard]] bool idle() const;

private:
    struct parts;
    std::shared_ptr<parts> parts_;
};

} // namespace bridge::daemon
