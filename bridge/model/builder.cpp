// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/builder.hpp"

#include "bridge/model/evaluate.hpp"
#include "bridge/model/identity.hpp"
#include "bridge/model/networks.hpp"
#include "bridge/model/resolve.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

namespace bridge::model {

namespace {

/// Meta attributes that decide which objects there are and how they are called.
constexpr std::string_view shaping_meta[] = {meta_id,   meta_name,     meta_group_type,
                                             meta_core, "remote-node", "ordered"};

bool same_shape(const resource_facts& a, const resource_facts& b) {
    if (a.id != b.id || a.kind != b.kind || a.parent != b.parent || a.children != b.children ||
        a.class_ != b.class_ || a.provider != b.provider || a.type != b.type ||
        a.bundle != b.bundle)
        return false;
    for (const auto name : shaping_meta) {
        const auto* left = find_attribute(a.meta, name);
        const auto* right = find_attribute(b.meta, name);
        if ((left == nullptr) != (right == nullptr) || (left != nullptr && *left != *right))
            return false;
    }
    return true;
}

/// Whether a moment (0: none) lies between two times. A clock that starts, ends or is set back
/// leaves nothing certain.
bool passes(std::int64_t moment, std::int64_t before, std::int64_t after) {
    if (before == after)
        return false;
    return before == 0 || after < before || (before < moment && moment <= after);
}

/// What has to be evaluated again after a change that left the shape alone.
struct touched_set {
    std::set<std::size_t> resources; ///< places in the plan
    std::set<std::size_t> groups;
};

} // namespace

struct builder::state {
    builder_settings settings;
    bool settings_changed = true;

    // What the last snapshot was made of.
    std::shared_ptr<const cib_facts> facts = std::make_shared<const cib_facts>();
    resolver conditions;
    std::shared_ptr<const membership> members;
    std::shared_ptr<const type_list> types;
    bool settled = false;

    node_set nodes;
    std::int64_t now = 0;
    std::vector<observed_node> observed; ///< per node of `nodes`
    plan shape;
    type_index type_lookup;
    std::vector<evaluated_resource> resources; ///< as in the plan
    std::unordered_map<std::string, touched_set> by_history;
    std::vector<touched_set> by_fact; ///< per place in facts->resources
    network_set networks;
    snapshot_ptr last = std::make_shared<const snapshot>();

    [[nodiscard]] evaluation_input input(const network_lookup& lookup) const {
        return {*facts, nodes, observed, shape, type_lookup, lookup, settled, now};
    }
    [[nodiscard]] network_lookup lookup() const {
        return [this](std::string_view address) {
            return network_holding(networks.networks, address);
        };
    }

    void index_plan();
    bool touch_expired(std::int64_t next, touched_set& touched) const;
    bool collect(const cib_facts& next, touched_set& touched) const;
    [[nodiscard]] bool same_nodes(const cib_facts& next) const;
    bool collect_status(const node_status& before, const node_status& after,
                        touched_set& touched) const;
    [[nodiscard]] bool moves_instance(const std::string& history, const node_status& on) const;
    bool collect_failures(const node_status& before, const node_status& after,
                          touched_set& touched) const;
    void touch_history(std::string_view id, touched_set& touched) const;
    void touch_fact(std::size_t place, touched_set& touched) const;

    snapshot_ptr rebuild();
    snapshot_ptr update(touched_set touched, bool was_settled);

