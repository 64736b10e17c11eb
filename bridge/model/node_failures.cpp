// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/node_failures.hpp"

#include "bridge/model/rules.hpp"

#include <algorithm>

namespace bridge::model {

namespace {

/// A history without an unexpected result asks for nothing. Most are like that.
bool went_wrong(const history_facts& history) {
    return std::any_of(history.operations.begin(), history.operations.end(), [](const auto& each) {
        return each.status > 0 || (each.status == 0 && each.rc != each.expected_rc);
    });
}

/// Rules of the resource that a history is about; it may be an instance, or no longer configured.
history_rules rules_of(const cib_facts& facts, const std::string& history, std::int64_t now) {
    for (const auto& id : {history, history.substr(0, history.rfind(':'))})
        if (const auto resource = facts.resources.find(id))
            return rules_of(facts, *resource, now);
    auto made = guest_connection_rules(facts, now);
    made.contained = false;
    made.managed = option(facts, "stop-orphan-resources", true);
    return made;
}

} // namespace

node_failures failures_on(const cib_facts& facts, const observed_node& node, bool remote,
                          std::int64_t now) {
    node_failures made;
    if (!node.status || (!node.online && !remote))
        return made;
    const auto& histories = node.status->histories;
    for (std::size_t i = 0; i < histories.size() && made.fenced_from == never; ++i) {
        const auto& history = *histories[i];
        if (node.online && !went_wrong(history))
            continue;
        const auto rules = rules_of(facts, history.id, now);
        const history_place place{node.name, node.online,
                                  failures_of(facts, *node.status, history.id, true), nullptr};
        const auto status = status_of(history, rules, place);
        made.in_use = made.in_use || (!node.online && rules.managed && status.active());
        made.standby = made.standby || status.response == failure_response::standby;
        if (status.response == failure_response::fence)
            made.fenced_from = i;
        made.changes_at = earlier(made.changes_at, status.changes_at);
    }
    return made;
}

} // namespace bridge::model
