// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/evaluate.hpp"

#include "bridge/model/rules.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>

namespace bridge::model {

namespace {

constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t status_locked = 1; ///< StatusInformation: locked mode

property dword(std::string name, std::uint32_t value) {
    return {std::move(name), property_format::dword, value};
}

const resource_facts& fact_of(const evaluation_input& input, std::size_t place) {
    return *input.facts.resources[place];
}

const std::string* meta(const evaluation_input& input, const resource_facts& resource,
                        std::string_view name) {
    return effective_meta(input.facts, resource, name);
}

bool is_wanted(const evaluation_input& input, const resource_facts& resource) {
    const auto* role = meta(input, resource, "target-role");
    return role == nullptr || !same_word(*role, "Stopped");
}

history_rules rules_for(const evaluation_input& input, const planned_resource& plan) {
    const auto& resource = fact_of(input, plan.fact);
    return plan.container ? container_rules(input.facts, resource, input.now)
                          : rules_of(input.facts, resource, input.now);
}

/// Failures of a resource on a node, all operations together.
failure_sum failures_on(const evaluation_input& input, const planned_resource& plan,
                        std::size_t node) {
    const auto& status = input.observed[node].status;
    return status ? failures_of(input.facts, *status, fact_of(input, plan.fact).id, true)
                  : failure_sum{};
}

std::int32_t threshold_of(const evaluation_input& input, const resource_facts& resource) {
    const auto* text = meta(input, resource, "migration-threshold");
    const auto score = text != nullptr ? parse_score(*text) : std::nullopt;
    return score && *score > 0 ? *score : score_infinity;
}

/// Nodes whose histories count for a planned resource.
std::vector<std::size_t> nodes_of(const evaluation_input& input, const planned_resource& plan) {
    const auto& resource = fact_of(input, plan.fact);
    const auto parent =
        resource.parent.empty() ? nullptr : input.facts.resources.find(resource.parent);
    const bool in_bundle = parent && parent->kind == resource_kind::bundle && !plan.container;
    std::vector<std::size_t> nodes;
    if (plan.node != no_node && !in_bundle)
        return {plan.node};
    if (plan.node == no_node) {
        for (std::size_t i = 0; i < input.nodes.all().size(); ++i)
            nodes.push_back(i);
        return nodes;
    }
    // Inside a bundle: the replicas whose container runs on the instance's node.
    const auto prefix = parent->id + "-" + (parent->bundle ? parent->bundle->technology : "") + "-";
    const std::vector<observed_node> host{input.observed[plan.node]};
    const auto rules = container_rules(input.facts, *parent, input.now);
    for (std::size_t i = input.nodes.shown(); i < input.nodes.all().size(); ++i) {
        const auto& uname = input.nodes[i].uname;
        if (!uname.starts_with(parent->id + "-"))
            continue;
        const auto history = prefix + uname.substr(parent->id.size() + 1);
        if (presence_of(input.facts, host, history, rules, false).on.front())
            nodes.push_back(i);
    }
    return nodes;
}

void add_thresholds(const evaluation_input& input, const planned_resource& plan,
                    const resource_facts& resource, const history_rules& rules,
                    evaluated_resource& made) {
    auto& condition = made.condition;
    const auto threshold = threshold_of(input, resource);
    std::size_t usable = 0;
    std::size_t reached = 0;
    for (const auto node : plan.possible) {
        const auto failures = failures_on(input, plan, node);
        const bool here = effective_count(failures, rules) >= threshold;
        made.changes_at = earlier(made.changes_at, expiry_of(failures, rules));
        condition.threshold_reached = condition.threshold_reached || here;
        if (!input.nodes[node].online || input.nodes[node].closed)
            continue;
        ++usable;
        reached += here ? 1 : 0;
    }
    condition.exhausted = reached > 0 && reached == usable;
}

void add_operations(const resource_facts& resource, const attributes& defaults,
                    property_list& common) {
    bool blocks = false;
    bool polled = false;
    std::optional<std::uint32_t> pending;
    if (const auto* timeout = find_attribute(defaults, "timeout"))
        pending = parse_interval_ms(*timeout);
    for (const auto& each : resource.operations) {
        if (each.name == "start" && each.timeout_ms)
            pending = each.timeout_ms;
        if (each.name != "monitor" || each.interval_ms == 0 || !each.enabled)
            continue;
        blocks = blocks || each.on_fail == "block" || each.on_fail == "ignore";
        if (!polled && (each.role.empty() || each.role == "Started")) {
            common.push_back(dword("IsAlivePollInterval", each.interval_ms));
            polled = true;
        }
    }
    if (pending)
        common.push_back(dword("PendingTimeout", *pending));
    if (blocks)
        common.push_back(dword("RestartAction", 0));
    else if (const auto* critical = find_attribute(resource.meta, "critical");
             critical != nullptr && !is_true(*critical))
        common.push_back(dword("RestartAction", 1));
}

property_list common_of(const evaluation_input& input, const resource_facts& resource, bool wanted,
                        bool locked, const std::string& failure) {
    property_list common;
    common.push_back(dword("PersistentState", wanted ? 1 : 0));
    add_operations(resource, *input.facts.operation_defaults, common);
    if (const auto* period = meta(input, resource, "failure-timeout"))
        if (const auto ms = parse_interval_ms(*period); ms && *ms > 0)
            common.push_back(dword("RestartPeriod", *ms));
    if (const auto* text = meta(input, resource, "migration-threshold"))
        if (const auto score = parse_score(*text))
            common.push_back(dword("RestartThreshold", *score <= 0 || *score >= score_infinity
                                                           ? unlimited
                                                           : static_cast<std::uint32_t>(*score)));
    if (!resource.description.empty())
        common.push_back({"Description", property_format::sz, resource.description});
    if (!failure.empty())
        common.push_back({"ResourceSpecificStatus", property_format::sz, failure});
    if (locked)
        common.push_back({"StatusInformation", property_format::ularge_integer, status_locked});
    return common;
}

std::vector<std::string> node_ids(const evaluation_input& input,
                                  const std::vector<std::size_t>& nodes) {
    std::vector<std::string> ids;
    for (const auto each : nodes)
        ids.push_back(input.nodes[each].id);
    return ids;
}

std::string container_agent(const resource_facts& bundle) {
    return "ocf:heartbeat:" + (bundle.bundle ? bundle.bundle->technology : "docker");
}

void add_relations(const evaluation_input& input, const planned_resource& plan, resource& made) {
    for (const auto& clause : plan.clauses) {
        auto& ids = made.dependencies.emplace_back();
        for (const auto each : clause)
            ids.push_back(input.shape.resources[each].id);
    }
    for (const auto each : plan.dependents)
        made.dependents.push_back(input.shape.resources[each].id);
    made.possible_owners = node_ids(input, plan.possible);
}

void note_node(resource_place& place, std::size_t node, const instance_status& status,
               bool running) {
    const auto newer =
        std::tie(status.newest, status.newest_call) > std::tie(place.newest, place.newest_call);
    if (status.newest > 0 && newer) {
        place.newest = status.newest;
        place.newest_call = status.newest_call;
        place.newest_on = node;
    }
    if (running && (place.running_on == no_node || status.is > place.is)) {
        place.running_on = node;
        place.is = status.is;
    }
}

/// The node that shows for a place: a replica's operations count for the instance's node.
std::size_t shown_node(const evaluation_input& input, const planned_resource& plan,
                       std::size_t node) {
    return node < input.nodes.shown() ? node : plan.node;
}

/// What one recorded instance adds to a resource.
struct gathering {
    const evaluation_input& input;
    const planned_resource& plan;
    evaluated_resource& made;
    std::string failure;

