// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/migration.hpp"

#include "bridge/model/operation_order.hpp"

#include <algorithm>

namespace bridge::model {

namespace {

const peer_history* peer_on(const history_place& place, std::string_view node) {
    for (const auto& each : place.peers)
        if (each.node == node)
            return &each;
    return nullptr;
}

bool is_online(const history_place& place, std::string_view node) {
    const auto* peer = peer_on(place, node);
    return peer != nullptr && peer->online;
}

bool moves_something(const operation_result& op) {
    return op.operation == "start" || op.operation == "stop" || op.operation == "migrate_to" ||
           op.operation == "migrate_from";
}

/// The other half of a migration; null when it has not begun (or is forgotten).
const operation_result* other_half(const history_place& place, std::string_view node,
                                   std::string_view operation, const operation_result& of) {
    const auto* peer = peer_on(place, node);
    if (peer == nullptr || peer->history == nullptr)
        return nullptr;
    for (const auto& each : peer->history->operations)
        if (each.operation == operation && each.migrate_source == of.migrate_source &&
            each.migrate_target == of.migrate_target)
            return &each;
    return nullptr;
}

bool went_well(const operation_result* op) {
    return op != nullptr && op->rc == rc_ok && op->status == op_done;
}

/// Anything was done with the resource on the node after `op`.
bool moved_after(const history_place& place, std::string_view node, const operation_result& op,
                 bool same_node) {
    const auto* peer = peer_on(place, node);
    if (peer == nullptr || peer->history == nullptr)
        return false;
    const auto& all = peer->history->operations;
    return std::any_of(all.begin(), all.end(), [&](const operation_result& each) {
        return &each != &op && moves_something(each) && is_newer(each, op, same_node);
    });
}

/// It was seen not to run on the node after `op`.
bool seen_stopped_after(const history_place& place, std::string_view node,
                        const operation_result& op, bool same_node) {
    const auto* peer = peer_on(place, node);
    if (peer == nullptr || peer->history == nullptr)
        return false;
    const auto& all = peer->history->operations;
    return std::any_of(all.begin(), all.end(), [&](const operation_result& each) {
        return each.operation == "monitor" && each.rc == rc_not_running && each.status == op_done &&
               is_newer(each, op, same_node);
    });
}

/// Something on the node is newer than the migration, as far as that node took part in it.
bool overtaken(const history_place& place, std::string_view node, const operation_result* to,
               const operation_result* from) {
    const auto* latest = from != nullptr ? from : to;
    const bool is_target = node == latest->migrate_target;
    const auto* own = is_target ? from : to;
    const auto& compared = own != nullptr ? *own : is_target ? *to : *from;
    const bool same_node = own != nullptr;
    return moved_after(place, node, compared, same_node) ||
           seen_stopped_after(place, node, compared, same_node);
}

bool never_seen(const history_place& place, std::string_view node) {
    const auto* peer = peer_on(place, node);
    return peer == nullptr || peer->history == nullptr || peer->history->operations.empty();
}

/// A record that does not name its own node says nothing.
bool names(const history_place& place, const std::string& own, const std::string& other) {
    return own == place.node && !other.empty();
}

} // namespace

migration_reading after_migrate_to(const operation_result& operation, const history_place& place) {
    const auto& target = operation.migrate_target;
    if (!names(place, operation.migrate_source, target))
        return {};
    const bool own_newer = moved_after(place, place.node, operation, true);
    const auto* from = other_half(place, target, "migrate_from", operation);
    if (own_newer && from != nullptr)
        return {};
    const bool target_newer = overtaken(place, target, &operation, from);
    if (own_newer && target_newer)
        return {};
    if (went_well(from))
        return {role::stopped, false, {}};
    const bool at_target = !target_newer && is_online(place, target);
    migration_reading made{role::started, false, at_target ? target : std::string{}};
    const bool half_done = from == nullptr || from->status == op_in_flight;
    made.failed = !at_target && !(half_done && own_newer);
    return made;
}

migration_reading after_failed_migrate_to(const operation_result& operation,
                                          const history_place& place) {
    const auto& target = operation.migrate_target;
    if (!names(place, operation.migrate_source, target))
        return {};
    const auto* from = other_half(place, target, "migrate_from", operation);
    const bool at_target =
        !never_seen(place, target) &&
        !overtaken(place, target, &operation, went_well(from) ? from : nullptr) &&
        is_online(place, target);
    return {role::started, false, at_target ? target : std::string{}};
}

migration_reading after_failed_migrate_from(const operation_result& operation,
                                            const history_place& place) {
    const auto& source = operation.migrate_source;
    if (!names(place, operation.migrate_target, source))
        return {};
    const auto* to = other_half(place, source, "migrate_to", operation);
    const bool at_source = !never_seen(place, source) &&
                           !overtaken(place, source, went_well(to) ? to : nullptr, &operation) &&
                           is_online(place, source);
    return {role::started, false, at_source ? source : std::string{}};
}

} // namespace bridge::model
