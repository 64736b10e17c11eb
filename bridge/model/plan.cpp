// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/plan.hpp"

#include "bridge/model/identity.hpp"
#include "bridge/model/rules.hpp"

#include <algorithm>
#include <unordered_map>

namespace bridge::model {

namespace {

/// Instances of an anonymous clone may be recorded as "resource:n"; more are not looked for.
constexpr std::size_t max_instance_numbers = 64;

bool is_anchor(const resource_facts& resource) {
    return resource.kind == resource_kind::primitive && resource.parent.empty() &&
           resource.agent() == anchor_agent;
}

/// Connections to remote nodes, hosts of guest nodes and fencing devices do not run on remote
/// nodes.
bool needs_cluster_node(const resource_facts& resource) {
    return resource.class_ == "stonith" || resource.agent() == "ocf:pacemaker:remote" ||
           find_attribute(resource.meta, "remote-node") != nullptr;
}

std::string meta_text(const resource_facts& resource, std::string_view name) {
    const auto* found = find_attribute(resource.meta, name);
    return found != nullptr ? *found : std::string{};
}

class planner {
public:
    planner(const cib_facts& facts, const node_set& nodes, const location_scores& locations,
            const win32::guid& cluster, std::int64_t now)
        : facts_(facts), nodes_(nodes), locations_(locations), cluster_(cluster), now_(now),
          observed_(nodes.observed(facts)) {}

    plan run() {
        find_members();
        reserve_ids();
        for (std::size_t i = 0; i < facts_.resources.size(); ++i)
            if (facts_.resources[i]->parent.empty() && !owner_.contains(facts_.resources[i]->id))
                add_top(i);
        plan_dependencies(facts_, made_);
        for (auto& each : made_.resources)
            for (const auto& clause : each.clauses)
                for (const auto provider : clause)
                    made_.resources[provider].dependents.push_back(
                        static_cast<std::size_t>(&each - made_.resources.data()));
        return std::move(made_);
    }

private:
    [[nodiscard]] const resource_facts& fact(std::size_t i) const { return *facts_.resources[i]; }

    /// A primitive that is colocated with an anchor without fail belongs to the anchor's group.
    void find_members() {
        for (const auto& each : facts_.colocations) {
            if (each->score < score_infinity || !each->sets.empty())
                continue;
            const auto anchor = facts_.resources.position(each->with);
            const auto member = facts_.resources.position(each->resource);
            if (anchor == facts_.resources.size() || member == facts_.resources.size() ||
                !is_anchor(fact(anchor)) || is_anchor(fact(member)) ||
                fact(member).kind != resource_kind::primitive || !fact(member).parent.empty())
                continue;
            if (owner_.try_emplace(fact(member).id, anchor).second)
                members_[anchor].push_back(member);
        }
        for (auto& [anchor, members] : members_)
            std::sort(members.begin(), members.end());
    }

    /// A name must differ from every identifier, so those that are stored are taken before any
    /// name.
    void reserve_ids() {
        for (const auto& each : facts_.resources) {
            const auto id = stored_id(meta_text(*each, meta_id));
            if (id.empty())
                continue;
            if (group_names_.add_id(id))
                resource_names_.add_id(id);
        }
        for (const char* name : {"Cluster Group", "Available Storage"})
            group_names_.add_name(name);
        for (const char* name : {"Cluster Name", "Cluster IP Address"})
            resource_names_.add_name(name);
    }

    void add_top(std::size_t i) {
        const auto& resource = fact(i);
        switch (resource.kind) {
        case resource_kind::primitive:
            if (is_anchor(resource))
                add_anchor(i);
            else
                add_lone(i);
            break;
        case resource_kind::group:
            add_native(i);
            break;
        case resource_kind::clone:
        case resource_kind::bundle:
            add_instances(i);
            break;
        }
    }

