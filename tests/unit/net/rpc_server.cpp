// SPDX-License-Identifier: Apache-2.0
// A server with nothing behind it, for foreign test suites and load clients: the endpoint mapper
// and management, an echo interface, and a stand-in for the one netlogon method that Samba's
// raw_protocol suite calls.
//   rpc_server ADDRESS MAPPER_PORT SERVICE_PORT [ACCOUNTS_FILE [KEYTAB]]
#include "bridge/auth/acceptor.hpp"
#include "bridge/epm/endpoint_mapper.hpp"
#include "bridge/epm/management.hpp"
#include "bridge/net/server.hpp"

#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

namespace {

using namespace bridge;

constexpr dcerpc::syntax_id netlogon_id{
    {0x12345678, 0x1234, 0xabcd, {0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0xcf, 0xfb}}, 1, 0};
constexpr dcerpc::syntax_id echo_id{
    {0x60a15ec5, 0x4de8, 0x11d7, {0xa6, 0x37, 0x00, 0x50, 0x56, 0xa2, 0x01, 0x82}}, 1, 0};

void echo(void*, dcerpc::call&, std::span<const std::byte> stub, dcerpc::response& out) {
    out.stub.assign(stub.begin(), stub.end());
}

/// As many bytes as the first 4 of the request say (little-endian), at most 1 MiB.
void produce(void*, dcerpc::call&, std::span<const std::byte> stub, dcerpc::response& out) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < 4 && i < stub.size(); ++i) {
        count |= std::to_integer<std::size_t>(stub[i]) << (8 * i);
    }
    out.stub.assign(std::min<std::size_t>(count, 1U << 20), std::byte{0x42});
}

/// NetrServerReqChallenge: a credential of zeros, success.
void challenge(void*, dcerpc::call&, std::span<const std::byte>, dcerpc::response& out) {
    out.stub.assign(12, std::byte{0});
}

/// A small answer of the size of ApiGetClusterName's, for load clients.
void two_names(void*, dcerpc::call&, std::span<const std::byte>, dcerpc::response& out) {
    out.stub.assign(88, std::byte{0});
}

constexpr dcerpc::syntax_id clusapi_id{
    {0xb97db8b2, 0x4c63, 0x11cf, {0xbf, 0xf6, 0x08, 0x00, 0x2b, 0xe2, 0x3f, 0x2f}}, 3, 0};
constexpr std::array<dcerpc::method, 4> clusapi_methods{
    {{"", {}}, {"", {}}, {"", {}}, {"ApiGetClusterName", dcerpc::immediate_method{two_names}}}};
constexpr std::array<dcerpc::method, 2> echo_methods{
    {{"echo", dcerpc::immediate_method{echo}}, {"produce", dcerpc::immediate_method{produce}}}};
constexpr std::array<dcerpc::method, 5> netlogon_methods{
    {{"", {}},
     {"", {}},
     {"", {}},
     {"", {}},
     {"NetrServerReqChallenge", dcerpc::immediate_method{challenge}}}};

struct printing_observer final : dcerpc::observer {
    bool quiet = std::getenv("RPC_SERVER_QUIET") != nullptr;
    void connection_closed(const dcerpc::connection_info& c, std::string_view why) override {
        say(c, "closed", why);
    }
    void authenticated(const dcerpc::connection_info& c, const auth::identity& who,
                       auth::protection_level) override {
        say(c, "authenticated", auth::display_name(who));
    }
    void authentication_failed(const dcerpc::connection_info& c, auth::mechanism,
                               std::string_view why) override {
        say(c, "authentication failed", why);
    }
    void limit_hit(const dcerpc::connection_info& c, std::string_view name) override {
        say(c, "limit", name);
    }
    void say(const dcerpc::connection_info& c, std::string_view what,
             std::string_view detail) const {
        if (!quiet) {
            std::cerr << c.peer << ": " << what << ": " << detail << '\n';
        }
    }
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::cerr
            << "usage: rpc_server ADDRESS MAPPER_PORT SERVICE_PORT [ACCOUNTS_FILE [KEYTAB]]\n";
        return 2;
    }
    auth::acceptor_config accounts;
    accounts.allow_anonymous = true;
    accounts.netbios_computer = "NODE1";
    accounts.netbios_domain = "TESTDOM";
    accounts.dns_computer = "node1.test.example";
    accounts.dns_domain = "test.example";
    accounts.machine_sid = win32::parse_sid("S-1-5-21-1-2-3").value();
    if (argc > 4) {
        accounts.accounts_file = argv[4];
    }
    if (argc > 5) {
        accounts.keytab = argv[5];
    }
    boost::asio::io_context io(1);
    const auto acceptor = auth::make_acceptor(accounts);
    printing_observer events;
    net::server_config config;
    config.bounds.auth_failures_per_minute = 0;
    net::server server(io, config, *acceptor, events);
    const epm::endpoint_mapper mapper(server);
    const epm::management manager(server, "host/node1");
    const dcerpc::interface echo_interface {
        echo_id, "echo", "echo", auth::protection_level::none, echo_methods, nullptr
    };
    const dcerpc::interface netlogon {
        netlogon_id, "netlogon", "netlogon", auth::protection_level::none, netlogon_methods, nullptr
    };
    const dcerpc::interface clusapi {
        clusapi_id, "clusapi", "clusapi", auth::protection_level::none, clusapi_methods, nullptr
    };
    server.add_interface(clusapi, net::endpoint_group::services);
    server.add_interface(mapper.offered(), net::endpoint_group::mapper);
    server.add_interface(manager.offered(), net::endpoint_group::all);
    server.add_interface(echo_interface, net::endpoint_group::all);
    server.add_interface(netlogon, net::endpoint_group::services);
    for (const auto& [port, where] : {std::pair{argv[2], net::endpoint_group::mapper},
                                      std::pair{argv[3], net::endpoint_group::services}}) {
        if (const auto error =
                server.listen(argv[1], static_cast<std::uint16_t>(std::atoi(port)), where)) {
            std::cerr << argv[1] << ':' << port << ": " << error.message() << '\n';
            return 1;
        }
    }
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) { server.stop(); });
    std::cout << "ready\n" << std::flush;
    io.run();
    return 0;
}
