// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/nodes.hpp"

#include "bridge/model/connections.hpp"
#include "bridge/model/identity.hpp"
#include "bridge/model/state.hpp"

#include <algorithm>
#include <span>

namespace bridge::model {

namespace {

property dword(std::string name, std::uint32_t value) {
    return {std::move(name), property_format::dword, value};
}

property text(std::string name, std::string value) {
    return {std::move(name), property_format::sz, std::move(value)};
}

bool attribute_is_true(const attributes& values, std::string_view name) {
    const auto* value = find_attribute(values, name);
    return value != nullptr && is_true(*value);
}

const member* member_of(const membership* members, const std::string& cib_id) {
    if (members == nullptr)
        return nullptr;
    const auto id = parse_number(cib_id);
    for (const auto& each : members->members)
        if (id && each.id == *id)
            return &each;
    return nullptr;
}

/// With fencing a node counts as joined once the controller expects it to stay.
bool has_joined(const cib_facts& facts, const node_entry& entry, const node_status& status) {
    if (status.join != "member")
        return false;
    const auto* leaving = find_attribute(entry.values, "shutdown");
    return status.expected == "member" || !fencing_enabled(facts) ||
           (leaving != nullptr && *leaving != "0");
}

node_condition condition_of(const cib_facts& facts, const node_entry& entry,
                            const node_status* status, const member* in_corosync) {
    node_condition made;
    if (entry.remote) {
        made.member = made.controller = made.joined = entry.online;
    } else if (status != nullptr && !entry.ping) {
        made.member = in_corosync != nullptr ? in_corosync->joined : status->in_ccm;
        made.controller = status->controller;
        made.joined = has_joined(facts, entry, *status);
    }
    made.paused = entry.closed;
    return made;
}

/// Ids of the resources that may put a node into standby when they fail.
std::vector<std::string> closing_resources(const cib_facts& facts) {
    const auto* common = find_attribute(*facts.operation_defaults, "on-fail");
    const bool all = common != nullptr && equal_ignoring_case(*common, "standby");
    std::vector<std::string> ids;
    for (const auto& each : facts.resources) {
        const auto closes = [](const auto& op) {
            return equal_ignoring_case(op.on_fail, "standby");
        };
        if (each->kind == resource_kind::primitive &&
            (all || std::any_of(each->operations.begin(), each->operations.end(), closes)))
            ids.push_back(each->id);
    }
    return ids;
}

std::string first_label(const std::string& uname) {
    return uname.substr(0, std::min(uname.find('.'), uname.size()));
}

/// Fills the list in the order: configured nodes, remote and guest ones, replicas.
class collector {
public:
    collector(const cib_facts& facts, const membership* members, const builder_settings& settings,
              std::int64_t now)
        : facts_(facts), members_(members), settings_(settings), now_(now),
          connections_(connections_of(facts)) {}

    std::vector<node_entry> run() {
        for (const auto& each : facts_.nodes)
            if (!is_replica(each->uname))
                add_configured(*each);
        for (const auto& each : connections_)
            if (!each.replica)
                add(each.node, each.node, true, {});
        for (const auto& each : facts_.status)
            if (!each->uname.empty() && !is_replica(each->uname) && !each->remote)
                add(each->uname, each->id, false, {});
        shown = nodes_.size();
        for (const auto& each : connections_)
            if (each.replica)
                add(each.node, each.node, true, {});
        connect();
        close_failed();
        give_ids();
        for (std::size_t i = 0; i < shown; ++i)
            show(nodes_[i]);
        return std::move(nodes_);
    }

    std::size_t shown = 0;
    std::vector<std::string> deciding;
    std::optional<std::int64_t> changes_at;

private:
    [[nodiscard]] const connection* connection_to(std::string_view uname) const {
        const auto found =
            std::find_if(connections_.begin(), connections_.end(),
                         [&](const auto& each) { return each.node == uname; });
        return found != connections_.end() ? &*found : nullptr;
    }
    [[nodiscard]] bool is_replica(std::string_view uname) const {
        const auto* found = connection_to(uname);
        return found != nullptr && found->replica;
    }

    [[nodiscard]] const node_status* status_of_node(const std::string& uname,
                                                    const std::string& cib_id) const {
        if (auto found = facts_.status.find(cib_id))
            return found.get();
        for (const auto& each : facts_.status)
            if (each->uname == uname)
                return each.get();
        return nullptr;
    }

    void add_configured(const node_facts& node) {
        const bool remote = node.type == "remote" || connection_to(node.uname) != nullptr;
        add(node.uname, node.id, remote, node.values);
        if (node.type != "member" && node.type != "remote") {
            nodes_.back().ping = true; // and whatever else no longer exists
            nodes_.back().online = false;
        }
    }

    void add(const std::string& uname, const std::string& cib_id, bool remote, attributes values) {
        const auto known = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
            return each.uname == uname || each.cib_id == cib_id;
        });
        if (known)
            return;
        node_entry made;
        made.uname = uname;
        made.cib_id = cib_id;
        made.remote = remote;
        const auto* status = status_of_node(uname, cib_id);
        if (status != nullptr)
            made.values = *status->values; // what is set until the next restart hides the rest
        made.values.insert(made.values.end(), values.begin(), values.end());
        // A node whose join is not complete runs what it runs, if the cluster could fence it.
        made.online = !remote && status != nullptr && status->in_ccm && status->controller &&
                      (status->join == "member" || fencing_enabled(facts_));
        made.maintenance =
            attribute_is_true(made.values, "maintenance") || in_maintenance(facts_);
        made.closed = attribute_is_true(made.values, "standby") ||
                      attribute_is_true(made.values, pause_attribute);
        if (const auto* through = connection_to(uname)) {
            made.replica = through->replica;
            made.container = through->container;
        }
        nodes_.push_back(std::move(made));
    }

