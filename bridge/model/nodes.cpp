// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/nodes.hpp"

#include "bridge/model/identity.hpp"
#include "bridge/model/presence.hpp"
#include "bridge/model/rules.hpp"
#include "bridge/model/state.hpp"

#include <algorithm>
#include <span>
#include <utility>

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

std::shared_ptr<const node_status> find_status(const cib_facts& facts, const std::string& uname,
                                               const std::string& cib_id) {
    if (auto found = facts.status.find(cib_id))
        return found;
    for (const auto& each : facts.status)
        if (each->uname == uname)
            return each;
    return nullptr;
}

/// How a remote or guest node is reached.
struct connection {
    std::string name;                    ///< of the node, and of its connection
    const resource_facts* own = nullptr; ///< null: Pacemaker adds it, or it is no longer configured
    const resource_facts* host = nullptr; ///< the resource that a guest lives in
    std::string host_history;             ///< the id under which that one is recorded
};

bool in_clone(const cib_facts& facts, const resource_facts& resource) {
    const auto parent = resource.parent.empty() ? nullptr : facts.resources.find(resource.parent);
    return parent && (parent->kind != resource_kind::group || in_clone(facts, *parent));
}

/// Remote nodes (their own resource), guest nodes (a resource's meta attribute) and remote nodes
/// that are no longer configured. Guests inside clones are nothing that Pacemaker knows.
std::vector<connection> remote_connections(const cib_facts& facts) {
    std::vector<connection> made;
    for (const auto& each : facts.resources) {
        if (each->kind != resource_kind::primitive)
            continue;
        if (is_connection(*each)) {
            const auto* host = effective_meta(facts, *each, "container");
            const auto found = host != nullptr ? facts.resources.find(*host) : nullptr;
            made.push_back({each->id, each.get(), found.get(), found ? found->id : ""});
        }
        const auto* guest = find_attribute(each->meta, "remote-node");
        if (guest != nullptr && !in_clone(facts, *each) && !facts.resources.find(*guest))
            made.push_back({*guest, nullptr, each.get(), each->id});
    }
    return made;
}

/// Connections to remote nodes and guests that are no longer configured.
std::vector<connection> orphaned_connections(const cib_facts& facts,
                                             const std::unordered_set<std::string>& known) {
    std::vector<connection> made;
    for (const auto& status : facts.status) {
        for (const auto& history : status->histories) {
            if (!is_orphaned_connection(facts, *history) || known.contains(history->id))
                continue;
            const auto host = facts.resources.find(history->container);
            made.push_back({history->id, nullptr, host.get(), host ? host->id : ""});
        }
    }
    return made;
}

/// More replicas than these, over all bundles, are not looked for.
constexpr std::size_t max_replicas = 1000;

std::vector<connection> replica_connections(const cib_facts& facts) {
    std::vector<connection> made;
    for (const auto& each : facts.resources)
        if (each->kind == resource_kind::bundle && each->bundle && !each->children.empty())
            for (std::uint32_t i = 0; i < each->bundle->replicas && made.size() < max_replicas;
                 ++i) {
                const auto number = std::to_string(i);
                made.push_back({each->id + "-" + number, nullptr, each.get(),
                                each->id + "-" + each->bundle->technology + "-" + number});
            }
    return made;
}

bool is_shutting_down(const node_status& status) {
    const auto* since = find_attribute(*status.values, "shutdown");
    return since != nullptr && !since->empty() && *since != "0";
}

/// The controllers take a node for one of theirs. Whether it is expected they only ask where they
/// would have it fenced.
bool has_joined(const node_status& status, bool fencing) {
    if (fencing && is_shutting_down(status))
        return true;
    return status.join == "member" &&
           (!fencing || (!status.expected.empty() && status.expected != "down"));
}

