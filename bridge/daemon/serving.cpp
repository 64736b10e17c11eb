// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/serving.hpp"

#include "bridge/clusapi/service.hpp"
#include "bridge/daemon/cluster_security.hpp"
#include "bridge/daemon/cluster_view.hpp"
#include "bridge/daemon/control_socket.hpp"
#include "bridge/daemon/descriptor_limit.hpp"
#include "bridge/daemon/log.hpp"
#include "bridge/daemon/ready_file.hpp"
#include "bridge/daemon/reports.hpp"
#include "bridge/daemon/resource_types.hpp"
#include "bridge/daemon/serving_settings.hpp"
#include "bridge/epm/endpoint_mapper.hpp"
#include "bridge/epm/management.hpp"
#include "bridge/net/server.hpp"

#include <systemd/sd-daemon.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace bridge::daemon {
namespace {

/// Taken to be open when nothing tells how many are.
constexpr std::uint64_t descriptors_if_unknown = 64;

/// The cluster as handlers see it: only with a registry in step may anything be changed (MS-CMRP
/// 3.1.1).
class served_cluster final : public ports::snapshot_source {
public:
    served_cluster(const cluster_view& view, const ports::registry& registry)
        : view_(view), registry_(registry) {}

    [[nodiscard]] model::snapshot_ptr current() const override { return view_.current(); }
    [[nodiscard]] std::string local_node() const override { return view_.local_node(); }
    [[nodiscard]] model::server_state state() const override {
        const model::server_state state = view_.state();
        const bool active = registry_.state() == ports::registry_state::active;
        if (state == model::server_state::read_write && !active)
            return model::server_state::read_only;
        return state;
    }

private:
    const cluster_view& view_;
    const ports::registry& registry_;
};

} // namespace

struct serving::parts {
    // In the order of construction; each may refer to those before it.
    configuration settings;
    std::filesystem::path ready_file;
    rpc_reports rpc_log;
    call_reports call_log;
    cluster_view view;
    served_cluster cluster;
    cluster_security security;
    clusapi::service handlers;
    dcerpc::interface clusapi_interface;
    std::unique_ptr<auth::acceptor> acceptor;
    net::server server;
    epm::endpoint_mapper mapper;
    epm::management management;
    std::optional<std::uint16_t> mapper_port;
    std::uint16_t clusapi_port = 0;

    parts(boost::asio::io_context& io, const configuration& c, serving_sources from,
          const win32::guid& id, std::filesystem::path ready)
        : settings(c), ready_file(std::move(ready)),
          view(builder_of(settings, id), from.cib, from.members, from.agents,
               [shown = settings.agent_standards](const auto& list, const auto& nodes) {
                   return resource_types(list, nodes, shown);
               }),
          cluster(view, from.registry),
          security(from.registry, security_of(settings),
                   [](std::string_view text) { log(log_level::info, std::string(text)); }),
          handlers{.cluster = cluster,
                   .security = security,
                   .store = from.registry,
                   .shown_as = personality_of(settings),
                   .reports = &call_log,
                   .disks = &from.disks},
          clusapi_interface(clusapi::make_clusapi3_interface(handlers)),
          acceptor(auth::make_acceptor(acceptor_of(settings, id))),
          server(io, {.bounds = limits_of(settings)}, *acceptor, rpc_log), mapper(server),
          management(server, "") {
        server.add_interface(clusapi_interface, net::endpoint_group::services);
        server.add_interface(mapper.offered(), net::endpoint_group::mapper);
        server.add_interface(management.offered(), net::endpoint_group::all);
    }

    void open_ports();
    void fit_to_descriptors();
    void listen_for_clusapi(const std::string& address);
    void listen_for_mapper(const std::string& address);
    void ready();
};

void serving::parts::listen_for_clusapi(const std::string& address) {
    const auto wanted =
        static_cast<std::uint16_t>(clusapi_port != 0 ? clusapi_port : settings.rpc_port);
    if (const auto error = server.listen(address, wanted, net::endpoint_group::services))
        throw std::runtime_error("ClusAPI cannot listen on " + address + " port " +
                                 std::to_string(wanted) + ": " + error.message());
    clusapi_port = server.local_endpoints().back().port;
}

void serving::parts::listen_for_mapper(const std::string& address) {
    const auto wanted = static_cast<std::uint16_t>(
        mapper_port.value_or(static_cast<std::uint16_t>(settings.endpoint_mapper_port)));
    if (const auto error = server.listen(address, wanted, net::endpoint_group::mapper)) {
        log(log_level::warning, "no endpoint mapper on " + address + " port " +
                                    std::to_string(wanted) + ": " + error.message() +
                                    "; clients must be told port " + std::to_string(clusapi_port));
        return;
    }
    mapper_port = server.local_endpoints().back().port;
}

void serving::parts::open_ports() {
    for (const std::string& address : settings.rpc_addresses)
        listen_for_clusapi(address);
    if (!settings.endpoint_mapper)
        return;
    for (const std::string& address : settings.rpc_addresses)
        listen_for_mapper(address);
}

/// Connections must not take the descriptors that everything else needs: what is open by now, and
/// what log-ons, commands and the cluster's libraries open on the way. Everything is up by now, and
/// nobody has been let in.
void serving::parts::fit_to_descriptors() {
    passing_descriptors passing;
    passing.log_ons = net::server_config{}.auth_threads * descriptors_of_a_log_on;
    passing.control_connections = control_settings{}.connections;
    const std::uint64_t allowed = allowed_descriptors();
    const std::size_t left = connections_within(
        allowed, open_descriptors().value_or(descriptors_if_unknown), passing.all());
    if (left >= settings.connections)
        return;
    log(log_level::warning,
        "only " + std::to_string(allowed) + " descriptors are allowed: limits.connections is " +
            std::to_string(left) + " instead of " + std::to_string(settings.connections));
    server.limit_connections(left);
}

/// The first complete snapshot is there: from now on answers are worth something.
void serving::parts::ready() {
    open_ports();
    fit_to_descriptors();
    log(log_level::info, "serves ClusAPI on port " + std::to_string(clusapi_port));
    if (!ready_file.empty())
        write_ready_file(ready_file, mapper_port, clusapi_port);
    sd_notify(0, "READY=1");
}

serving::serving(boost::asio::io_context& io, const configuration& settings, serving_sources from,
                 const win32::guid& cluster, std::filesystem::path ready_file)
    : parts_(std::make_unique<parts>(io, settings, from, cluster, std::move(ready_file))) {}

serving::~serving() = default;

void serving::start() {
    parts_->view.start([this] { parts_->ready(); });
}

void serving::stop() {
    parts_->server.stop();
    parts_->view.stop();
}

} // namespace bridge::daemon
