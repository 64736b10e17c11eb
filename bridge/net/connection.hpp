// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/connection_machine.hpp"
#include "bridge/net/auth_gate.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

namespace bridge::net {

class connection;

/// What a connection needs of its server.
class connection_host {
public:
    virtual ~connection_host() = default;

    /// A buffer for one read, shared by all connections: its contents are consumed before the call
    /// that read it returns.
    virtual std::span<std::byte> read_buffer() = 0;
    virtual auth_gate& authentication() = 0;
    virtual dcerpc::observer& watcher() = 0;
    virtual void became_authenticated(connection& c) = 0;
    virtual void closed(connection& c) = 0;
};

/// Drives a connection_machine over one socket. Kept alive by its pending operations and running
/// calls.
class connection : public std::enable_shared_from_this<connection> {
public:
    using clock = std::chrono::steady_clock;

    /// `environment` outlives the connection, `host` is kept.
    connection(std::shared_ptr<connection_host> host, boost::asio::ip::tcp::socket socket,
               const dcerpc::connection_environment& environment, dcerpc::connection_info info);

    void start();

    /// Acts on deadlines that passed.
    void tick(clock::time_point now);

    /// Closes at once and cancels the calls.
    void abandon(std::string_view why);

    [[nodiscard]] const dcerpc::connection_info& info() const { return info_; }

    /// Place in the host's list; the host's business.
    std::list<connection*>::iterator unauthenticated_place;
    bool listed_unauthenticated = false;

private:
    enum class phase : std::uint8_t { open, draining, closed };
    struct running_call {
        std::uint32_t key;
        std::shared_ptr<dcerpc::association_group>
            group; // handles outlive the connection while the call runs
        boost::asio::cancellation_signal signal;
    };

    void wait_readable();
    void wait_writable();
    void on_readable(const boost::system::error_code& error);
    void on_writable(const boost::system::error_code& error);
    void drive();
    void perform_actions();
    void flush();
    void run(dcerpc::run_call& what);
    void spawn(dcerpc::run_call& what, dcerpc::suspended_method method);
    void suspended_done(std::uint32_t key, std::exception_ptr error, dcerpc::response answer);
    void authenticate(dcerpc::start_auth& leg);
    void cancel(std::uint32_t key);
    void drain_then_close();
    void discard_input();
    void close(std::string_view why);

    std::shared_ptr<connection_host> host_;
    boost::asio::ip::tcp::socket socket_;
    dcerpc::connection_info info_;
    dcerpc::connection_machine machine_;
    phase phase_ = phase::open;
    bool reading_ = false;
    bool writing_ = false;
    auth_gate::ticket leg_ = 0; // the last that was submitted
    std::size_t discarded_ = 0;
    clock::time_point drain_deadline_ = clock::time_point::max();
    clock::time_point now_ = clock::now(); // when the work in hand began
    std::vector<std::unique_ptr<running_call>> running_;
    dcerpc::response answer_; // of immediate methods, its memory used again
};

} // namespace bridge::net