node_condition condition_of(const node_entry& entry, const node_status* status,
                            const member* in_corosync, bool fencing) {
    node_condition made;
    if (entry.remote) {
        made.member = made.controller = made.joined = entry.online;
    } else if (status != nullptr) {
        made.member = in_corosync != nullptr ? in_corosync->joined : status->in_ccm;
        made.controller = status->controller;
        made.joined = has_joined(*status, fencing);
        made.awaited = fencing && status->expected != "member" && !is_shutting_down(*status);
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
    collector(const cib_facts& facts, const membership* members, const builder_settings& settings,
              std::int64_t now)
        : facts_(facts), members_(members), settings_(settings), now_(now),
          fencing_(option(facts, "stonith-enabled", true)), replicas_(replica_connections(facts)),
          remotes_(remote_connections(facts)) {}

    std::vector<node_entry> run() {
        add_orphans();
        for (const auto& each : facts_.nodes)
            if (!names(replicas_, each->uname))
                add(each->uname, each->id, each->type == "remote" || names(remotes_, each->uname),
                    each->values);
        for (const auto& each : remotes_)
            add(each.name, each.name, true, {});
        shown = nodes_.size();
        for (const auto& each : replicas_)
            add_replica(each.name);
        // Guests may live on remote nodes.
        find_online(remotes_, false);
        find_online(remotes_, true);
        find_online(replicas_, true);
        weigh_failures();
        give_ids();
        for (std::size_t i = 0; i < shown; ++i)
            show(nodes_[i]);
        return std::move(nodes_);
    }

    std::size_t shown = 0;
    std::unordered_set<std::string> deciding;
    std::unordered_set<std::string> losing_guests;
    std::int64_t changes_at = 0;

private:
    static bool names(const std::vector<connection>& all, std::string_view uname) {
        return std::any_of(all.begin(), all.end(),
                           [&](const auto& each) { return each.name == uname; });
    }

    [[nodiscard]] std::shared_ptr<const node_status>
    status_of_node(const std::string& uname, const std::string& cib_id) const {
        return find_status(facts_, uname, cib_id);
    }

    void add_orphans() {
        std::unordered_set<std::string> known;
        for (const auto* all : {&remotes_, &replicas_})
            for (const auto& each : *all)
                known.insert(each.name);
        const auto orphans = orphaned_connections(facts_, known);
        remotes_.insert(remotes_.end(), orphans.begin(), orphans.end());
    }

    void find_online(const std::vector<connection>& connections, bool guests) {
        observed_.clear();
        for (const auto& each : nodes_)
            observed_.push_back(
                {each.uname, status_of_node(each.uname, each.cib_id), each.online, never});
        for (const auto& each : connections) {
            if ((each.host != nullptr) != guests)
                continue;
            deciding.insert(each.name);
            const bool online = guests ? is_up(each) : is_connected(each);
            if (guests)
                deciding.insert(each.host_history);
            for (auto& node : nodes_)
                if (node.uname == each.name)
                    node.online = online;
        }
    }

    /// Failures of resources have nodes fenced, or set to standby. A guest is fenced by recovery of
    /// what it lives in.
    void weigh_failures() {
        for (auto& each : nodes_) {
            const observed_node node{each.uname, status_of_node(each.uname, each.cib_id),
                                     each.online, never};
            each.failures = failures_on(facts_, node, each.remote, now_);
            each.closed = each.closed || each.failures.standby;
            changes_at = earlier(changes_at, each.failures.changes_at);
        }
        for (const auto* all : {&remotes_, &replicas_})
            for (const auto& each : *all)
                if (each.host != nullptr && is_lost_guest(each))
                    losing_guests.insert(each.host_history);
    }

    [[nodiscard]] bool is_lost_guest(const connection& each) const {
        const auto node = std::find_if(nodes_.begin(), nodes_.end(),
                                       [&](const auto& entry) { return entry.uname == each.name; });
        if (node == nodes_.end() || !is_managed(facts_, *each.host))
            return false;
        return node->failures.fenced_from != never ||
               (fencing_ && !node->online && !node->maintenance && node->failures.in_use);
    }

    presence look(const std::string& history, const history_rules& rules) {
        auto found = presence_of(facts_, observed_, history, rules, false);
        changes_at = earlier(changes_at, found.changes_at);
        return found;
    }

    [[nodiscard]] history_rules rules_for(const connection& each) const {
        return each.own != nullptr ? rules_of(facts_, *each.own, now_)
                                   : guest_connection_rules(facts_, now_);
    }

    /// A lost host does not matter: another one takes the connection over.
    bool is_connected(const connection& each) {
        const auto found = look(each.name, rules_for(each));
        return found.is == role::started && !found.failed;
    }

    /// A guest needs its own resource, and a connection from a node that is there.
    bool is_up(const connection& each) {
        const auto link = look(each.name, rules_for(each));
        if (link.failed || std::find(link.on.begin(), link.on.end(), true) == link.on.end())
            return false;
        const auto host = look(each.host_history, each.host->kind == resource_kind::bundle
                                                      ? container_rules(facts_, *each.host, now_)
                                                      : rules_of(facts_, *each.host, now_));
        return host.is > role::stopped && !host.failed;
    }

    void add(const std::string& uname, const std::string& cib_id, bool remote,
             const attributes& values) {
        const auto known = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& each) {
            return each.uname == uname || each.cib_id == cib_id;
        });
        if (known)
            return;
        node_entry made;
        made.uname = uname;
        made.cib_id = cib_id;
        made.remote = remote;
        const auto status = status_of_node(uname, cib_id);
        if (status)
            made.values = *status->values;
        made.values.insert(made.values.end(), values.begin(), values.end());
        made.online = !remote && status && status->in_ccm && status->controller &&
                      has_joined(*status, fencing_);
        made.maintenance = attribute_is_true(made.values, "maintenance") ||
                           option(facts_, "maintenance-mode", false);
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
        const std::span own(nodes_.data(), shown);
        for (auto& each : own) {
            const auto number = parse_number(each.cib_id);
            if (!each.remote && number && *number > 0 && taken.add_id(each.cib_id))
                each.id = each.cib_id;
        }
        for (auto& each : own) {
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
        const auto status = status_of_node(entry.uname, entry.cib_id);
        const auto* in_corosync = member_of(members_, entry.cib_id);
        auto made = std::make_shared<node>();
        made->id = entry.id;
        made->name = names_.add_name(first_label(entry.uname));
        made->cib_id = entry.uname;
        made->remote = entry.remote;
        made->state = state_of(condition_of(entry, status.get(), in_corosync, fencing_));
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
    bool fencing_;
    std::vector<connection> replicas_;
    std::vector<connection> remotes_;
    std::vector<node_entry> nodes_;
    std::vector<observed_node> observed_; ///< as of the last find_online()
    name_register names_;
};

} // namespace