    std::shared_ptr<const cluster> make_cluster() const;
    quorum make_quorum() const;
    void add_core(std::vector<std::shared_ptr<const group>>& groups,
                  std::vector<std::shared_ptr<const resource>>& shown) const;
    [[nodiscard]] std::shared_ptr<resource>
    core_resource(const char* key, const char* name, const std::string& group, bool online) const;
    [[nodiscard]] bool quorate() const { return members ? members->quorate : facts->have_quorum; }
};

builder::builder(builder_settings settings) : state_(std::make_unique<state>()) {
    state_->settings = std::move(settings);
}
builder::~builder() = default;

void builder::set_settings(builder_settings settings) {
    state_->settings = std::move(settings);
    state_->settings_changed = true;
}

snapshot_ptr builder::build(const std::shared_ptr<const cib_facts>& facts,
                            const std::shared_ptr<const membership>& members,
                            const std::shared_ptr<const type_list>& types, bool settled,
                            std::int64_t now) {
    auto& own = *state_;
    const auto next =
        own.conditions.resolve(facts ? facts : std::make_shared<const cib_facts>(), now);
    const bool around_changed = own.settings_changed || !same(own.members, members) ||
                                own.types != types || !same(own.last->info, own.make_cluster()) ||
                                passes(own.nodes.changes_at(), own.now, now);
    touched_set touched;
    const bool shape_kept =
        !around_changed && own.collect(*next, touched) && own.touch_expired(now, touched);
    const bool was_settled = std::exchange(own.settled, settled);
    own.facts = next;
    own.members = members;
    own.now = now;
    if (own.types != types || own.settings_changed) {
        own.types = types;
        own.type_lookup = type_index(types);
    }
    own.settings_changed = false;
    own.last = shape_kept ? own.update(std::move(touched), was_settled) : own.rebuild();
    return own.last;
}

void builder::state::index_plan() {
    by_history.clear();
    by_fact.assign(facts->resources.size(), {});
    for (std::size_t i = 0; i < shape.resources.size(); ++i) {
        const auto& each = shape.resources[i];
        for (const auto& id : each.histories)
            by_history[id].resources.insert(i);
        // Meta attributes are inherited: a change of a parent touches what is inside.
        for (auto place = each.fact; place < facts->resources.size();) {
            by_fact[place].resources.insert(i);
            const auto& parent = facts->resources[place]->parent;
            const auto above = parent.empty() ? place : facts->resources.position(parent);
            place = above < place ? above : facts->resources.size();
        }
    }
    for (std::size_t i = 0; i < shape.groups.size(); ++i) {
        const auto& each = shape.groups[i];
        by_fact[each.fact].groups.insert(i);
        by_history[each.cib_id].groups.insert(i);
    }
}

/// Resources that time alone changes. False: the shape may differ.
bool builder::state::touch_expired(std::int64_t next, touched_set& touched) const {
    if (next == now)
        return true;
    for (std::size_t i = 0; i < resources.size(); ++i) {
        if (!passes(resources[i].changes_at, now, next))
            continue;
        if (shape.resources[i].stray)
            return false;
        touched.resources.insert(i);
    }
    return true;
}

void builder::state::touch_history(std::string_view id, touched_set& touched) const {
    const auto found = by_history.find(std::string(id));
    if (found == by_history.end())
        return;
    touched.resources.insert(found->second.resources.begin(), found->second.resources.end());
    touched.groups.insert(found->second.groups.begin(), found->second.groups.end());
}

void builder::state::touch_fact(std::size_t place, touched_set& touched) const {
    const auto& at = by_fact[place];
    touched.resources.insert(at.resources.begin(), at.resources.end());
    touched.groups.insert(at.groups.begin(), at.groups.end());
}

/// Finds what differs between the facts of the last snapshot and `next`. False: the shape may
/// differ.
bool builder::state::collect(const cib_facts& next, touched_set& touched) const {
    if (next.dc != facts->dc || next.have_quorum != facts->have_quorum ||
        next.feature_set != facts->feature_set || !same(next.options, facts->options) ||
        !same(next.resource_defaults, facts->resource_defaults) ||
        !same(next.operation_defaults, facts->operation_defaults) ||
        !same(next.operation_default_rules, facts->operation_default_rules) ||
        !(next.nodes == facts->nodes) || !(next.locations == facts->locations) ||
        !(next.colocations == facts->colocations) || !(next.orders == facts->orders) ||
        next.resources.size() != facts->resources.size() ||
        next.status.size() != facts->status.size())
        return false;
    for (std::size_t i = 0; i < next.resources.size(); ++i) {
        if (same(next.resources[i], facts->resources[i]))
            continue;
        if (!same_shape(*next.resources[i], *facts->resources[i]))
            return false;
        touch_fact(i, touched);
    }
    for (std::size_t i = 0; i < next.status.size(); ++i)
        if (next.status[i] != facts->status[i] &&
            !collect_status(*facts->status[i], *next.status[i], touched))
            return false;
    return same_nodes(next);
}

/// Failures do to the nodes what they did before.
bool builder::state::same_nodes(const cib_facts& next) const {
    const bool configured = next.resources == facts->resources;
    const auto seen = nodes.observed(next);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (configured && seen[i].status == observed[i].status)
            continue;
        auto node = seen[i];
        node.fenced_from = never;
        if (failures_on(next, node, nodes[i].remote, now) != nodes[i].failures)
            return false;
    }
    return true;
}

bool builder::state::collect_status(const node_status& before, const node_status& after,
                                    touched_set& touched) const {
    if (!same_header(before, after))
        return false;
    if (!collect_failures(before, after, touched))
        return false;
    std::vector<std::string> changed;
    const auto& old = before.histories;
    const auto& next = after.histories;
    if (next.same_index(old)) {
        for (std::size_t i = 0; i < next.size(); ++i)
            if (!same(next[i], old[i]))
                changed.push_back(next[i]->id);
    } else {
        for (const auto& each : next)
            if (!same(old.find(each->id), each))
                changed.push_back(each->id);
        for (const auto& each : old)
            if (!next.find(each->id))
                changed.push_back(each->id);
    }
    for (const auto& id : changed) {
        const auto left = old.find(id);
        const auto came = next.find(id);
        if (nodes.decides(id) || (left && is_orphaned_connection(*facts, *left)) ||
            (came && is_orphaned_connection(*facts, *came)))
            return false;
        if (shape.instance_histories.contains(id) && moves_instance(id, after))
            return false;
        touch_history(id, touched);
    }
    return true;
}

