// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/operation_order.hpp"

#include <algorithm>
#include <tuple>

namespace bridge::model {

namespace {

/// One of the two is in flight.
bool asked_later(const operation_result& a, const operation_result& b) {
    if (a.transitioner != b.transitioner || a.transition == b.transition)
        return a.call_id < 0; // nothing in flight outlives an election, so it is the newer one
    if (a.transition < 0 || b.transition < 0)
        return a.transition < 0; // asked for outside a transition: a shutdown, always the last
    return a.transition > b.transition;
}

} // namespace

bool is_probe(const operation_result& op) {
    return op.operation == "monitor" && op.interval_ms == 0;
}

bool is_newer(const operation_result& a, const operation_result& b, bool same_node) {
    if (a.call_id < 0 && b.call_id < 0)
        return false;
    if (a.call_id < 0 || b.call_id < 0)
        return asked_later(a, b);
    if (same_node && a.call_id != b.call_id)
        return a.call_id > b.call_id;
    return b.last_change > 0 && a.last_change > b.last_change;
}

std::vector<const operation_result*> in_order(const std::vector<operation_result>& operations) {
    std::vector<const operation_result*> ordered;
    ordered.reserve(operations.size());
    // Of two records of one call the one further down in the document is the earlier.
    for (auto each = operations.rbegin(); each != operations.rend(); ++each)
        if (each->call_id >= 0)
            ordered.push_back(&*each);
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
        return std::tie(a->call_id, a->last_change) < std::tie(b->call_id, b->last_change);
    });
    for (auto each = operations.rbegin(); each != operations.rend(); ++each) {
        if (each->call_id >= 0)
            continue;
        const auto after = std::find_if(ordered.begin(), ordered.end(), [&](const auto* other) {
            return is_newer(*other, *each, true);
        });
        ordered.insert(after, &*each);
    }
    return ordered;
}

} // namespace bridge::model
