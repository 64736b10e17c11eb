// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/application.hpp"

#include "bridge/auth/acceptor.hpp"
#include "bridge/auth/local_rights.hpp"
#include "bridge/clusapi/registry_view.hpp"
#include "bridge/clusapi/service.hpp"
#include "bridge/corosync/cluster_membership.hpp"
#include "bridge/daemon/cluster_identity.hpp"
#include "bridge/daemon/cluster_view.hpp"
#include "bridge/daemon/log.hpp"
#include "bridge/daemon/ready_file.hpp"
#include "bridge/daemon/reports.hpp"
#include "bridge/daemon/resource_types.hpp"
#include "bridge/epm/endpoint_mapper.hpp"
#include "bridge/epm/management.hpp"
#include "bridge/net/server.hpp"
#include "bridge/pacemaker/embedded_cluster.hpp"
#include "bridge/pacemaker/live_cluster.hpp"
#include "bridge/pacemaker/local_agents.hpp"
#include "bridge/win32/sddl.hpp"
#include "bridge/win32/upcase.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

namespace bridge::daemon {
namespace {

void note(std::string_view text) {
    log(log_level::info, text);
}

std::string host_name() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

dcerpc::limits limits_of(const configuration& c) {
    dcerpc::limits l;
    l.connections = c.connections;
    l.connections_per_source = c.connections_per_source;
    l.unauthenticated_connections = c.unauthenticated_connections;
    l.bind_time = std::chrono::seconds(c.bind_timeout_s);
    l.pdu_time = std::chrono::seconds(c.pdu_timeout_s);
    l.write_time = std::chrono::seconds(c.write_timeout_s);
    l.idle_time = std::chrono::seconds(c.idle_timeout_s);
    l.reassembly_call = c.request_bytes;
    l.reassembly_process = c.reassembly_bytes;
    l.waiting_calls = c.waiting_calls;
    l.handles_association = c.context_handles;
    l.handles_process = c.context_handles_in_all;
    l.auth_in_flight = c.authentications;
    l.auth_in_flight_per_source = c.authentications_per_source;
    l.auth_failures_per_minute = c.authentication_failures_per_minute;
    return l;
}

auth::acceptor_config acceptor_of(const configuration& c) {
    const std::string host = host_name();
    const std::string label = host.substr(0, host.find('.'));
    auth::acceptor_config result;
    // A keytab that is not there is not asked for: Kerberos is simply not offered.
    if (!c.keytab.empty() && std::filesystem::exists(c.keytab))
        result.keytab = c.keytab;
    if (!c.accounts_file.empty())
        result.accounts_file = c.accounts_file;
    result.winbind = c.winbind;
    result.allow_anonymous = c.anonymous;
    result.netbios_computer = win32::fold(label).substr(0, 15);
    result.netbios_domain =
        win32::fold(c.cluster_name.empty() ? "CLUSBRIDGE" : c.cluster_name).substr(0, 15);
    result.dns_computer = host;
    result.dns_domain = c.cluster_domain;
    result.machine_sid = auth::derive_machine_sid(c.cluster_id.empty() ? host : c.cluster_id);
    result.admin_unix_groups = {c.administrators_group};
    return result;
}

model::builder_settings builder_of(const configuration& c) {
    model::builder_settings s;
    s.cluster_id = cluster_identity(c.cluster_id, c.state_directory);
    s.cluster_name = c.cluster_name;
    s.domain = c.cluster_domain;
    s.description = c.cluster_description;
    s.highest_version = s.lowest_version = c.cluster_version;
    s.major_version = c.major_version;
    s.minor_version = c.minor_version;
    s.build_number = c.build_number;
    return s;
}

model::personality personality_of(const configuration& c) {
    model::personality p;
    p.major = static_cast<std::uint16_t>(c.major_version);
    p.minor = static_cast<std::uint16_t>(c.minor_version);
    p.build = static_cast<std::uint16_t>(c.build_number);
    p.highest = p.lowest = c.cluster_version;
    return p;
}

clusapi::fixed_security security_of(const configuration& c) {
    auto descriptor = win32::parse_sddl(c.security_descriptor);
    if (!descriptor)
        throw configuration_error("access.security_descriptor is not SDDL: " +
                                  c.security_descriptor);
    return clusapi::fixed_security(
        std::make_shared<const win32::security_descriptor>(std::move(*descriptor)));
}

/// Meta-data of agents is kept over restarts: asking every agent takes seconds.
pacemaker::local_agents::places agent_places(const configuration& c) {
    pacemaker::local_agents::places where;
    where.cache = std::filesystem::path(c.state_directory) / "agents";
    return where;
}

/// Sources of the cluster that is served: the embedded one, or this machine's.
struct sources {
    std::unique_ptr<ports::cib_source> cib;
    std::unique_ptr<ports::membership_source> members;