    /// What of the nodes that are known so far may run a connection or a container.
    [[nodiscard]] std::vector<status_node> hosts() const {
        std::vector<status_node> made;
        for (const auto& each : nodes_)
            if (each.container.empty())
                made.push_back({each.uname, status_of_node(each.uname, each.cib_id), each.online,
                                each.online || fencing_enabled(facts_)});
        return made;
    }

    /// Remote nodes first: they may be hosts of guest nodes and replicas.
    void connect() {
        for (const bool guests : {false, true}) {
            const auto on = hosts();
            for (auto& each : nodes_) {
                const auto* through = each.remote ? connection_to(each.uname) : nullptr;
                if (through == nullptr || each.container.empty() == guests)
                    continue;
                const auto state = state_of(*through, facts_, on, now_);
                each.online = state.online;
                changes_at = earlier(changes_at, state.changes_at);
                if (guests && !each.online)
                    look_for_loss(each);
            }
        }
        for (const auto& each : connections_) {
            deciding.push_back(each.node);
            if (!each.container.empty())
                deciding.push_back(each.container);
        }
    }

    /// The cluster recovers a guest node through its container: that has failed then.
    void look_for_loss(node_entry& guest) {
        const auto* status = status_of_node(guest.uname, guest.cib_id);
        guest.lost = status != nullptr && fencing_enabled(facts_) && !guest.maintenance &&
                     anything_active(facts_, *status, now_);
    }

    /// Nodes that a failure with on-fail=standby put into standby.
    void close_failed() {
        const auto ids = closing_resources(facts_);
        if (ids.empty())
            return;
        const bool per_resource = counts_per_resource(facts_);
        for (auto& each : nodes_) {
            const auto* status = status_of_node(each.uname, each.cib_id);
            const status_node self{each.uname, status, each.online, each.online};
            for (const auto& id : ids) {
                const auto found = status_of({&self, 1}, {id},
                                             context_of(facts_, *facts_.resources.find(id), now_),
                                             per_resource);
                changes_at = earlier(changes_at, found.changes_at);
                each.closed = each.closed ||
                              std::any_of(found.on.begin(), found.on.end(), [](const auto& on) {
                                  return on.second.policy == failure_policy::standby;
                              });
            }
        }
        deciding.insert(deciding.end(), ids.begin(), ids.end());
    }

    void give_ids() {
        name_register taken;
        const std::span<node_entry> visible(nodes_.data(), shown);
        for (auto& each : visible) {
            const auto number = parse_number(each.cib_id);
            if (!each.remote && number && *number > 0 && taken.add_id(each.cib_id))
                each.id = each.cib_id;
        }
        for (auto& each : visible) {
            const auto* stored = find_attribute(each.values, node_id_attribute);
            if (each.id.empty() && stored != nullptr && parse_number(*stored) &&
                taken.add_id(*stored))
                each.id = *stored;
            auto number = derived_node_id(settings_.cluster_id, each.uname);
            while (each.id.empty()) {
                if (taken.add_id(std::to_string(number)))
                    each.id = std::to_string(number);
                ++number;
            }
            names_.add_id(each.id);
        }
    }

    void show(node_entry& entry) {
        const auto* status = status_of_node(entry.uname, entry.cib_id);
        const auto* in_corosync = member_of(members_, entry.cib_id);
        auto made = std::make_shared<node>();
        made->id = entry.id;
        made->name = names_.add_name(first_label(entry.uname));
        made->cib_id = entry.uname;
        made->remote = entry.remote;
        made->state = state_of(condition_of(facts_, entry, status, in_corosync));
        made->weight = entry.remote ? 0 : in_corosync != nullptr ? in_corosync->votes : 1;
        made->dynamic_weight = entry.remote             ? 0
                               : in_corosync != nullptr ? in_corosync->counted_votes
                                                        : 1;
        made->common = {text("NodeName", made->name),
                        dword("NodeHighestVersion", settings_.highest_version),
                        dword("NodeLowestVersion", settings_.lowest_version),
                        dword("MajorVersion", settings_.major_version),
                        dword("MinorVersion", settings_.minor_version),
                        dword("BuildNumber", settings_.build_number),
                        text("CSDVersion", settings_.csd_version),
                        dword("DynamicWeight", made->dynamic_weight),
                        dword("NodeWeight", made->weight)};
        entry.shown = std::move(made);
    }

    const cib_facts& facts_;
    const membership* members_;
    const builder_settings& settings_;
    std::int64_t now_;
    std::vector<connection> connections_;
    std::vector<node_entry> nodes_;
    name_register names_;
};

} // namespace

node_set::node_set(const cib_facts& facts, const membership* members,
                   const builder_settings& settings, std::int64_t now) {
    collector collect(facts, members, settings, now);
    nodes_ = collect.run();
    shown_ = collect.shown;
    deciding_ = std::move(collect.deciding);
    changes_at_ = collect.changes_at;
}

std::size_t node_set::by_uname(std::string_view uname) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (nodes_[i].uname == uname)
            return i;
    return no_node;
}

std::size_t node_set::by_cib_id(std::string_view id) const {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (nodes_[i].cib_id == id)
            return i;
    return no_node;
}

bool same_header(const node_status& a, const node_status& b) {
    return a.id == b.id && a.uname == b.uname && a.remote == b.remote && a.in_ccm == b.in_ccm &&
           a.controller == b.controller && a.join == b.join && a.expected == b.expected &&
           a.fenced == b.fenced && (a.values == b.values || *a.values == *b.values);
}

} // namespace bridge::model
