// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/on_fail.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace bridge::model {

namespace {

bool promoted_role(const operation_facts& op) {
    return same_word(op.role, "Promoted") || same_word(op.role, "Master");
}

bool promoted_monitor(const operation_facts& op) {
    return same_word(op.name, "monitor") && promoted_role(op) && op.interval_ms != 0;
}

const operation_facts* configured(const history_rules& rules, std::string_view name,
                                  std::uint32_t interval_ms) {
    if (rules.operations == nullptr)
        return nullptr;
    const auto found =
        std::find_if(rules.operations->begin(), rules.operations->end(), [&](const auto& each) {
            return each.interval_ms == interval_ms && same_word(each.name, name);
        });
    return found == rules.operations->end() ? nullptr : &*found;
}

const operation_facts* configured(const history_rules& rules, const operation_result& op) {
    const auto* own = configured(rules, op.operation, op.interval_ms);
    if (own == nullptr && (op.operation == "migrate_to" || op.operation == "migrate_from"))
        return configured(rules, "migrate", 0);
    return own;
}

/// A demotion that says nothing fails like the monitor of the promoted role.
std::string_view demotion_default(const history_rules& rules) {
    if (rules.operations != nullptr)
        for (const auto& each : *rules.operations)
            if (each.enabled && promoted_monitor(each) && !each.on_fail.empty() &&
                !same_word(each.on_fail, "demote"))
                return each.on_fail;
    return {};
}

std::string_view default_for(const operation_result& op, const history_rules& rules) {
    if (rules.default_rules == nullptr)
        return rules.default_on_fail;
    auto context = rules.about;
    context.operation = op.operation;
    context.interval_ms = op.interval_ms;
    for (const auto& set : *rules.default_rules)
        if (holds(set.when, context))
            if (const auto* value = find_attribute(set.values, "on-fail"))
                return *value;
    return {};
}

/// The value that counts; empty where it is not set or not allowed for the operation.
std::string_view configured_value(const operation_result& op, const history_rules& rules) {
    const auto* entry = configured(rules, op);
    const std::string_view value =
        entry != nullptr && !entry->on_fail.empty() ? entry->on_fail : default_for(op, rules);
    if (op.operation == "stop") {
        for (const char* barred : {"standby", "demote", "stop"})
            if (same_word(value, barred))
                return {};
        return value;
    }
    if (op.operation == "demote" && value.empty())
        return demotion_default(rules);
    if (op.operation == "delete")
        return "ignore";
    if (same_word(value, "demote") &&
        (entry == nullptr || (!same_word(entry->name, "promote") && !promoted_monitor(*entry))))
        return {};
    return value;
}

std::optional<failure_response> named(std::string_view value, const history_rules& rules) {
    static constexpr std::array<std::pair<std::string_view, failure_response>, 9> names{{
        {"block", failure_response::block},
        {"fence", failure_response::fence},
        {"standby", failure_response::standby},
        {"ignore", failure_response::ignore},
        {"nothing", failure_response::ignore},
        {"migrate", failure_response::migrate},
        {"stop", failure_response::stop},
        {"restart", failure_response::recover},
        {"demote", failure_response::demote},
    }};
    if (same_word(value, "restart-container") && rules.contained)
        return failure_response::restart_container;
    for (const auto& [name, response] : names)
        if (same_word(value, name))
            return response == failure_response::fence && !rules.fencing ? failure_response::stop
                                                                         : response;
    return std::nullopt;
}

} // namespace

bool is_probe(const operation_result& op) {
    return op.operation == "monitor" && op.interval_ms == 0;
}

failure_response response_to(const operation_result& op, const history_rules& rules) {
    const auto value = named(configured_value(op, rules), rules);
    if (!value && rules.contained)
        return failure_response::restart_container;
    if ((!value || !rules.managed) && rules.connection && !is_probe(op) && op.operation != "start")
        return rules.managed ? failure_response::reset_connection : failure_response::stop;
    if (value)
        return *value;
    if (op.operation == "stop")
        return rules.fencing ? failure_response::fence : failure_response::block;
    return failure_response::recover;
}

} // namespace bridge::model
