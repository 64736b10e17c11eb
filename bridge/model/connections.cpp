// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/connections.hpp"

#include <algorithm>

namespace bridge::model {

namespace {

void add_replicas(const resource_facts& bundle, std::vector<connection>& into,
                  std::size_t& replicas) {
    for (std::uint32_t i = 0; i < bundle.bundle->replicas && replicas < max_replicas; ++i) {
        const auto number = std::to_string(i);
        into.push_back({bundle.id + "-" + number, &bundle,
                        bundle.id + "-" + bundle.bundle->technology + "-" + number, true});
        ++replicas;
    }
}

/// Without numbers of instances.
std::string_view plain_id(std::string_view id) {
    const auto colon = id.rfind(':');
    return colon != std::string_view::npos && colon + 1 < id.size() &&
                   id.find_first_not_of("0123456789", colon + 1) == std::string_view::npos
               ? id.substr(0, colon)
               : id;
}

history_context context_for(const connection& which, const cib_facts& facts, std::int64_t now) {
    static const resource_facts unknown;
    if (which.configured == nullptr)
        return context_of(facts, unknown, now);
    return which.container.empty() ? context_of(facts, *which.configured, now)
                                   : connection_context(facts, *which.configured, now);
}

/// The only node that runs it is gone.
bool host_is_gone(const resource_status& of, std::span<const status_node> nodes) {
    std::size_t hosts = 0;
    bool gone = false;
    for (const auto& [node, status] : of.on) {
        if (!status.active())
            continue;
        ++hosts;
        gone = !nodes[node].online;
    }
    return hosts == 1 && gone;
}

} // namespace

std::vector<connection> connections_of(const cib_facts& facts) {
    std::vector<connection> made;
    std::vector<connection> replicas;
    std::size_t count = 0;
    for (const auto& each : facts.resources) {
        if (each->kind == resource_kind::bundle && each->bundle && !each->children.empty())
            add_replicas(*each, replicas, count);
        if (each->kind != resource_kind::primitive)
            continue;
        if (each->agent() == connection_agent)
            made.push_back({each->id, each.get(), {}});
        const auto* guest = find_attribute(each->meta, "remote-node");
        if (guest != nullptr && facts.resources.find(*guest) == nullptr)
            made.push_back({*guest, each.get(), each->id});
    }
    made.insert(made.end(), replicas.begin(), replicas.end());
    for (const auto& node : facts.status)
        for (const auto& each : node->histories) {
            const auto known = [&](const auto& other) { return other.node == each->id; };
            if (is_connection(*each) && !each->operations.empty() &&
                std::none_of(made.begin(), made.end(), known))
                made.push_back({each->id});
        }
    return made;
}

bool is_connection(const history_facts& history) {
    return history.class_ == "ocf" && history.provider == "pacemaker" && history.type == "remote";
}

connection_state state_of(const connection& which, const cib_facts& facts,
                          std::span<const status_node> nodes, std::int64_t now) {
    const bool per_resource = counts_per_resource(facts);
    const auto own = status_of(nodes, {which.node}, context_for(which, facts, now), per_resource);
    connection_state made{own.is == role::started && !own.failed, own.changes_at};
    if (which.container.empty())
        return made;
    const auto container = status_of(nodes, {which.container},
                                     context_of(facts, *which.configured, now), per_resource);
    const bool runs = container.is >= role::started && !container.failed;
    made.online = made.online && runs && !host_is_gone(own, nodes);
    made.changes_at = earlier(made.changes_at, container.changes_at);
    return made;
}

bool anything_active(const cib_facts& facts, const node_status& status, std::int64_t now) {
    const status_node self{status.uname, &status, true, true};
    return std::any_of(status.histories.begin(), status.histories.end(), [&](const auto& each) {
        const auto configured = facts.resources.find(plain_id(each->id));
        if (!configured || configured->kind != resource_kind::primitive)
            return false;
        const auto context = context_of(facts, *configured, now);
        return context.policy.managed &&
               status_of({&self, 1}, {each->id}, context, false).is >= role::started;
    });
}

} // namespace bridge::model
