// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/rules.hpp"

#include "bridge/model/location.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bridge::model {

namespace {

/// Controllers before this feature set count failures per resource, not per operation.
constexpr std::array<std::uint32_t, 3> counts_per_operation{3, 0, 13};

bool counts_per_resource(std::string_view feature_set) {
    std::array<std::uint32_t, 3> version{};
    for (auto& part : version) {
        const auto dot = std::min(feature_set.find('.'), feature_set.size());
        std::from_chars(feature_set.data(), feature_set.data() + dot, part);
        feature_set.remove_prefix(std::min(dot + 1, feature_set.size()));
    }
    return version < counts_per_operation;
}

/// "id", and with `any_instance` also "id:7".
bool names(std::string_view counter, std::string_view id, bool any_instance) {
    if (!counter.starts_with(id))
        return false;
    counter.remove_prefix(id.size());
    return counter.empty() ||
           (any_instance && counter.size() > 1 && counter.front() == ':' &&
            counter.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

std::int64_t seconds_of(const std::string* text) {
    return text != nullptr ? parse_interval_ms(*text).value_or(0) / 1000 : 0;
}

history_rules common_rules(const cib_facts& facts, std::int64_t now) {
    history_rules made;
    made.fencing = option(facts, "stonith-enabled", true);
    made.now = now;
    if (const auto* value = find_attribute(*facts.operation_defaults, "on-fail"))
        made.default_on_fail = *value;
    made.default_rules = facts.operation_default_rules.get();
    made.about.now = now;
    return made;
}

bool in_bundle(const cib_facts& facts, const resource_facts& resource) {
    const auto parent = resource.parent.empty() ? nullptr : facts.resources.find(resource.parent);
    return parent && parent->kind == resource_kind::bundle;
}

} // namespace

bool option(const cib_facts& facts, std::string_view name, bool fallback) {
    const auto* value = find_attribute(*facts.options, name);
    return value != nullptr ? is_true(*value) : fallback;
}

bool is_managed(const cib_facts& facts, const resource_facts& resource) {
    const auto* managed = effective_meta(facts, resource, "is-managed");
    const bool said = managed != nullptr && !same_word(*managed, "default");
    return (said ? is_true(*managed) : option(facts, "is-managed-default", true)) &&
           !is_in_maintenance(facts, resource);
}

bool is_in_maintenance(const cib_facts& facts, const resource_facts& resource) {
    const auto* maintenance = effective_meta(facts, resource, "maintenance");
    return (maintenance != nullptr && is_true(*maintenance)) ||
           option(facts, "maintenance-mode", false);
}

bool is_connection(const resource_facts& resource) {
    return resource.agent() == "ocf:pacemaker:remote";
}

history_rules rules_of(const cib_facts& facts, const resource_facts& primitive, std::int64_t now) {
    auto made = common_rules(facts, now);
    made.operations = &primitive.operations;
    made.about.class_ = primitive.class_;
    made.about.provider = primitive.provider;
    made.about.type = primitive.type;
    made.managed = is_managed(facts, primitive);
    made.bundled = in_bundle(facts, primitive);
    made.contained = effective_meta(facts, primitive, "container") != nullptr;
    made.failure_timeout_s = seconds_of(effective_meta(facts, primitive, "failure-timeout"));
    made.connection = is_connection(primitive) && !made.contained;
    if (made.connection) {
        if (const auto* delay = find_attribute(primitive.parameters, "reconnect_interval")) {
            made.failure_timeout_s = seconds_of(delay);
            made.reconnects = parse_interval_ms(*delay).value_or(0) > 0;
            const auto node = facts.status.find(primitive.id);
            made.remote_fenced = node && node->fenced;
        }
    }
    return made;
}

history_rules container_rules(const cib_facts& facts, const resource_facts& bundle,
                              std::int64_t now) {
    auto made = common_rules(facts, now);
    made.managed = is_managed(facts, bundle);
    made.bundled = true;
    made.failure_timeout_s = seconds_of(effective_meta(facts, bundle, "failure-timeout"));
    return made;
}

history_rules guest_connection_rules(const cib_facts& facts, std::int64_t now) {
    auto made = common_rules(facts, now);
    made.contained = true;
    return made;
}

failure_sum failures_of(const cib_facts& facts, const node_status& status, std::string_view id,
                        bool any_instance) {
    failure_sum made;
    const bool per_resource = counts_per_resource(facts.feature_set);
    for (const auto& each : *status.failures) {
        if (each.operation.empty() != per_resource || !names(each.resource, id, any_instance))
            continue;
        made.count = add_scores(made.count, each.count);
        made.last = std::max(made.last, each.last);
    }
    return made;
}

} // namespace bridge::model