node_set::node_set(const cib_facts& facts, const membership* members,
                   const builder_settings& settings, std::int64_t now) {
    collector collect(facts, members, settings, now);
    nodes_ = collect.run();
    shown_ = collect.shown;
    deciding_ = std::move(collect.deciding);
    losing_guests_ = std::move(collect.losing_guests);
    changes_at_ = collect.changes_at;
}

std::vector<observed_node> node_set::observed(const cib_facts& facts) const {
    std::vector<observed_node> made;
    made.reserve(nodes_.size());
    for (const auto& each : nodes_)
        made.push_back({each.uname, find_status(facts, each.uname, each.cib_id), each.online,
                        each.failures.fenced_from});
    return made;
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

bool is_orphaned_connection(const cib_facts& facts, const history_facts& history) {
    return history.type == "remote" && history.provider == "pacemaker" && history.class_ == "ocf" &&
           !history.operations.empty() && !facts.resources.find(history.id);
}

bool same_header(const node_status& a, const node_status& b) {
    return a.id == b.id && a.uname == b.uname && a.remote == b.remote && a.in_ccm == b.in_ccm &&
           a.controller == b.controller && a.join == b.join && a.expected == b.expected &&
           a.fenced == b.fenced && (a.values == b.values || *a.values == *b.values);
}

} // namespace bridge::model