    std::size_t begin_group(std::size_t i, group_kind kind) {
        const auto& resource = fact(i);
        planned_group made;
        made.cib_id = resource.id;
        made.kind = kind;
        made.fact = i;
        const auto type = parse_number(meta_text(resource, meta_group_type));
        made.type = type && *type <= 9999 ? static_cast<std::uint32_t>(*type) : 9999;
        made.preferred = preferred_nodes(resource.id);
        if (!made.preferred.empty())
            made.best_score = locations_.find(resource.id)->lasting[made.preferred.front()];
        made_.groups.push_back(std::move(made));
        return made_.groups.size() - 1;
    }

    /// The stored identifier, unless another object took it first.
    std::string own_id(std::string_view kind, const resource_facts& resource) {
        const auto id = stored_id(meta_text(resource, meta_id));
        if (!id.empty() && used_.add_id(id))
            return id;
        return derived_id(cluster_, kind, resource.id);
    }

    static std::string own_name(const resource_facts& resource) {
        const auto name = meta_text(resource, meta_name);
        return name.empty() ? resource.id : name;
    }

    std::string group_name(const std::string& wanted) { return group_names_.add_name(wanted); }

    void add_anchor(std::size_t i) {
        const auto at = begin_group(i, group_kind::anchor);
        auto& group = made_.groups[at];
        group.id = own_id("group", fact(i));
        const auto core = meta_text(fact(i), meta_core);
        if (core == "cluster" && !made_.has_cluster_group) {
            made_.has_cluster_group = true;
            make_core(group, 1);
        } else if (core == "storage" && !made_.has_available_storage) {
            made_.has_available_storage = true;
            make_core(group, 2);
        } else {
            group.name = group_name(own_name(fact(i)));
        }
        if (const auto found = members_.find(i); found != members_.end())
            for (const auto member : found->second)
                add_resource(at, member, own_id("resource", fact(member)), own_name(fact(member)));
    }

    void make_core(planned_group& group, std::uint32_t type) {
        group.kind = group_kind::core;
        group.flags = flag_core;
        group.type = type;
        const std::string usual = type == 1 ? "Cluster Group" : "Available Storage";
        const auto stored = meta_text(fact(group.fact), meta_name);
        group.name = stored.empty() || stored == usual ? usual : group_name(stored);
    }

    void add_lone(std::size_t i) {
        const bool fencing = fact(i).class_ == "stonith";
        const auto at = begin_group(i, fencing ? group_kind::fencing : group_kind::lone_primitive);
        const auto place = add_resource(at, i, own_id("resource", fact(i)), own_name(fact(i)));
        const auto& name = made_.resources[place].name;
        made_.groups[at].name = group_name(fencing ? "Fencing " + name : name);
        made_.groups[at].id = derived_id(cluster_, "group", fact(i).id);
    }

    void add_native(std::size_t i) {
        const auto at = begin_group(i, group_kind::native);
        made_.groups[at].id = own_id("group", fact(i));
        made_.groups[at].name = group_name(own_name(fact(i)));
        for (const auto& child : fact(i).children) {
            const auto place = facts_.resources.position(child);
            if (place < facts_.resources.size() && place > i)
                add_resource(at, place, own_id("resource", fact(place)), own_name(fact(place)));
        }
    }

    /// The primitives inside a clone or bundle.
    void leaves(std::size_t i, std::vector<std::size_t>& into) const {
        for (const auto& child : fact(i).children) {
            const auto place = facts_.resources.position(child);
            if (place >= facts_.resources.size() || place <= i)
                continue;
            if (fact(place).kind == resource_kind::primitive)
                into.push_back(place);
            else
                leaves(place, into);
        }
    }

    void add_instances(std::size_t i) {
        std::vector<std::size_t> primitives;
        leaves(i, primitives);
        const auto may_run = possible_nodes({fact(i).id});
        for (const auto primitive : primitives)
            for (auto& id : instance_ids(primitive))
                made_.instance_histories.insert(std::move(id));
        for (auto& id : container_ids(i))
            made_.instance_histories.insert(std::move(id));
        for (std::size_t node = 0; node < nodes_.shown(); ++node) {
            const bool possible = std::binary_search(may_run.begin(), may_run.end(), node);
            if (possible || runs_on(i, primitives, node))
                add_instance(i, primitives, node, !possible);
        }
    }

