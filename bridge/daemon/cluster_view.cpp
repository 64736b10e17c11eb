// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_view.hpp"

#include "bridge/daemon/log.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

namespace bridge::daemon {

cluster_view::cluster_view(model::builder_settings settings, ports::cib_source& cib,
                           ports::membership_source& members, ports::agent_catalogue& agents,
                           type_maker make_types)
    : builder_(std::move(settings)), cib_(cib), members_(members), agents_(agents),
      make_types_(std::move(make_types)),
      snapshot_(builder_.build(nullptr, nullptr, nullptr, false)) {}

void cluster_view::start(std::function<void()> first_complete) {
    first_complete_ = std::move(first_complete);
    members_.start([this](std::shared_ptr<const model::membership> members) {
        if (std::exchange(membership_connected_, members != nullptr) != (members != nullptr))
            log(log_level::info,
                members ? "membership is known" : "corosync was lost; read-only until it is back");
        if (members) {
            membership_ = std::move(members);
            remake_types();
        }
        rebuild();
    });
    cib_.start([this](std::shared_ptr<const model::cib_facts> facts, bool settled) {
        if (std::exchange(cib_connected_, facts != nullptr) != (facts != nullptr))
            log(log_level::info,
                facts ? "CIB is known" : "Pacemaker was lost; read-only until it is back");
        if (facts)
            facts_ = std::move(facts);
        settled_ = settled;
        rebuild();
    });
    agents_.start([this](std::shared_ptr<const ports::agent_list> agents) {
        agent_list_ = std::move(agents);
        type_nodes_.clear();
        types_ = nullptr;
        remake_types();
        rebuild();
    });
}

void cluster_view::stop() {
    agents_.stop();
    cib_.stop();
    members_.stop();
}

/// Agents of this node stand for those of all nodes: nobody has told otherwise yet.
void cluster_view::remake_types() {
    if (!agent_list_ || !membership_)
        return;
    std::vector<std::string> nodes;
    for (const model::member& member : membership_->members)
        nodes.push_back(std::to_string(member.id));
    if (types_ && nodes == type_nodes_)
        return;
    type_nodes_ = std::move(nodes);
    types_ = make_types_(*agent_list_, type_nodes_);
}

void cluster_view::rebuild() {
    const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
    snapshot_ = builder_.build(facts_, membership_, types_, settled_, now);
    if (facts_ && membership_ && types_) {
        if (const auto complete = std::exchange(first_complete_, nullptr))
            complete();
    }
}

model::server_state cluster_view::state() const {
    if (!facts_ || !membership_ || !types_)
        return model::server_state::none;
    const bool active = cib_connected_ && membership_connected_ && membership_->quorate;
    return active ? model::server_state::read_write : model::server_state::read_only;
}

std::string cluster_view::local_node() const {
    return membership_ ? std::to_string(membership_->local_node) : std::string();
}

} // namespace bridge::daemon
