// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/failure_policy.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace bridge::model {

namespace {

struct policy_name {
    std::string_view text;
    failure_policy policy;
};

constexpr policy_name names[] = {
    {"ignore", failure_policy::ignore},
    {"nothing", failure_policy::ignore},
    {"demote", failure_policy::demote},
    {"restart", failure_policy::restart},
    {"restart-container", failure_policy::restart_container},
    {"migrate", failure_policy::move},
    {"block", failure_policy::block},
    {"stop", failure_policy::stop},
    {"standby", failure_policy::standby},
    {"fence", failure_policy::fence},
};

std::optional<failure_policy> policy_named(std::string_view text) {
    for (const auto& each : names)
        if (equal_ignoring_case(text, each.text))
            return each.policy;
    return std::nullopt;
}

/// The role's monitor of an instance that is promoted.
bool monitors_promoted(const operation_facts& each) {
    return each.name == "monitor" && each.interval_ms != 0 &&
           (equal_ignoring_case(each.role, "Promoted") || equal_ignoring_case(each.role, "Master"));
}

const operation_facts* configured_one(const std::vector<operation_facts>& configured,
                                      std::string_view name, std::uint32_t interval_ms) {
    const auto found = std::find_if(configured.begin(), configured.end(), [&](const auto& each) {
        return each.name == name && each.interval_ms == interval_ms;
    });
    return found != configured.end() ? &*found : nullptr;
}

const operation_facts* configured_for(const operation_result& operation,
                                      const std::vector<operation_facts>& configured) {
    const auto* exact = configured_one(configured, operation.operation, operation.interval_ms);
    // Old configurations have one operation for both halves of a live migration.
    if (exact == nullptr && operation.operation.starts_with("migrate_"))
        return configured_one(configured, "migrate", 0);
    return exact;
}

/// What the configuration says and allows; empty: the default counts.
std::string_view configured_policy(const operation_result& operation,
                                   const policy_context& context) {
    const auto* own = configured_for(operation, context.configured);
    std::string_view said = own != nullptr ? std::string_view(own->on_fail) : std::string_view{};
    if (said.empty())
        if (const auto* common = find_attribute(context.defaults, "on-fail"))
            said = *common;
    if (operation.operation == "stop" &&
        (equal_ignoring_case(said, "standby") || equal_ignoring_case(said, "demote") ||
         equal_ignoring_case(said, "stop")))
        return {};
    if (operation.operation == "demote" && said.empty()) {
        // Unless said otherwise, a failed demotion counts as the promoted role's monitor does.
        for (const auto& each : context.configured)
            if (each.enabled && monitors_promoted(each) && !each.on_fail.empty() &&
                !equal_ignoring_case(each.on_fail, "demote"))
                return each.on_fail;
        return {};
    }
    if (equal_ignoring_case(said, "demote") &&
        (own == nullptr || (own->name != "promote" && !monitors_promoted(*own))))
        return {};
    return said;
}

} // namespace

failure_policy policy_of(const operation_result& operation, const policy_context& context) {
    auto said = policy_named(configured_policy(operation, context));
    if (said == failure_policy::fence && !context.fencing)
        said = failure_policy::stop;
    if (said == failure_policy::restart_container && !context.contained)
        said.reset();
    if (!said && context.contained)
        return failure_policy::restart_container;
    const bool probe = operation.operation == "monitor" && operation.interval_ms == 0;
    // Whatever drops an established connection says something about the node behind it.
    if (context.remote_connection && !probe && operation.operation != "start") {
        if (!context.managed)
            return failure_policy::stop;
        if (!said)
            return failure_policy::reset_connection;
    }
    if (said)
        return *said;
    if (operation.operation == "stop")
        return context.fencing ? failure_policy::fence : failure_policy::block;
    return failure_policy::restart;
}

} // namespace bridge::model