    sources(boost::asio::io_context& io, const configuration& settings,
            const run_options& options) {
        if (options.embedded_cib.empty()) {
            cib = std::make_unique<pacemaker::live_cluster>(io, note);
            members = std::make_unique<corosync::cluster_membership>(io, note);
            return;
        }
        const auto directory = std::filesystem::path(settings.state_directory) / "embedded";
        auto cluster = std::make_unique<pacemaker::embedded_cluster>(io, options.embedded_cib,
                                                                     directory, note);
        members = std::make_unique<pacemaker::embedded_membership>(*cluster);
        cib = std::move(cluster);
    }
};

} // namespace

struct application::parts {
    // In the order of construction; each may refer to those before it.
    configuration settings;
    run_options options;
    boost::asio::io_context io{1};
    boost::asio::signal_set signals{io, SIGTERM, SIGINT};
    rpc_reports rpc_log;
    call_reports call_log;
    sources from;
    pacemaker::local_agents agents;
    cluster_view cluster;
    clusapi::fixed_security security;
    clusapi::object_registry registry;
    clusapi::service handlers;
    dcerpc::interface clusapi_interface;
    std::unique_ptr<auth::acceptor> acceptor;
    net::server server;
    epm::endpoint_mapper mapper;
    epm::management management;
    std::optional<std::uint16_t> mapper_port;
    std::uint16_t clusapi_port = 0;

    parts(configuration c, run_options o)
        : settings(std::move(c)), options(std::move(o)), from(io, settings, options),
          agents(io, agent_places(settings)),
          cluster(builder_of(settings), *from.cib, *from.members, agents,
                  [shown = settings.agent_standards](const auto& list, const auto& nodes) {
                      return resource_types(list, nodes, shown);
                  }),
          security(security_of(settings)), handlers{cluster, security, registry,
                                                    personality_of(settings), &call_log},
          clusapi_interface(clusapi::make_clusapi3_interface(handlers)),
          acceptor(auth::make_acceptor(acceptor_of(settings))),
          server(io, {.bounds = limits_of(settings)}, *acceptor, rpc_log), mapper(server),
          management(server, "") {
        server.add_interface(clusapi_interface, net::endpoint_group::services);
        server.add_interface(mapper.offered(), net::endpoint_group::mapper);
        server.add_interface(management.offered(), net::endpoint_group::all);
    }

    void open_ports();
    void listen_for_clusapi(const std::string& address);
    void listen_for_mapper(const std::string& address);
    void ready();
    void stop();
};

void application::parts::listen_for_clusapi(const std::string& address) {
    const auto wanted =
        static_cast<std::uint16_t>(clusapi_port != 0 ? clusapi_port : settings.rpc_port);
    if (const auto error = server.listen(address, wanted, net::endpoint_group::services))
        throw std::runtime_error("ClusAPI cannot listen on " + address + " port " +
                                 std::to_string(wanted) + ": " + error.message());
    clusapi_port = server.local_endpoints().back().port;
}

void application::parts::listen_for_mapper(const std::string& address) {
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

void application::parts::open_ports() {
    for (const std::string& address : settings.rpc_addresses)
        listen_for_clusapi(address);
    if (!settings.endpoint_mapper)
        return;
    for (const std::string& address : settings.rpc_addresses)
        listen_for_mapper(address);
}

/// The first complete snapshot is there: from now on answers are worth something.
void application::parts::ready() {
    open_ports();
    log(log_level::info, "serves ClusAPI on port " + std::to_string(clusapi_port));
    if (!options.ready_file.empty())
        write_ready_file(options.ready_file, mapper_port, clusapi_port);
    sd_notify(0, "READY=1");
}

void application::parts::stop() {
    sd_notify(0, "STOPPING=1");
    server.stop();
    cluster.stop();
}

application::application(configuration settings, run_options options)
    : parts_(std::make_unique<parts>(std::move(settings), std::move(options))) {}

application::~application() = default;

int application::run() {
    parts& p = *parts_;
    p.signals.async_wait([&p](const boost::system::error_code& error, int) {
        if (!error)
            p.stop();
    });
    p.cluster.start([&p] { p.ready(); });
    p.io.run();
    return 0;
}

} // namespace bridge::daemon
