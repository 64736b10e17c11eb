// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/nodes.hpp"

#include "bridge/model/history.hpp"
#include "bridge/model/identity.hpp"
#include "bridge/model/state.hpp"

#include <algorithm>

namespace bridge::model {

namespace {

property dword(std::string name, std::uint32_t value) {
    return {std::move(name), property_format::dword, value};
}

property text(std::string name, std::string value) {
    return {std::move(name), property_format::sz, std::move(value)};
}

bool attribute_is_true(const attributes& values, std::string_view name) {
    // The same name may be set permanently and until the next restart: either counts.
    return std::any_of(values.begin(), values.end(), [&](const auto& each) {
        return each.first == name && is_true(each.second);
    });
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

/// Names of remote nodes (their own resource) and of guest nodes (a resource's meta attribute).
std::vector<std::string> remote_names(const cib_facts& facts) {
    std::vector<std::string> names;
    for (const auto& each : facts.resources) {
        if (each->kind != resource_kind::primitive)
            continue;
        if (each->agent() == "ocf:pacemaker:remote")
            names.push_back(each->id);
        if (const auto* guest = find_attribute(each->meta, "remote-node"))
            names.push_back(*guest);
    }
    return names;
}

/// More replicas than these, over all bundles, are not looked for.
constexpr std::size_t max_replicas = 1000;

std::vector<std::string> replica_names(const cib_facts& facts) {
    std::vector<std::string> names;
    for (const auto& each : facts.resources)
        if (each->kind == resource_kind::bundle && each->bundle && !each->children.empty())
            for (std::uint32_t i = 0; i < each->bundle->replicas && names.size() < max_replicas;
                 ++i)
                names.push_back(each->id + "-" + std::to_string(i));
    return names;
}

node_condition condition_of(const node_entry& entry, const node_status* status,
                            const member* in_corosync) {
    node_condition made;
    if (entry.remote) {
        made.member = made.controller = made.joined = entry.online;
    } else if (status != nullptr) {
        made.member = in_corosync != nullptr ? in_corosync->joined : status->in_ccm;
        made.controller = status->controller;
        made.joined = status->join == "member";
    }
    made.paused = entry.closed;
    return made;
}

std::string first_label(const std::string& uname) {
    return uname.substr(0, std::min(uname.find('.'), uname.size()));
}

/// Fills the list in the order: configured nodes, remote and guest ones, replicas.
class collector {
public:
    collector(const cib_facts& facts, const membership* members, const builder_settings& settings)
        : facts_(facts), members_(members), settings_(settings), replicas_(replica_names(facts)),
          remotes_(remote_names(facts)) {}

    std::vector<node_entry> run() {
        for (const auto& each : facts_.nodes)
            if (!is_replica(each->uname))
                add(each->uname, each->id, each->type == "remote" || is_remote(each->uname),
                    each->values);
        for (const auto& each : remotes_)
            add(each, each, true, {});
        for (const auto& each : facts_.status)
            if (!each->uname.empty() && !is_replica(each->uname) && !each->remote)
                add(each->uname, each->id, false, {});
        give_ids();
        for (auto& each : nodes_)
            show(each);
        shown = nodes_.size();
        for (const auto& each : replicas_)
            add_replica(each);
        for (const auto& each : remotes_)
            connections.push_back(each);
        connections.insert(connections.end(), replicas_.begin(), replicas_.end());
        return std::move(nodes_);
    }

    std::size_t shown = 0;
    std::vector<std::string> connections;

private:
    [[nodiscard]] bool is_replica(std::string_view uname) const {
        return std::find(replicas_.begin(), replicas_.end(), uname) != replicas_.end();
    }
    [[nodiscard]] bool is_remote(std::string_view uname) const {
        return std::find(remotes_.begin(), remotes_.end(), uname) != remotes_.end();
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

    /// The connection of a remote node runs on a cluster node that is online.
    [[nodiscard]] bool connected(const std::string& uname) const {
        for (const auto& each : facts_.status) {
            if (each->remote || !each->in_ccm || !each->controller || each->join != "member")
                continue;
            const auto history = each->histories.find(uname);
            if (history && model::status_of(*history, {}, true).active())
                return true;
        }
        return false;
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
        made.values = std::move(values);
        const auto* status = status_of_node(uname, cib_id);
        if (status != nullptr)
            made.values.insert(made.values.end(), status->values->begin(), status->values->end());
        made.online = remote ? connected(uname)
                             : status != nullptr && status->in_ccm && status->controller &&
                                   status->join == "member";
        const auto* everywhere = find_attribute(*facts_.options, "maintenance-mode");
        made.maintenance = attribute_is_true(made.values, "maintenance") ||
                           (everywhere != nullptr && is_true(*everywhere));
        made.closed = attribute_is_true(made.values, "standby") ||
                      attribute_is_true(made.values, pause_attribute);
        nodes_.push_back(std::move(made));
    }

    void add_replica(const std::string& uname) {
        const auto before = nodes_.size();
        add(uname, uname, true, {});
        if (nodes_.size() > before)
            nodes_.back().replica = true;
    }

    void give_ids() {
        name_register taken;
        for (auto& each : nodes_) {
            const auto number = parse_number(each.cib_id);
            if (!each.remote && number && *number > 0 && taken.add_id(each.cib_id))
                each.id = each.cib_id;
        }
        for (auto& each : nodes_) {
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
        made->state = state_of(condition_of(entry, status, in_corosync));
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
    std::vector<std::string> replicas_;
    std::vector<std::string> remotes_;
    std::vector<node_entry> nodes_;
    name_register names_;
};

} // namespace

node_set::node_set(const cib_facts& facts, const membership* members,
                   const builder_settings& settings) {
    collector collect(facts, members, settings);
    nodes_ = collect.run();
    shown_ = collect.shown;
    connections_ = std::move(collect.connections);
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
