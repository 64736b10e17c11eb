// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/dcerpc/endpoint_directory.hpp"
#include "bridge/dcerpc/limits.hpp"
#include "bridge/dcerpc/observer.hpp"
#include "bridge/dcerpc/service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bridge::net {

/// Which listeners offer an interface; a bit mask.
enum class endpoint_group : std::uint8_t {
    mapper = 1,   ///< the well-known port 135
    services = 2, ///< the port of ClusAPI and its kin
    all = 3,
};

/// Settings of a server; fixed for its life.
struct server_config {
    dcerpc::limits bounds;
    bool offer_ndr64 = true;
    std::size_t auth_threads =
        2; ///< authentication legs may block, so they run beside the I/O thread
};

/// A DCE/RPC server over TCP: listeners, connections, authentication threads. Everything but the
/// authentication legs runs on the thread that runs the io_context. Interfaces, acceptor and
/// observer outlive the server and the io_context's last handler.
class server final : public dcerpc::endpoint_directory {
public:
    server(boost::asio::io_context& io, const server_config& config, auth::acceptor& acceptor,
           dcerpc::observer& watcher);
    /// Stops, then waits for the authentication threads.
    ~server() override;
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Offers `target` on the listeners of `where`. Before the first `listen`.
    void add_interface(const dcerpc::interface& target, endpoint_group where);

    /// Listens on a literal address; port 0 takes a free one. The error says why not (address in
    /// use, no permission, not a local address); nothing is left behind then.
    boost::system::error_code listen(const std::string& address, std::uint16_t port,
                                     endpoint_group where);

    /// From now on at most so many connections; those that are there stay.
    void limit_connections(std::size_t most);

    /// A listener as it was opened.
    struct local_endpoint {
        std::string address;
        std::uint16_t port = 0;
        endpoint_group where = endpoint_group::all;
    };
    [[nodiscard]] std::vector<local_endpoint> local_endpoints() const;

    /// Closes listeners and connections and cancels their calls. The io_context has nothing of the
    /// server left to do once these have ended; run it until `idle`.
    void stop();
    [[nodiscard]] bool idle() const;

    [[nodiscard]] std::size_t connections() const;

    // endpoint_directory
    [[nodiscard]] std::vector<dcerpc::endpoint> endpoints() const override;
    [[nodiscard]] dcerpc::traffic statistics() const override;

private:
    struct parts;
    std::shared_ptr<parts> parts_;
};

} // namespace bridge::net