    /// `nodes`: places in the node set, as in `found`; `counts` says which are the resource's own.
    void add(const presence& found, const std::vector<std::size_t>& nodes,
             const std::vector<bool>& counts) {
        auto& condition = made.condition;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const auto node = nodes[i];
            const auto& status = found.status[i];
            if (!counts[node] || !input.nodes[node].online)
                continue;
            condition.running = condition.running || found.on[i];
            condition.starting = condition.starting || status.in_flight == flight::starting;
            condition.stopping = condition.stopping || status.in_flight == flight::stopping;
            condition.failed =
                condition.failed || status.failed || (plan.numbered && found.on[i] && found.failed);
            if (failure.empty())
                failure = status.failure_reason;
            note_node(made.place, shown_node(input, plan, node), status, found.on[i]);
        }
        made.changes_at = earlier(made.changes_at, found.changes_at);
    }
};

bool recorded(const std::vector<observed_node>& nodes, const std::string& id) {
    return std::any_of(nodes.begin(), nodes.end(), [&](const auto& each) {
        return each.status && each.status->histories.position(id) < each.status->histories.size();
    });
}

/// It has to recover because of the guest that lives in it. One that was lost with its node is not
/// there to fail.
bool loses_guest(const evaluation_input& input, const planned_resource& plan, const std::string& id,
                 const presence& found) {
    if (!input.nodes.loses_guest(id))
        return false;
    if (plan.node != no_node)
        return plan.container && found.on[plan.node];
    return found.is <= role::stopped ||
           std::find(found.on.begin(), found.on.end(), true) != found.on.end();
}

/// Follows all histories of a planned resource. Gives the reason of a failure, if any.
std::string gather(const evaluation_input& input, const planned_resource& plan,
                   const history_rules& rules, evaluated_resource& made) {
    const auto own = nodes_of(input, plan);
    std::vector<bool> counts(input.observed.size(), false);
    for (const auto node : own)
        counts[node] = true;
    std::vector<std::size_t> places = own;
    if (plan.numbered) {
        places.resize(input.observed.size());
        std::iota(places.begin(), places.end(), std::size_t{0});
    }
    std::vector<observed_node> observed;
    for (const auto node : places)
        observed.push_back(input.observed[node]);
    gathering into{input, plan, made, {}};
    for (const auto& id : plan.histories) {
        if (!recorded(observed, id) && !input.nodes.loses_guest(id))
            continue;
        const auto found = presence_of(input.facts, observed, id, rules, !plan.numbered);
        into.add(found, places, counts);
        made.condition.failed = made.condition.failed || loses_guest(input, plan, id, found);
    }
    return into.failure;
}

} // namespace

