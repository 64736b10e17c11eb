// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/plan.hpp"

#include <algorithm>
#include <unordered_map>

namespace bridge::model {

namespace {

bool starts(const std::string& action) {
    return action.empty() || action == "start";
}

bool ordered_starts(const order_facts& order) {
    const auto& then = order.then_action.empty() ? order.first_action : order.then_action;
    return starts(order.first_action) && starts(then);
}

class dependency_planner {
public:
    dependency_planner(const cib_facts& facts, plan& into) : facts_(facts), plan_(into) {
        for (std::size_t i = 0; i < plan_.resources.size(); ++i)
            if (!plan_.resources[i].container)
                places_[facts_.resources[plan_.resources[i].fact]->id].push_back(i);
    }

    void run() {
        for (const auto& group : plan_.groups)
            chain(group);
        for (const auto& order : facts_.orders) {
            if (!order->mandatory || !ordered_starts(*order))
                continue;
            if (order->sets.empty())
                relate(order->id, {order->first}, order->then);
            else
                relate_sets(order->id, order->sets);
        }
    }

private:
    /// Members of a `<group>`, also of a cloned one, and what is inside a bundle's container start
    /// one after the other.
    void chain(const planned_group& group) {
        for (std::size_t i = 1; i < group.members.size(); ++i) {
            const auto& before = plan_.resources[group.members[i - 1]];
            auto& member = plan_.resources[group.members[i]];
            const auto& parent = facts_.resources[member.fact]->parent;
            const bool in_group = !parent.empty() && !before.container &&
                                  facts_.resources[before.fact]->parent == parent &&
                                  is_ordered_group(parent);
            if (in_group || before.container)
                member.clauses.push_back({group.members[i - 1]});
        }
    }

    [[nodiscard]] bool is_ordered_group(const std::string& id) const {
        const auto found = facts_.resources.find(id);
        if (!found || found->kind != resource_kind::group)
            return false;
        const auto* ordered = find_attribute(found->meta, "ordered");
        return ordered == nullptr || is_true(*ordered);
    }

    /// `then` needs one of `firsts`, in every group that holds it.
    void relate(const std::string& order, const std::vector<std::string>& firsts,
                const std::string& then) {
        const auto found = places_.find(then);
        if (found == places_.end())
            return;
        for (const auto place : found->second) {
            auto& member = plan_.resources[place];
            if (firsts.size() == 1 && is_anchor_of(firsts.front(), member.group))
                continue;
            std::vector<std::size_t> clause;
            for (const auto& first : firsts)
                if (const auto provider = in_group(first, member.group); provider != no_fact)
                    clause.push_back(provider);
            // A provider outside the group cannot be said; half a disjunction would be wrong.
            const bool usable =
                clause.size() == firsts.size() && !clause.empty() &&
                std::none_of(clause.begin(), clause.end(), [&](auto each) {
                    return each == place || related(member, each) || reaches(each, place);
                });
            if (usable)
                member.clauses.push_back(std::move(clause));
            else if (clause.size() < firsts.size())
                note(member, order);
        }
    }

    [[nodiscard]] bool is_anchor_of(const std::string& id, std::size_t group) const {
        const auto& owner = plan_.groups[group];
        return (owner.kind == group_kind::anchor || owner.kind == group_kind::core) &&
               owner.cib_id == id;
    }

    static void note(planned_resource& member, const std::string& order) {
        auto& all = member.other_orders;
        if (std::find(all.begin(), all.end(), order) == all.end())
            all.push_back(order);
    }

    [[nodiscard]] std::size_t in_group(const std::string& id, std::size_t group) const {
        const auto found = places_.find(id);
        if (found != places_.end())
            for (const auto place : found->second)
                if (plan_.resources[place].group == group)
                    return place;
        return no_fact;
    }

    [[nodiscard]] static bool related(const planned_resource& member, std::size_t provider) {
        return std::any_of(member.clauses.begin(), member.clauses.end(), [&](const auto& clause) {
            return std::find(clause.begin(), clause.end(), provider) != clause.end();
        });
    }

    /// Whether `from` depends on `wanted`, directly or not: relating them the other way would close
    /// a cycle.
    [[nodiscard]] bool reaches(std::size_t from, std::size_t wanted) const {
        std::vector<std::size_t> open{from};
        std::vector<std::size_t> seen{from};
        while (!open.empty()) {
            const auto at = open.back();
            open.pop_back();
            if (at == wanted)
                return true;
            for (const auto& clause : plan_.resources[at].clauses)
                for (const auto next : clause)
                    if (std::find(seen.begin(), seen.end(), next) == seen.end()) {
                        seen.push_back(next);
                        open.push_back(next);
                    }
        }
        return false;
    }

    void relate_sets(const std::string& order, const std::vector<resource_set_facts>& sets) {
        const resource_set_facts* before = nullptr;
        for (const auto& set : sets) {
            if (!starts(set.action) || set.resources.empty()) {
                before = nullptr;
                continue;
            }
            if (set.sequential)
                for (std::size_t i = 1; i < set.resources.size(); ++i)
                    relate(order, {set.resources[i - 1]}, set.resources[i]);
            if (before != nullptr)
                relate_set(order, *before, set);
            before = &set;
        }
    }

    /// The first of a sequential set (all of a parallel one) need the last of a sequential set
    /// (all, or one, of a parallel one).
    void relate_set(const std::string& order, const resource_set_facts& before,
                    const resource_set_facts& after) {
        const std::size_t heads = after.sequential ? 1 : after.resources.size();
        for (std::size_t i = 0; i < heads; ++i) {
            if (!before.require_all)
                relate(order, before.resources, after.resources[i]);
            else if (before.sequential)
                relate(order, {before.resources.back()}, after.resources[i]);
            else
                for (const auto& each : before.resources)
                    relate(order, {each}, after.resources[i]);
        }
    }

    const cib_facts& facts_;
    plan& plan_;
    std::unordered_map<std::string, std::vector<std::size_t>> places_;
};

} // namespace

void plan_dependencies(const cib_facts& facts, plan& into) {
    dependency_planner(facts, into).run();
}

} // namespace bridge::model
