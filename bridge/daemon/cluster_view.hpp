// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/builder.hpp"
#include "bridge/ports/agent_catalogue.hpp"
#include "bridge/ports/cib_source.hpp"
#include "bridge/ports/membership_source.hpp"
#include "bridge/ports/snapshot_source.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bridge::daemon {

/// Turns agents into resource types of a cluster with these nodes (ClusAPI ids).
using type_maker = std::function<std::shared_ptr<const model::type_list>(
    const ports::agent_list&, const std::vector<std::string>& nodes)>;

/// Brings the CIB, the membership and the agents together: after each change of one of them there
/// is a new snapshot. Lives on the daemon's one thread.
class cluster_view final : public ports::snapshot_source {
public:
    cluster_view(model::builder_settings settings, ports::cib_source& cib,
                 ports::membership_source& members, ports::agent_catalogue& agents,
                 type_maker make_types);

    /// Starts the sources; `first_complete` runs once, when CIB, membership and resource types have
    /// all been seen.
    void start(std::function<void()> first_complete);
    void stop();

    [[nodiscard]] model::snapshot_ptr current() const override { return snapshot_; }
    [[nodiscard]] model::server_state state() const override;
    [[nodiscard]] std::string local_node() const override;

private:
    void rebuild();
    void remake_types();

    model::builder builder_;
    ports::cib_source& cib_;
    ports::membership_source& members_;
    ports::agent_catalogue& agents_;
    type_maker make_types_;

    // The newest of each. A source that is lost keeps its last facts: clients go on reading,
    // read-only.
    std::shared_ptr<const model::cib_facts> facts_;
    std::shared_ptr<const model::membership> membership_;
    std::shared_ptr<const ports::agent_list> agent_list_;
    std::vector<std::string> type_nodes_;
    std::shared_ptr<const model::type_list> types_;
    bool settled_ = false;
    bool cib_connected_ = false;
    bool membership_connected_ = false;

    model::snapshot_ptr snapshot_;
    std::function<void()> first_complete_;
};

} // namespace bridge::daemon