evaluated_resource evaluate_resource(const evaluation_input& input, const planned_resource& plan) {
    const auto& resource = fact_of(input, plan.fact);
    const auto rules = rules_for(input, plan);
    evaluated_resource made;
    auto& condition = made.condition;
    const bool managed = rules.managed;
    condition.wanted = is_wanted(input, resource);
    const auto failure = gather(input, plan, rules, made);
    add_thresholds(input, plan, resource, rules, made);
    const auto on = made.place.running_on;
    auto shown = std::make_shared<model::resource>();
    shown->id = plan.id;
    shown->name = plan.name;
    shown->cib_id = resource.id;
    shown->group = input.shape.groups[plan.group].id;
    shown->state = state_of(condition, input.settled);
    shown->persistent_online = condition.wanted;
    const bool node_in_maintenance = on != no_node && input.nodes[on].maintenance;
    shown->locked = !managed || node_in_maintenance;
    shown->flags = plan.flags;
    const auto* type = plan.container ? nullptr : input.types.find(resource);
    shown->type = type != nullptr  ? type->name
                  : plan.container ? container_agent(resource)
                                   : resource.agent();
    if (type != nullptr) {
        shown->characteristics = type->characteristics;
        shown->class_ = type->class_;
        shown->subclass = type->subclass;
    }
    // MS-CMRP 3.1.1.1.1.2: a storage resource whose health nobody checks.
    shown->maintenance = shown->class_ == resource_class::storage &&
                         (node_in_maintenance || is_in_maintenance(input.facts, resource));
    add_relations(input, plan, *shown);
    shown->common = common_of(input, resource, condition.wanted, shown->locked, failure);
    shown->private_properties = private_properties_of(resource, type, input.networks);
    if (!plan.other_orders.empty())
        shown->private_properties.push_back(
            {std::string(other_orders_property), property_format::multi_sz, plan.other_orders});
    made.shown = std::move(shown);
    return made;
}

