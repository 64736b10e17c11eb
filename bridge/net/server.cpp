// SPDX-License-Identifier: Apache-2.0
#include "bridge/net/server.hpp"

#include "bridge/net/connection.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include <poll.h>

#include <array>
#include <unordered_map>
#include <utility>

namespace bridge::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t read_size = 64U << 10;
constexpr std::chrono::milliseconds tick_period{500};
constexpr std::chrono::milliseconds accept_pause{100};

bool in_group(endpoint_group member, endpoint_group where) {
    return (static_cast<unsigned>(member) & static_cast<unsigned>(where)) != 0;
}

/// What only the end of another connection can help.
bool out_of_resources(const boost::system::error_code& error) {
    return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
           error == asio::error::no_memory ||
           error == boost::system::errc::too_many_files_open_in_system;
}

/// Whether a connection is there to be accepted.
bool somebody_waits(tcp::acceptor& listener) {
    pollfd now{listener.native_handle(), POLLIN, 0};
    return ::poll(&now, 1, 0) > 0;
}

std::string endpoint_text(const asio::ip::address& address, std::uint16_t port) {
    const auto text = address.to_string();
    return (address.is_v6() ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

} // namespace

struct server::parts final : connection_host, std::enable_shared_from_this<server::parts> {
    struct listener {
        listener(asio::io_context& io, const parts& owner, endpoint_group group);

        tcp::acceptor socket;
        endpoint_group where;
        std::vector<const dcerpc::interface*> interfaces;
        dcerpc::connection_environment environment;
        local_endpoint local;
        asio::steady_timer pause;
    };
    struct offer {
        const dcerpc::interface* target;
        endpoint_group where;
    };

    parts(asio::io_context& context, const server_config& settings, auth::acceptor& contexts,
          dcerpc::observer& reports)
        : io(context), config(settings), acceptor(contexts), events(reports),
          associations(config.bounds), memory(config.bounds),
          gate(std::make_shared<auth_gate>(io, config.bounds, settings.auth_threads)), ticker(io) {}

    // connection_host
    std::span<std::byte> read_buffer() override { return buffer; }
    auth_gate& authentication() override { return *gate; }
    dcerpc::observer& watcher() override { return events; }
    void became_authenticated(connection& c) override;
    void closed(connection& c) override;

    boost::system::error_code open(listener& l, const std::string& address, std::uint16_t port);
    void accept(const std::shared_ptr<listener>& l);
    void accept_later(const std::shared_ptr<listener>& l, const boost::system::error_code& error);
    void accepted(const std::shared_ptr<listener>& l, tcp::socket socket);
    bool admit(const dcerpc::connection_info& info);
    bool make_room();
    void start_ticker();
    void tick();
    void stop();

    asio::io_context& io;
    server_config config;
    auth::acceptor& acceptor;
    dcerpc::observer& events;
    mutable dcerpc::association_registry associations;
    mutable dcerpc::memory_budgets memory;
    mutable dcerpc::traffic counted;
    std::shared_ptr<auth_gate> gate;
    asio::steady_timer ticker;
    bool ticking = false;
    bool stopped = false;
    std::uint64_t last_id = 0;
    std::vector<offer> offers;
    std::vector<std::shared_ptr<listener>> listeners;
    std::unordered_map<std::uint64_t, std::shared_ptr<connection>> open_connections;
    std::unordered_map<std::string, std::size_t> connections_of_source;
    std::list<connection*> unauthenticated;
    std::array<std::byte, read_size> buffer{};
};

server::parts::listener::listener(asio::io_context& io, const parts& owner, endpoint_group group)
    : socket(io), where(group), environment{owner.config.bounds, {},
                                            owner.associations,  owner.memory,
                                            owner.acceptor,      owner.events,
                                            owner.counted,       owner.config.offer_ndr64},
      pause(io) {
    for (const auto& offered : owner.offers) {
        if (in_group(offered.where, group)) {
            interfaces.push_back(offered.target);
        }
    }
    environment.interfaces = interfaces;
}

boost::system::error_code server::parts::open(listener& l, const std::string& address,
                                              std::uint16_t port) {
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) {
        return error;
    }
    const tcp::endpoint wanted(ip, port);
    l.socket.open(wanted.protocol(), error);
    if (!error) {
        l.socket.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && ip.is_v6()) {
        // An address is what it says: beside "::" there may be a listener on "0.0.0.0".
        l.socket.set_option(asio::ip::v6_only(true), error);
    }
    if (!error) {
        l.socket.bind(wanted, error);
    }
    if (!error) {
        l.socket.listen(asio::socket_base::max_listen_connections, error);
    }
    if (!error) {
        l.local = {ip.to_string(), l.socket.local_endpoint(error).port(), l.where};
    }
    return error;
}

void server::parts::accept(const std::shared_ptr<listener>& l) {
    l->socket.async_accept(
        [self = shared_from_this(), l](const boost::system::error_code& error, tcp::socket socket) {
            if (self->stopped || error == asio::error::operation_aborted) {
                return;
            }
            if (!error) {
                self->accepted(l, std::move(socket));
                self->accept(l);
                return;
            }
            if (error == asio::error::connection_aborted) {
                self->accept(l);
                return;
            }
            self->accept_later(l, error);
        });
}

/// After an accept that failed.
void server::parts::accept_later(const std::shared_ptr<listener>& l,
                                 const boost::system::error_code& error) {
    const auto again = [self = shared_from_this(), l](const boost::system::error_code&) {
        if (!self->stopped) {
            self->accept(l);
        }
    };
    if (out_of_resources(error)) {
        // The kernel looks for a descriptor before it looks for a connection: that there is none
        // left is nobody's trouble, and no reason to close one, until somebody comes.
        if (!somebody_waits(l->socket)) {
            l->socket.async_wait(asio::socket_base::wait_read, again);
            return;
        }
        events.accept_failed(error.message());
        if (make_room()) {
            accept(l);
            return;
        }
    } else {
        events.accept_failed(error.message());
    }
    // The connection stays in the backlog; trying at once would spin.
    l->pause.expires_after(accept_pause);
    l->pause.async_wait(again);
}