/// An instance may have come to a node, or left it, where none may run.
bool builder::state::moves_instance(const std::string& history, const node_status& on) const {
    const auto node = nodes.by_cib_id(on.id);
    if (node >= nodes.shown())
        return false; // what runs in a replica shows where its container does
    const auto found = by_history.find(history);
    return found == by_history.end() ||
           std::none_of(
               found->second.resources.begin(), found->second.resources.end(), [&](auto place) {
                   return shape.resources[place].node == node && !shape.resources[place].stray;
               });
}

bool builder::state::collect_failures(const node_status& before, const node_status& after,
                                      touched_set& touched) const {
    if (before.failures == after.failures)
        return true;
    const auto missing_from = [&](const auto& these, const auto& those) {
        for (const auto& each : these) {
            if (std::find(those.begin(), those.end(), each) != those.end())
                continue;
            if (nodes.decides(each.resource))
                return false;
            touch_history(each.resource, touched);
            const auto name = each.resource.substr(0, each.resource.rfind(':'));
            for (const auto& id : {each.resource, name})
                if (const auto place = facts->resources.position(id);
                    place < facts->resources.size())
                    touch_fact(place, touched);
        }
        return true;
    };
    return missing_from(*before.failures, *after.failures) &&
           missing_from(*after.failures, *before.failures);
}

namespace {

/// Takes the objects of the last snapshot wherever nothing about them changed, and its index if all
/// names are kept.
template <class T>
collection<T> shared_collection(std::vector<std::shared_ptr<const T>> made,
                                const collection<T>& before) {
    bool same_names = made.size() == before.size();
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto old = i < before.size() && before[i]->id == made[i]->id
                             ? before[i]
                             : before.find_id(made[i]->id);
        if (old && *old == *made[i])
            made[i] = old;
        same_names = same_names && before[i]->id == made[i]->id && before[i]->name == made[i]->name;
    }
    if (same_names)
        return collection<T>(std::move(made), before);
    return collection<T>(std::move(made));
}

} // namespace

snapshot_ptr builder::state::rebuild() {
    nodes = node_set(*facts, members.get(), settings, now);
    observed = nodes.observed(*facts);
    networks = members ? make_networks(*members, nodes, settings) : network_set{};
    shape = make_plan(*facts, nodes, location_scores(*facts, nodes), settings.cluster_id, now);
    index_plan();
    const auto find_network = lookup();
    const auto with = input(find_network);
    resources.clear();
    std::vector<std::shared_ptr<const resource>> shown;
    for (const auto& each : shape.resources) {
        resources.push_back(evaluate_resource(with, each));
        shown.push_back(resources.back().shown);
    }
    std::vector<std::shared_ptr<const group>> groups;
    for (const auto& each : shape.groups)
        groups.push_back(evaluate_group(with, each, resources));
    add_core(groups, shown);

    auto made = std::make_shared<snapshot>();
    made->version = facts->version;
    auto info = make_cluster();
    made->info = same(last->info, info) ? last->info : std::move(info);
    std::vector<std::shared_ptr<const node>> all_nodes;
    for (std::size_t i = 0; i < nodes.shown(); ++i)
        all_nodes.push_back(nodes[i].shown);
    made->nodes = shared_collection(std::move(all_nodes), last->nodes);
    made->groups = shared_collection(std::move(groups), last->groups);
    made->resources = shared_collection(std::move(shown), last->resources);
    made->types = types ? shared_collection(*types, last->types) : collection<resource_type>();
    made->networks = shared_collection(networks.networks, last->networks);
    made->interfaces = shared_collection(networks.interfaces, last->interfaces);
    made->quorum_info = make_quorum();
    return made;
}