std::shared_ptr<const resource> with_state(const resource& before, resource_state state) {
    auto made = std::make_shared<resource>(before);
    made->state = state;
    return made;
}

namespace {

std::size_t owner_of(const evaluation_input& input, const planned_group& plan,
                     const std::vector<evaluated_resource>& resources) {
    if (plan.node != no_node)
        return plan.node;
    resource_place best;
    const auto& own = fact_of(input, plan.fact);
    if (plan.kind == group_kind::anchor || plan.kind == group_kind::core) {
        const auto found = presence_of(input.facts, input.observed, own.id,
                                       rules_of(input.facts, own, input.now), false);
        for (std::size_t node = 0; node < input.nodes.shown(); ++node)
            if (input.nodes[node].online)
                note_node(best, node, found.status[node], found.on[node]);
    }
    if (best.running_on != no_node)
        return best.running_on;
    for (const auto member : plan.members) {
        const auto& place = resources[member].place;
        if (place.running_on != no_node)
            return place.running_on;
        if (std::tie(place.newest, place.newest_call) > std::tie(best.newest, best.newest_call))
            best = place;
    }
    if (best.newest_on != no_node)
        return best.newest_on;
    if (!plan.preferred.empty())
        return plan.preferred.front();
    const auto dc = input.nodes.by_cib_id(input.facts.dc);
    if (dc < input.nodes.shown())
        return dc;
    return input.nodes.shown() > 0 ? 0 : no_node;
}

bool persistent_online(const evaluation_input& input, const planned_group& plan,
                       const std::vector<evaluated_resource>& resources) {
    const auto& own = fact_of(input, plan.fact);
    if (const auto* stored = find_attribute(own.meta, meta_online))
        return is_true(*stored);
    if (plan.kind == group_kind::native)
        return is_wanted(input, own);
    return std::any_of(plan.members.begin(), plan.members.end(),
                       [&](auto each) { return resources[each].condition.wanted; });
}

bool fails_back(const evaluation_input& input, const planned_group& plan) {
    if (plan.preferred.empty())
        return false;
    const auto* text = meta(input, fact_of(input, plan.fact), "resource-stickiness");
    const auto stickiness = text != nullptr ? parse_score(*text) : std::nullopt;
    return stickiness.value_or(0) < plan.best_score;
}

} // namespace

std::shared_ptr<const group> evaluate_group(const evaluation_input& input,
                                            const planned_group& plan,
                                            const std::vector<evaluated_resource>& resources) {
    auto made = std::make_shared<group>();
    made->id = plan.id;
    made->name = plan.name;
    made->cib_id = plan.cib_id;
    made->kind = plan.kind;
    made->flags = plan.flags;
    made->type = plan.type;
    const auto owner = owner_of(input, plan, resources);
    made->owner = owner != no_node ? input.nodes[owner].id : std::string{};
    std::vector<member_state> states;
    bool locked = false;
    for (const auto each : plan.members) {
        const auto& shown = *resources[each].shown;
        made->resources.push_back(shown.id);
        states.push_back({shown.state, input.shape.resources[each].dependents.empty()});
        locked = locked || shown.locked;
    }
    made->state = state_of(states);
    made->persistent_online = persistent_online(input, plan, resources);
    made->preferred_owners = node_ids(input, plan.preferred);
    made->common = {dword("PersistentState", made->persistent_online ? 1 : 0),
                    dword("AutoFailbackType", fails_back(input, plan) ? 1 : 0)};
    const auto& description = fact_of(input, plan.fact).description;
    if (!description.empty())
        made->common.push_back({"Description", property_format::sz, description});
    if (locked)
        made->common.push_back(
            {"StatusInformation", property_format::ularge_integer, status_locked});
    return made;
}

} // namespace bridge::model