void server::parts::accepted(const std::shared_ptr<listener>& l, tcp::socket socket) {
    boost::system::error_code error;
    const auto remote = socket.remote_endpoint(error);
    const auto local = error ? tcp::endpoint() : socket.local_endpoint(error);
    if (error) {
        return; // gone before it was looked at
    }
    dcerpc::connection_info info;
    info.id = ++last_id;
    const auto peer = remote.address();
    info.peer = endpoint_text(peer, remote.port());
    info.peer_address = peer.to_string();
    info.local_address = local.address().to_string();
    info.local_port = local.port();
    if (!admit(info)) {
        return;
    }
    auto c = std::make_shared<connection>(shared_from_this(), std::move(socket), l->environment,
                                          std::move(info));
    ++connections_of_source[c->info().peer_address];
    open_connections.emplace(c->info().id, c);
    c->unauthenticated_place = unauthenticated.insert(unauthenticated.end(), c.get());
    c->listed_unauthenticated = true;
    c->start();
    start_ticker();
}

/// Whether there is room for one more; makes room among those that have not said who they are.
bool server::parts::admit(const dcerpc::connection_info& info) {
    const auto& bounds = config.bounds;
    const auto here = connections_of_source.find(info.peer_address);
    if (here != connections_of_source.end() && here->second >= bounds.connections_per_source) {
        events.limit_hit(info, "connections_per_source");
        return false;
    }
    const bool crowded = open_connections.size() >= bounds.connections;
    if (unauthenticated.size() >= bounds.unauthenticated_connections ||
        (crowded && !unauthenticated.empty())) {
        events.limit_hit(info, crowded ? "connections" : "unauthenticated_connections");
        return make_room();
    }
    if (crowded) {
        events.limit_hit(info, "connections");
        return false;
    }
    return true;
}

/// Closes the oldest of those that have not said who they are; false: there is none.
bool server::parts::make_room() {
    if (unauthenticated.empty()) {
        return false;
    }
    unauthenticated.front()->abandon("oldest without identity, room was needed");
    return true;
}

void server::parts::became_authenticated(connection& c) {
    if (c.listed_unauthenticated) {
        unauthenticated.erase(c.unauthenticated_place);
        c.listed_unauthenticated = false;
    }
}

void server::parts::closed(connection& c) {
    became_authenticated(c); // only off the list
    const auto source = connections_of_source.find(c.info().peer_address);
    if (source != connections_of_source.end() && --source->second == 0) {
        connections_of_source.erase(source);
    }
    open_connections.erase(c.info().id);
}

/// One timer for the deadlines of all connections; it rests when there are none.
void server::parts::start_ticker() {
    if (ticking || stopped) {
        return;
    }
    ticking = true;
    ticker.expires_after(tick_period);
    ticker.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        self->ticking = false;
        if (!error) {
            self->tick();
        }
    });
}

void server::parts::tick() {
    const auto now = connection::clock::now();
    std::vector<std::shared_ptr<connection>> all;
    all.reserve(open_connections.size());
    for (const auto& [id, c] : open_connections) {
        all.push_back(c);
    }
    for (const auto& c : all) {
        c->tick(now);
    }
    if (!open_connections.empty()) {
        start_ticker();
    }
}

void server::parts::stop() {
    if (stopped) {
        return;
    }
    stopped = true;
    boost::system::error_code ignored;
    for (const auto& l : listeners) {
        l->socket.close(ignored);
        l->pause.cancel();
    }
    ticker.cancel();
    gate->drop_waiting();
    while (!open_connections.empty()) {
        const auto c = open_connections.begin()->second;
        c->abandon("server stops");
    }
}

server::server(asio::io_context& io, const server_config& config, auth::acceptor& acceptor,
               dcerpc::observer& watcher)
    : parts_(std::make_shared<parts>(io, config, acceptor, watcher)) {}

server::~server() {
    parts_->stop();
    parts_->gate->join();
}

void server::add_interface(const dcerpc::interface& target, endpoint_group where) {
    parts_->offers.push_back({&target, where});
}

boost::system::error_code server::listen(const std::string& address, std::uint16_t port,
                                         endpoint_group where) {
    auto l = std::make_shared<parts::listener>(parts_->io, *parts_, where);
    if (const auto error = parts_->open(*l, address, port)) {
        return error;
    }
    parts_->listeners.push_back(l);
    parts_->accept(l);
    return {};
}

void server::limit_connections(std::size_t most) {
    parts_->config.bounds.connections = most;
}

std::vector<server::local_endpoint> server::local_endpoints() const {
    std::vector<local_endpoint> all;
    for (const auto& l : parts_->listeners) {
        all.push_back(l->local);
    }
    return all;
}

void server::stop() {
    parts_->stop();
}

bool server::idle() const {
    return parts_.use_count() == 1 && parts_->gate->busy() == 0;
}

std::size_t server::connections() const {
    return parts_->open_connections.size();
}

dcerpc::traffic server::statistics() const {
    return parts_->counted;
}

std::vector<dcerpc::endpoint> server::endpoints() const {
    std::vector<dcerpc::endpoint> all;
    for (const auto& offered : parts_->offers) {
        for (const auto& l : parts_->listeners) {
            if (in_group(offered.where, l->where)) {
                all.push_back({offered.target, l->local.port, l->local.address});
            }
        }
    }
    return all;
}

} // namespace bridge::net