    void add_instance(std::size_t i, const std::vector<std::size_t>& primitives, std::size_t node,
                      bool stray) {
        const auto& entry = nodes_[node];
        const auto name = own_name(fact(i));
        const std::string suffix = " (" + entry.shown->name + ")";
        const std::string key = fact(i).id + "@" + entry.uname;
        const auto at = begin_group(i, group_kind::clone_instance);
        made_.groups[at].node = node;
        made_.groups[at].id = derived_id(cluster_, "group", key);
        made_.groups[at].name = group_name(name + suffix);
        made_.groups[at].preferred.clear();
        if (fact(i).kind == resource_kind::bundle)
            add_container(at, i, node, derived_id(cluster_, "resource", key), name + suffix);
        for (const auto primitive : primitives) {
            const auto& inner = fact(primitive);
            const auto place = add_resource(
                at, primitive, derived_id(cluster_, "resource", inner.id + "@" + entry.uname),
                own_name(inner) + suffix);
            place_instance(made_.resources[place], node);
        }
        for (const auto member : made_.groups[at].members)
            made_.resources[member].stray = stray;
    }

    /// A clone runs where one of its primitives does, a bundle where a container does.
    [[nodiscard]] bool runs_on(std::size_t i, const std::vector<std::size_t>& primitives,
                               std::size_t node) const {
        if (fact(i).kind == resource_kind::bundle)
            return recorded_on(container_ids(i), container_rules(facts_, fact(i), now_), node);
        return std::any_of(primitives.begin(), primitives.end(), [&](auto primitive) {
            return recorded_on(instance_ids(primitive), rules_of(facts_, fact(primitive), now_),
                               node);
        });
    }

    [[nodiscard]] bool recorded_on(const std::vector<std::string>& ids, const history_rules& rules,
                                   std::size_t node) const {
        const auto& status = observed_[node].status;
        if (!status || !observed_[node].online)
            return false;
        const std::vector<observed_node> here{observed_[node]};
        return std::any_of(ids.begin(), ids.end(), [&](const auto& id) {
            return status->histories.position(id) < status->histories.size() &&
                   presence_of(facts_, here, id, rules, true).on.front();
        });
    }

    /// globally-unique counts where it is set on the clone, or on what is inside. In a bundle it
    /// follows from how many replicas share a node.
    [[nodiscard]] bool is_numbered(std::size_t i) const {
        const auto parent = facts_.resources.find(fact(i).parent);
        if (parent && parent->bundle)
            return parent->bundle->replicas_per_host > 1;
        const auto* unique = effective_meta(facts_, fact(i), "globally-unique");
        return unique != nullptr && is_true(*unique);
    }

    /// Without a number a history is of no instance that is told apart by it.
    [[nodiscard]] std::vector<std::string> instance_ids(std::size_t i) const {
        std::vector<std::string> ids;
        if (!is_numbered(i))
            ids.push_back(fact(i).id);
        const auto count = std::min(nodes_.all().size() * 2, max_instance_numbers);
        for (std::size_t number = 0; number < count; ++number)
            ids.push_back(fact(i).id + ":" + std::to_string(number));
        return ids;
    }

    /// Empty for what is no bundle.
    [[nodiscard]] std::vector<std::string> container_ids(std::size_t i) const {
        std::vector<std::string> ids;
        const auto& bundle = fact(i).bundle;
        const auto replicas = bundle ? std::min<std::size_t>(bundle->replicas, 1000) : 0;
        for (std::size_t number = 0; number < replicas; ++number)
            ids.push_back(fact(i).id + "-" + bundle->technology + "-" + std::to_string(number));
        return ids;
    }