snapshot_ptr builder::state::update(touched_set touched, bool was_settled) {
    observed = nodes.observed(*facts);
    const auto find_network = lookup();
    const auto with = input(find_network);
    auto made = std::make_shared<snapshot>(*last);
    made->version = facts->version;
    std::vector<std::shared_ptr<const resource>> shown(last->resources.begin(),
                                                       last->resources.end());
    std::set<std::size_t> groups = touched.groups;
    const auto put = [&](std::size_t place, std::shared_ptr<const resource> object) {
        groups.insert(shape.resources[place].group);
        shown[place] = *object == *shown[place] ? shown[place] : std::move(object);
        resources[place].shown = shown[place];
    };
    for (const auto place : touched.resources) {
        resources[place] = evaluate_resource(with, shape.resources[place]);
        put(place, resources[place].shown);
    }
    if (settled != was_settled) {
        for (std::size_t place = 0; place < resources.size(); ++place) {
            const auto becomes = state_of(resources[place].condition, settled);
            if (becomes != resources[place].shown->state)
                put(place, with_state(*resources[place].shown, becomes));
        }
    }
    if (!touched.resources.empty() || settled != was_settled)
        made->resources = collection<resource>(std::move(shown), last->resources);
    if (!groups.empty()) {
        std::vector<std::shared_ptr<const group>> changed(last->groups.begin(), last->groups.end());
        for (const auto place : groups) {
            auto object = evaluate_group(with, shape.groups[place], resources);
            if (*object != *changed[place])
                changed[place] = std::move(object);
        }
        made->groups = collection<group>(std::move(changed), last->groups);
    }
    return made;
}

std::shared_ptr<const cluster> builder::state::make_cluster() const {
    auto made = std::make_shared<cluster>();
    made->id = win32::to_string(settings.cluster_id);
    made->name = settings.cluster_name;
    if (made->name.empty() && members)
        made->name = members->cluster_name;
    if (made->name.empty())
        if (const auto* name = find_attribute(*facts->options, "cluster-name"))
            made->name = *name;
    if (made->name.empty())
        made->name = "cluster";
    made->domain = settings.domain;
    made->description = settings.description;
    return made;
}

quorum builder::state::make_quorum() const {
    quorum made;
    made.quorate = quorate();
    if (members) {
        made.votes = members->votes;
        made.expected_votes = members->expected_votes;
        made.resource_name = members->qdevice;
        made.type = members->qdevice.empty() ? 0 : 0x400; // MS-CMRP 3.1.4.2.6: witness
    }
    return made;
}

std::shared_ptr<resource> builder::state::core_resource(const char* key, const char* name,
                                                        const std::string& group,
                                                        bool online) const {
    auto made = std::make_shared<resource>();
    made->id = derived_id(settings.cluster_id, "resource", key);
    made->name = name;
    made->group = group;
    made->flags = flag_core;
    made->class_ = resource_class::unknown;
    made->state = online ? resource_state::online : resource_state::offline;
    made->persistent_online = true;
    for (std::size_t i = 0; i < nodes.shown(); ++i)
        if (!nodes[i].remote)
            made->possible_owners.push_back(nodes[i].id);
    made->common = {{"PersistentState", property_format::dword, 1U}};
    return made;
}

/// The core groups that have no anchor: shown, never operated on. They follow the planned ones.
void builder::state::add_core(std::vector<std::shared_ptr<const group>>& groups,
                              std::vector<std::shared_ptr<const resource>>& shown) const {
    const auto dc = nodes.by_cib_id(facts->dc);
    const auto owner = dc < nodes.shown()  ? nodes[dc].id
                       : nodes.shown() > 0 ? nodes[0].id
                                           : std::string{};
    const auto virtual_group = [&](const char* name, std::uint32_t type) {
        auto made = std::make_shared<group>();
        made->id = derived_id(settings.cluster_id, "group", name);
        made->name = name;
        made->kind = group_kind::core;
        made->flags = flag_core;
        made->type = type;
        made->owner = owner;
        return made;
    };
    if (!shape.has_cluster_group) {
        auto made = virtual_group("Cluster Group", 1);
        const bool online = quorate();
        const auto info = make_cluster();
        auto address = core_resource("Cluster IP Address", "Cluster IP Address", made->id, online);
        address->type = "IP Address";
        address->class_ = resource_class::network;
        address->subclass = subclass_shared;
        if (!settings.cluster_address.empty())
            address->private_properties = {
                {"Address", property_format::sz, settings.cluster_address},
                {"SubnetMask", property_format::sz, settings.cluster_address_mask},
                {"Network", property_format::sz,
                 network_holding(networks.networks, settings.cluster_address)}};
        auto name = core_resource("Cluster Name", "Cluster Name", made->id, online);
        name->type = "Network Name";
        name->private_properties = {{"Name", property_format::sz, info->name},
                                    {"DnsName", property_format::sz, info->name}};
        name->dependencies = {{address->id}};
        address->dependents = {name->id};
        made->resources = {address->id, name->id};
        made->persistent_online = true;
        made->state = online ? group_state::online : group_state::offline;
        made->common = {{"PersistentState", property_format::dword, 1U}};
        shown.push_back(std::move(address));
        shown.push_back(std::move(name));
        groups.push_back(std::move(made));
    }
    if (!shape.has_available_storage)
        groups.push_back(virtual_group("Available Storage", 2));
}

} // namespace bridge::model
