// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/application.hpp"

#include "bridge/corosync/cluster_membership.hpp"
#include "bridge/daemon/access_control.hpp"
#include "bridge/daemon/cluster_disks.hpp"
#include "bridge/daemon/cluster_identity.hpp"
#include "bridge/daemon/cluster_registry.hpp"
#include "bridge/daemon/control_socket.hpp"
#include "bridge/daemon/fencing_watch.hpp"
#include "bridge/daemon/log.hpp"
#include "bridge/daemon/registry_control.hpp"
#include "bridge/daemon/serving.hpp"
#include "bridge/pacemaker/embedded_cluster.hpp"
#include "bridge/pacemaker/live_cluster.hpp"
#include "bridge/pacemaker/local_agents.hpp"
#include "bridge/registry/lone_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

namespace bridge::daemon {
namespace {

/// The only node of an embedded cluster's registry.
constexpr std::uint32_t lone_node = 1;

void note(std::string_view text) {
    log(log_level::info, text);
}

/// Meta-data of agents is kept over restarts: asking every agent takes seconds.
pacemaker::local_agents::places agent_places(const configuration& c) {
    pacemaker::local_agents::places where;
    where.cache = std::filesystem::path(c.state_directory) / "agents";
    return where;
}

/// Sources of the cluster that is served: the embedded one, or this machine's.
struct sources {
    std::unique_ptr<corosync::cluster_connection> connection; ///< null for the embedded cluster
    std::unique_ptr<registry::lone_group> alone;              ///< for the embedded cluster only
    std::unique_ptr<ports::cib_source> cib;
    std::unique_ptr<ports::membership_source> members;
    ports::fencing_source* fencer = nullptr; ///< null for the embedded cluster

    sources(boost::asio::io_context& io, const configuration& settings,
            const run_options& options) {
        if (options.embedded_cib.empty()) {
            auto cluster = std::make_unique<pacemaker::live_cluster>(io, note);
            fencer = cluster.get();
            cib = std::move(cluster);
            connection = std::make_unique<corosync::cluster_connection>(io, note);
            members = std::make_unique<corosync::cluster_membership>(io, *connection, note);
            return;
        }
        const auto directory = std::filesystem::path(settings.state_directory) / "embedded";
        auto cluster = std::make_unique<pacemaker::embedded_cluster>(io, options.embedded_cib,
                                                                     directory, note);
        members = std::make_unique<pacemaker::embedded_membership>(*cluster);
        cib = std::move(cluster);
        alone = std::make_unique<registry::lone_group>(io, lone_node);
    }

    [[nodiscard]] ports::peers& peers() const {
        if (connection)
            return *connection;
        return *alone;
    }
    void start_peers() const {
        if (connection)
            connection->start();
        else
            alone->start();
    }
    void stop_peers() const {
        if (connection)
            connection->stop();
        else
            alone->stop();
    }
};

/// The store's folder, made on the first start.
cluster_registry_settings registry_of(const configuration& c) {
    const auto folder = std::filesystem::path(c.state_directory) / "registry";
    std::filesystem::create_directories(c.state_directory);
    cluster_registry_settings s;
    s.file = folder / "registry.db";
    s.unsafe_two_node = c.unsafe_two_node;
    // A store that failed must not be touched again before it has been checked: no cleaning up.
    s.failed = [](std::string_view why) {
        log(log_level::error, "the registry failed, the daemon ends: " + std::string(why));
        std::_Exit(EXIT_FAILURE);
    };
    return s;
}

/// An embedded cluster has no machine of its own: its disks are in a file beside its CIB, or it has
/// none.
disk_sources disks_of(const configuration& c, const run_options& options) {
    if (!c.disks_file.empty())
        return {c.disks_file, false};
    if (options.embedded_cib.empty())
        return {};
    const auto beside = options.embedded_cib.parent_path() / "disks.json";
    return {std::filesystem::exists(beside) ? beside : std::filesystem::path(), false};
}

control_settings control_of(const configuration& c) {
    control_settings s;
    s.socket = c.control_socket;
    s.log = note;
    return s;
}

} // namespace

struct application::parts {
    // In the order of construction; each may refer to those before it.
    configuration settings;
    run_options options;
    win32::guid candidate;
    boost::asio::io_context io{1};
    boost::asio::signal_set signals{io, SIGTERM, SIGINT};
    sources from;
    pacemaker::local_agents agents;
    cluster_registry registry;
    std::optional<fencing_watch> fencing;
    cluster_disks disks;
    control_socket control;
    std::unique_ptr<serving> served;
    bool stopping = false;
    std::exception_ptr failure;

    parts(configuration c, run_options o)
        : settings(std::move(c)), options(std::move(o)),
          candidate(configured_identity(settings.cluster_id)), from(io, settings, options),
          agents(io, agent_places(settings)), registry(io, from.peers(), registry_of(settings)),
          disks(io, from.peers(), disks_of(settings, options)), control(io, control_of(settings)) {
        if (from.fencer != nullptr)
            fencing.emplace(io, *from.members, *from.fencer,
                            [this](std::uint32_t node) { registry.replica().confirm_dead(node); });
    }

    [[nodiscard]] ports::membership_source& members() {
        return fencing ? static_cast<ports::membership_source&>(*fencing) : *from.members;
    }

    void start();
    void registry_changed();
    void identify();
    void serve(const win32::guid& id);
    void stop();
};

void application::parts::start() {
    registry.replica().watch_state([this] { registry_changed(); });
    register_registry_commands(control, registry.replica(), registry.store(),
                               registry_of(settings).file);
    register_access_commands(control, registry.replica(), settings.security_descriptor);
    if (!settings.control_socket.empty())
        control.open();
    disks.start();
    from.start_peers();
    identify();
}

void application::parts::registry_changed() {
    const ports::registry_status now = registry.replica().status();
    log(log_level::info,
        now.state == ports::registry_state::active
            ? "the registry is active, epoch " + now.epoch
            : "the registry is not active: " + (now.reason.empty() ? "joining" : now.reason));
    if (now.state != ports::registry_state::active || served || stopping)
        return;
    const auto made = [this](std::exception_ptr, model::registry_errc) { identify(); };
    boost::asio::co_spawn(io, make_cluster_identity(registry.replica(), candidate), made);
}

/// Everything that is shown derives from the cluster's identity: nothing is served before it is
/// known. Later starts find it in the store.
void application::parts::identify() {
    const auto id = cluster_identity(registry.replica().tree());
    if (!id || served || stopping)
        return;
    if (!candidate.is_null() && candidate != *id)
        log(log_level::warning, "cluster.id is not the cluster's identity, which is " +
                                    win32::to_string(*id) + " once and for all");
    serve(*id);
}

void application::parts::serve(const win32::guid& id) {
    try {
        const serving_sources sources{*from.cib, members(), agents, registry.replica(),
                                      disks.known()};
        served = std::make_unique<serving>(io, settings, sources, id, options.ready_file);
        served->start();
    } catch (...) {
        failure = std::current_exception();
        stop();
    }
}

void application::parts::stop() {
    if (std::exchange(stopping, true))
        return;
    sd_notify(0, "STOPPING=1");
    signals.cancel();
    control.stop();
    if (served)
        served->stop();
    disks.stop();
    registry.stop([this] { from.stop_peers(); });
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
    p.start();
    p.io.run();
    if (p.failure)
        std::rethrow_exception(p.failure);
    return 0;
}

} // namespace bridge::daemon