    void place_instance(planned_resource& instance, std::size_t node) const {
        instance.node = node;
        instance.possible = {node};
        instance.numbered = is_numbered(instance.fact);
        instance.histories = instance_ids(instance.fact);
    }

    void add_container(std::size_t group, std::size_t i, std::size_t node, std::string id,
                       const std::string& name) {
        const auto place = add_resource(group, i, std::move(id), name);
        auto& made = made_.resources[place];
        made.container = made.numbered = true;
        made.node = node;
        made.possible = {node};
        made.histories = container_ids(i);
    }

    std::size_t add_resource(std::size_t group, std::size_t i, std::string id,
                             const std::string& name) {
        planned_resource made;
        made.id = std::move(id);
        made.name = resource_names_.add_name(name);
        made.fact = i;
        made.group = group;
        made.flags = is_true(meta_text(fact(i), meta_core)) ? flag_core : 0;
        made.histories = {fact(i).id};
        made.possible = possible_nodes(constrained_with(i));
        if (needs_cluster_node(fact(i)))
            std::erase_if(made.possible, [&](auto node) { return nodes_[node].remote; });
        made_.resources.push_back(std::move(made));
        made_.groups[group].members.push_back(made_.resources.size() - 1);
        return made_.resources.size() - 1;
    }

    /// Resources whose location constraints bind this one: itself, its parents, its anchor.
    [[nodiscard]] std::vector<std::string> constrained_with(std::size_t i) const {
        std::vector<std::string> ids{fact(i).id};
        if (const auto owner = owner_.find(fact(i).id); owner != owner_.end())
            ids.push_back(fact(owner->second).id);
        for (auto place = i; !fact(place).parent.empty();) {
            const auto parent = facts_.resources.position(fact(place).parent);
            if (parent >= place)
                break;
            ids.push_back(fact(parent).id);
            place = parent;
        }
        return ids;
    }

    [[nodiscard]] std::vector<std::size_t>
    possible_nodes(const std::vector<std::string>& ids) const {
        std::vector<const node_scores*> said;
        for (const auto& id : ids)
            if (const auto* scores = locations_.find(id))
                said.push_back(scores);
        std::vector<std::size_t> possible;
        for (std::size_t node = 0; node < nodes_.shown(); ++node) {
            bool allowed = locations_.symmetric();
            for (const auto* scores : said)
                allowed = allowed || scores->named[node];
            for (const auto* scores : said)
                allowed = allowed && scores->total[node] > -score_infinity;
            if (allowed)
                possible.push_back(node);
        }
        return possible;
    }

    [[nodiscard]] std::vector<std::size_t> preferred_nodes(const std::string& id) const {
        std::vector<std::size_t> preferred;
        const auto* scores = locations_.find(id);
        if (scores == nullptr)
            return preferred;
        for (std::size_t node = 0; node < nodes_.shown(); ++node)
            if (scores->lasting[node] > 0)
                preferred.push_back(node);
        std::stable_sort(preferred.begin(), preferred.end(),
                         [&](auto a, auto b) { return scores->lasting[a] > scores->lasting[b]; });
        return preferred;
    }

    const cib_facts& facts_;
    const node_set& nodes_;
    const location_scores& locations_;
    const win32::guid& cluster_;
    std::int64_t now_;
    std::vector<observed_node> observed_;
    std::unordered_map<std::string, std::size_t> owner_; ///< member id -> place of its anchor
    std::unordered_map<std::size_t, std::vector<std::size_t>> members_;
    name_register group_names_;
    name_register resource_names_;
    name_register used_; ///< stored identifiers that are in use
    plan made_;
};

} // namespace

plan make_plan(const cib_facts& facts, const node_set& nodes, const location_scores& locations,
               const win32::guid& cluster, std::int64_t now) {
    return planner(facts, nodes, locations, cluster, now).run();
}

} // namespace bridge::model
