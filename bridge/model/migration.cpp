// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/migration.hpp"

namespace bridge::model {

namespace {

constexpr std::int32_t rc_ok = 0;
constexpr std::int32_t rc_not_running = 7;
constexpr std::int32_t status_pending = -1;
constexpr std::int32_t status_done = 0;

bool succeeded(const operation_result& op, std::int32_t rc) {
    return op.rc == rc && op.status == status_done;
}

/// The only operation that fits; null when there is none, or more than one.
template <class Fits>
const operation_result* only(const history_facts* history, Fits fits) {
    const operation_result* found = nullptr;
    if (history == nullptr)
        return nullptr;
    for (const auto& each : history->operations) {
        if (!fits(each))
            continue;
        if (found != nullptr)
            return nullptr;
        found = &each;
    }
    return found;
}

const operation_result* migrate_from(const history_facts* history, std::string_view source) {
    return only(history, [&](const auto& each) {
        return each.operation == "migrate_from" && each.migrate_source == source;
    });
}

const operation_result* migrate_to(const history_facts* history, std::string_view target) {
    return only(history, [&](const auto& each) {
        return each.operation == "migrate_to" && each.migrate_target == target;
    });
}

bool moves(const operation_result& op) {
    return op.operation == "start" || op.operation == "stop" || op.operation == "migrate_to" ||
           op.operation == "migrate_from";
}

bool moved_after(const history_facts* history, const operation_result& op, bool same_node) {
    if (history == nullptr)
        return false;
    for (const auto& each : history->operations)
        if (&each != &op && moves(each) && compare_age(each, op, same_node) > 0)
            return true;
    return false;
}

bool absent_after(const history_facts* history, const operation_result& op, bool same_node) {
    const auto* monitor =
        only(history, [](const auto& each) { return each.operation == "monitor"; });
    return monitor != nullptr && succeeded(*monitor, rc_not_running) &&
           compare_age(*monitor, op, same_node) > 0;
}

/// Something newer than a migration says what the resource is on `node`, one of its ends. `own` is
/// the migration's operation on that node, `far` the one on the other node.
bool known_since(const history_facts* history, const operation_result* own,
                 const operation_result* far) {
    const auto* op = own != nullptr ? own : far;
    if (op == nullptr)
        return false;
    const bool same_node = own != nullptr;
    return moved_after(history, *op, same_node) || absent_after(history, *op, same_node);
}

bool has_operations(const history_facts* history) {
    return history != nullptr && !history->operations.empty();
}

} // namespace

migration_verdict after_migrate_to(const history_facts& history, const operation_result& op,
                                   std::string_view node, const other_nodes& others) {
    if (op.migrate_source != node || op.migrate_target.empty())
        return {};
    const bool moved = moved_after(&history, op, true);
    const auto* there = others.history_on(op.migrate_target);
    const auto* arrival = migrate_from(there, op.migrate_source);
    if (moved && arrival != nullptr)
        return {};
    const bool target_known = known_since(there, arrival, &op);
    if (moved && target_known)
        return {};
    if (arrival != nullptr && succeeded(*arrival, rc_ok))
        return {true, role::stopped, false, false};
    if (!target_known && others.online(op.migrate_target))
        return {true, role::started, false, true};
    const bool arrival_failed = arrival != nullptr && arrival->status != status_pending;
    return {true, role::started, arrival_failed || !moved, false};
}

migration_verdict after_failed_migrate_to(const operation_result& op, std::string_view node,
                                          const other_nodes& others) {
    if (op.migrate_source != node || op.migrate_target.empty())
        return {};
    const auto* there = others.history_on(op.migrate_target);
    const auto* arrival = migrate_from(there, op.migrate_source);
    if (arrival != nullptr && !succeeded(*arrival, rc_ok))
        arrival = nullptr;
    const bool on_target = has_operations(there) && !known_since(there, arrival, &op) &&
                           others.online(op.migrate_target);
    return {true, role::started, false, on_target};
}

migration_verdict after_failed_migrate_from(const operation_result& op, std::string_view node,
                                            const other_nodes& others) {
    if (op.migrate_target != node || op.migrate_source.empty())
        return {};
    const auto* there = others.history_on(op.migrate_source);
    const auto* departure = migrate_to(there, op.migrate_target);
    if (departure != nullptr && !succeeded(*departure, rc_ok))
        departure = nullptr;
    const bool on_source = has_operations(there) && !known_since(there, departure, &op) &&
                           others.online(op.migrate_source);
    return {true, role::started, false, on_source};
}

} // namespace bridge::model
