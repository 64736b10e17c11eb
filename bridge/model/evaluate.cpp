// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/evaluate.hpp"

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
    return role == nullptr || !equal_ignoring_case(*role, "Stopped");
}

/// Failures that drive a resource away from a node; 0: no number of them does.
std::int32_t threshold_of(const evaluation_input& input, const resource_facts& resource) {
    const auto* text = meta(input, resource, "migration-threshold");
    const auto score = text != nullptr ? parse_score(*text) : std::nullopt;
    if (!score)
        return score_infinity;
    return *score >= 0 ? *score : 1;
}

/// Number of the replica whose container has this history; empty when it is not the bundle's.
std::string_view replica_number(const resource_facts& bundle, std::string_view container) {
    const auto prefix = bundle.id + "-" + (bundle.bundle ? bundle.bundle->technology : "") + "-";
    return container.starts_with(prefix) ? container.substr(prefix.size()) : std::string_view{};
}

/// The replicas of a bundle whose container runs on a node.
std::vector<std::size_t> replicas_on(const evaluation_input& input, const resource_facts& bundle,
                                     std::size_t host) {
    std::vector<std::size_t> nodes;
    if (!input.views[host].counts)
        return nodes;
    const auto context = context_of(input.facts, bundle, input.now);
    for (std::size_t i = input.nodes.shown(); i < input.nodes.all().size(); ++i) {
        const auto& container = input.nodes[i].container;
        if (!replica_number(bundle, container).empty() &&
            status_of(input.views.subspan(host, 1), {container}, context, false).is >=
                role::started)
            nodes.push_back(i);
    }
    return nodes;
}

/// Nodes whose histories count for a planned resource.
std::vector<std::size_t> nodes_of(const evaluation_input& input, const planned_resource& plan) {
    const auto& resource = fact_of(input, plan.fact);
    const auto parent =
        resource.parent.empty() ? nullptr : input.facts.resources.find(resource.parent);
    if (plan.node == no_node) {
        std::vector<std::size_t> nodes(input.nodes.all().size());
        std::iota(nodes.begin(), nodes.end(), std::size_t{0});
        return nodes;
    }
    if (parent && parent->kind == resource_kind::bundle && !plan.container)
        return replicas_on(input, *parent, plan.node);
    return {plan.node};
}

/// What all histories of a planned resource say.
resource_status read_status(const evaluation_input& input, const planned_resource& plan,
                            const history_context& context) {
    const bool per_resource = counts_per_resource(input.facts);
    if (plan.node == no_node)
        return status_of(input.views, plan.histories, context, per_resource);
    resource_status made;
    for (const auto node : nodes_of(input, plan)) {
        auto there =
            status_of(input.views.subspan(node, 1), plan.histories, context, per_resource);
        for (auto& [place, status] : there.on)
            made.on.emplace_back(node, std::move(status));
        made.is = std::max(made.is, there.is);
        made.failed = made.failed || there.failed;
        made.failure_ignored = made.failure_ignored || there.failure_ignored;
        made.changes_at = earlier(made.changes_at, there.changes_at);
    }
    return made;
}

/// A guest node that is lost has failed with its container.
bool lost_inside(const evaluation_input& input, const planned_resource& plan) {
    return std::any_of(
        input.nodes.all().begin(), input.nodes.all().end(), [&](const node_entry& each) {
            return each.lost && std::find(plan.histories.begin(), plan.histories.end(),
                                          each.container) != plan.histories.end();
        });
}

/// Counts the failures that have not expired, and notes when the next ones do.
void add_thresholds(const evaluation_input& input, const planned_resource& plan,
                    const history_context& context, evaluated_resource& made) {
    const auto& resource = fact_of(input, plan.fact);
    const auto threshold = threshold_of(input, resource);
    if (threshold == 0)
        return;
    const bool per_resource = counts_per_resource(input.facts);
    const auto timeout = context.failure_timeout_s;
    auto& condition = made.condition;
    std::size_t usable = 0;
    std::size_t reached = 0;
    for (const auto node : plan.possible) {
        if (input.views[node].status == nullptr)
            continue;
        const auto counted = failures_of(*input.views[node].status, resource.id, per_resource);
        const auto left = failures_left(counted, timeout, input.now);
        const bool here = left > 0 && left >= threshold;
        if (left > 0 && timeout > 0 && counted.last > 0)
            made.changes_at = earlier(made.changes_at, counted.last + timeout + 1);
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

void note_node(resource_place& place, std::size_t node, const instance_status& status) {
    const auto newer =
        std::tie(status.newest, status.newest_call) > std::tie(place.newest, place.newest_call);
    if (status.newest > 0 && newer) {
        place.newest = status.newest;
        place.newest_call = status.newest_call;
        place.newest_on = node;
    }
    if (status.active() && (place.running_on == no_node || status.is > place.is)) {
        place.running_on = node;
        place.is = status.is;
    }
}

/// The node that shows for a place: a replica's operations count for the instance's node.
std::size_t shown_node(const evaluation_input& input, const planned_resource& plan,
                       std::size_t node) {
    return node < input.nodes.shown() ? node : plan.node;
}

} // namespace

evaluated_resource evaluate_resource(const evaluation_input& input, const planned_resource& plan) {
    const auto& resource = fact_of(input, plan.fact);
    evaluated_resource made;
    auto& condition = made.condition;
    const auto context = context_of(input.facts, resource, input.now);
    const bool managed = context.policy.managed;
    condition.wanted = is_wanted(input, resource);
    const auto status = read_status(input, plan, context);
    condition.running = status.is >= role::started;
    condition.failed = status.failed || lost_inside(input, plan);
    made.changes_at = status.changes_at;
    std::string failure;
    for (const auto& [node, there] : status.on) {
        condition.starting = condition.starting || there.in_flight == flight::starting;
        condition.stopping = condition.stopping || there.in_flight == flight::stopping;
        if (failure.empty())
            failure = there.failure_reason;
        note_node(made.place, shown_node(input, plan, node), there);
    }
    if (!status.failure_ignored)
        add_thresholds(input, plan, context, made);
    const auto on = made.place.running_on;
    auto shown = std::make_shared<model::resource>();
    shown->id = plan.id;
    shown->name = plan.name;
    shown->cib_id = resource.id;
    shown->group = input.shape.groups[plan.group].id;
    shown->state = state_of(condition, input.settled);
    shown->persistent_online = condition.wanted;
    shown->locked = !managed || (on != no_node && input.nodes[on].maintenance);
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
    if (plan.kind == group_kind::anchor || plan.kind == group_kind::core)
        for (const auto& [node, there] :
             status_of(input.views.first(input.nodes.shown()), {own.id},
                       context_of(input.facts, own, input.now), counts_per_resource(input.facts))
                 .on)
            note_node(best, node, there);
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
