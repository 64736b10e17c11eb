// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/resolve.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

namespace bridge::model {

namespace {

bool is_conditional(const cib_facts& facts) {
    return facts.option_rules || facts.resource_default_rules ||
           std::any_of(facts.nodes.begin(), facts.nodes.end(),
                       [](const auto& each) { return !each->value_rules.empty(); }) ||
           std::any_of(facts.resources.begin(), facts.resources.end(),
                       [](const auto& each) { return !each->meta_rules.empty(); });
}

option_context context_of(const resource_facts& resource, std::int64_t now) {
    option_context made;
    made.now = now;
    made.class_ = resource.class_;
    made.provider = resource.provider;
    made.type = resource.type;
    return made;
}

/// What defaults come to for agents, each asked about once.
class agent_defaults {
public:
    agent_defaults(const option_sets* rules, std::int64_t now) : rules_(rules), now_(now) {}

    std::optional<attributes> of(const resource_facts& resource) {
        if (rules_ == nullptr)
            return std::nullopt;
        const auto [found, is_new] = known_.try_emplace(resource.agent());
        if (is_new)
            found->second = effective(*rules_, context_of(resource, now_));
        return found->second;
    }

private:
    const option_sets* rules_;
    std::int64_t now_;
    std::unordered_map<std::string, attributes> known_;
};

/// The fact that stood in the same place for the same given one; null when there is none.
template <class T>
std::shared_ptr<const T> former(const fact_table<T>& given, const fact_table<T>& made,
                                std::size_t place, const std::shared_ptr<const T>& now) {
    return place < given.size() && place < made.size() && given[place] == now ? made[place]
                                                                              : nullptr;
}

} // namespace

cib_facts_ptr resolver::resolve(const cib_facts_ptr& facts, std::int64_t now) {
    const auto before = std::exchange(given_, facts);
    if (!is_conditional(*facts))
        return made_ = facts;
    option_context moment;
    moment.now = now;
    auto made = std::make_shared<cib_facts>(*facts);
    if (facts->option_rules)
        made->options = std::make_shared<const attributes>(effective(*facts->option_rules, moment));
    made->nodes = facts->nodes.changed([&](std::size_t i, const auto& given) {
        if (given->value_rules.empty())
            return given;
        auto values = effective(given->value_rules, moment);
        auto same = former(before->nodes, made_->nodes, i, given);
        if (same && same->values == values)
            return same;
        auto other = std::make_shared<node_facts>(*given);
        other->values = std::move(values);
        return std::shared_ptr<const node_facts>(std::move(other));
    });
    agent_defaults defaults(facts->resource_default_rules.get(), now);
    made->resources = facts->resources.changed([&](std::size_t i, const auto& given) {
        auto own = defaults.of(*given);
        if (given->meta_rules.empty() && !own)
            return given;
        auto meta = given->meta_rules.empty()
                        ? given->meta
                        : effective(given->meta_rules, context_of(*given, now));
        auto same = former(before->resources, made_->resources, i, given);
        if (same && same->meta == meta && same->defaults == own)
            return same;
        auto other = std::make_shared<resource_facts>(*given);
        other->meta = std::move(meta);
        other->defaults = std::move(own);
        return std::shared_ptr<const resource_facts>(std::move(other));
    });
    return made_ = std::move(made);
}

} // namespace bridge::model
