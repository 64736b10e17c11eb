// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/history.hpp"

#include "bridge/model/migration.hpp"

#include <algorithm>
#include <list>
#include <tuple>

namespace bridge::model {

namespace {

/// Agents' exit codes (OCF resource agent API 1.1) and those that Pacemaker adds.
enum ocf_rc : std::int32_t {
    rc_ok = 0,
    rc_invalid_parameter = 2,
    rc_not_installed = 5,
    rc_not_running = 7,
    rc_promoted = 8,
    rc_failed_promoted = 9,
    rc_degraded = 190,
    rc_degraded_promoted = 191,
};

/// Execution status of an operation.
enum op_status : std::int32_t {
    in_flight = -1,
    done = 0,
    cancelled = 1,
    error = 4,
    not_installed = 7,
    last_status = 11,
};

/// A monitor that answers "degraded" found what it looked for.
std::int32_t effective_rc(const operation_result& op) {
    if (op.operation != "monitor")
        return op.rc;
    return op.rc == rc_degraded            ? std::int32_t{rc_ok}
           : op.rc == rc_degraded_promoted ? std::int32_t{rc_promoted}
                                           : op.rc;
}

flight flight_of(const operation_result& op) {
    if (op.operation == "start" || op.operation == "promote" || op.operation == "migrate_from")
        return flight::starting;
    if (op.operation == "stop" || op.operation == "demote" || op.operation == "migrate_to")
        return flight::stopping;
    return flight::other;
}

int compare(std::int64_t a, std::int64_t b) {
    return a < b ? -1 : a > b ? 1 : 0;
}

/// Operations of one transition graph are as old as the graph; a shutdown's (-1) comes last.
int compare_transition(const operation_result& a, const operation_result& b) {
    if (a.controller.empty() || b.controller.empty())
        return 0;
    if (a.controller != b.controller || a.transition == b.transition)
        return b.call_id < 0 ? -1 : 1; // what is still in flight is the newest
    if ((a.transition >= 0 && a.transition < b.transition) || b.transition < 0)
        return -1;
    return 1;
}

/// The time that a failure of the resource stops counting; 0: it does not.
std::int64_t expiry_of(const operation_result& op, const history_rules& rules) {
    if (rules.failure_timeout_s <= 0 || op.last_change < 0)
        return 0;
    // A lost connection stays lost until the remote node was fenced.
    if (rules.reconnects && rules.fencing && op.operation == "monitor" && op.interval_ms != 0 &&
        !rules.remote_fenced)
        return 0;
    return op.last_change + rules.failure_timeout_s;
}

/// on-fail=block holds until an administrator cleans up; then nothing expires.
bool blocks(const operation_result& op, const history_rules& rules) {
    return rules.operations != nullptr && op.rc != op.expected_rc.value_or(-1) &&
           std::any_of(rules.operations->begin(), rules.operations->end(), [&](const auto& each) {
               return each.on_fail == "block" && each.name == op.operation &&
                      each.interval_ms == op.interval_ms;
           });
}

class follower {
public:
    follower(const history_facts& history, const history_rules& rules, const history_place& place)
        : history_(history), rules_(rules), place_(place) {}

    void follow(const operation_result& op) {
        if (op.status < in_flight || op.status > last_status || op.operation == "notify" ||
            op.operation == "meta-data")
            return;
        if (op.status == in_flight)
            pending(op);
        else
            finished(op);
        if (is_probe(op))
            return; // a node that joins probes everything; that moves nothing there
        status_.newest = std::max(status_.newest, op.last_change);
        status_.newest_call = std::max(status_.newest_call, op.call_id);
    }

    instance_status result() {
        if (!place_.reliable)
            status_.response = failure_response::ignore;
        switch (status_.response) {
        case failure_response::ignore:
            break;
        case failure_response::demote:
        case failure_response::reset_connection:
        case failure_response::restart_container:
            status_.failed = true;
            break;
        default:
            status_.failed = status_.failed || status_.active();
            break;
        }
        if (!status_.failed)
            status_.failure_reason.clear();
        return std::move(status_);
    }

private:
    void at_least_started() { status_.is = std::max(status_.is, role::started); }

    /// Failures that concern more than the resource on this node outlast the next success.
    void mended() {
        switch (status_.response) {
        case failure_response::migrate:
        case failure_response::stop:
        case failure_response::standby:
        case failure_response::fence:
            return;
        case failure_response::reset_connection:
            if (rules_.reconnects)
                return;
            [[fallthrough]];
        default:
            status_.response = failure_response::ignore;
        }
    }

    [[nodiscard]] bool masked(const operation_result& op) const {
        return !rules_.bundled && is_probe(op) &&
               (op.rc == rc_not_installed || op.rc == rc_invalid_parameter ||
                op.status == not_installed);
    }

    void pending(const operation_result& op) {
        if (op.operation == "start")
            status_.is = role::started;
        else if (op.operation == "promote")
            status_.is = role::promoted;
        if (status_.in_flight == flight::none && !is_probe(op))
            status_.in_flight = flight_of(op);
    }

    /// Whether the result no longer counts, being an old failure.
    bool expired(const operation_result& op, std::int32_t rc) {
        const auto at = expiry_of(op, rules_);
        if (rules_.now == 0 || at == 0 || op.status == not_installed ||
            (place_.failures.count > 0 && blocks(op, rules_)))
            return false;
        const bool harmless = is_probe(op) && (rc == rc_ok || rc == rc_not_running ||
                                               rc == rc_promoted || op.rc == rc_degraded_promoted);
        if (harmless || rc == op.expected_rc.value_or(-1))
            return false;
        // Newer failures of the resource keep the older ones alive.
        const auto last = place_.failures.count > 0 && place_.failures.last > 0
                              ? std::max(at, place_.failures.last + rules_.failure_timeout_s + 1)
                              : at;
        const bool counted_for_ever = place_.failures.count > 0 && place_.failures.last <= 0;
        if (!counted_for_ever && rules_.now >= last)
            return op.interval_ms == 0 || place_.reliable;
        if (!counted_for_ever)
            status_.changes_at = earlier(status_.changes_at, last);
        return false;
    }

    void finished(const operation_result& op) {
        if (op.status == cancelled)
            return;
        const auto rc = effective_rc(op);
        if (masked(op)) {
            if (expired(op, op.rc))
                return;
            status_.is = role::stopped;
            status_.response = failure_response::ignore;
            return;
        }
        const bool judged = op.status == done || op.status == error;
        const bool stopped_anyway = judged && rc == rc_not_running &&
                                    (is_probe(op) || op.expected_rc == rc || !rules_.managed);
        const bool good = judged && is_good(op, rc);
        if (judged)
            learn(rc, stopped_anyway);
        if (!good && !stopped_anyway && expired(op, rc))
            return;
        if (good || stopped_anyway)
            succeeded(op, rc);
        else
            went_wrong(op, rc);
    }

    /// What the answer alone says, whatever comes of it.
    void learn(std::int32_t rc, bool stopped_anyway) {
        if (stopped_anyway) {
            status_.is = role::stopped;
            status_.response = failure_response::ignore;
        } else if (rc == rc_promoted || rc == rc_failed_promoted || rc == rc_degraded_promoted) {
            status_.is = role::promoted;
        }
    }

    static bool is_good(const operation_result& op, std::int32_t rc) {
        switch (rc) {
        case rc_ok:
            return op.expected_rc == rc_ok || (is_probe(op) && op.expected_rc == rc_not_running);
        case rc_promoted:
            return op.expected_rc == rc_promoted || is_probe(op);
        case rc_not_running:
            return op.expected_rc == rc_not_running;
        default:
            return false;
        }
    }

    void succeeded(const operation_result& op, std::int32_t rc) {
        if (rc == rc_not_installed)
            status_.is = role::stopped;
        else if (rc == rc_not_running)
            mended();
        else
            succeeded(op);
    }

    void succeeded(const operation_result& op) {
        if (op.operation == "monitor") {
            if (failure_ != nullptr && failure_->operation == op.operation &&
                failure_->interval_ms == op.interval_ms)
                mended();
            at_least_started();
        } else if (op.operation == "start" || op.operation == "migrate_from") {
            status_.is = role::started;
            mended();
        } else if (op.operation == "stop") {
            status_.is = role::stopped;
            mended();
        } else if (op.operation == "promote") {
            status_.is = role::promoted;
            mended();
        } else if (op.operation == "demote") {
            if (status_.response == failure_response::demote)
                mended();
            status_.is = role::started;
        } else if (op.operation == "migrate_to") {
            migrated_away(op);
        } else {
            at_least_started();
        }
    }

    void migrated_away(const operation_result& op) {
        if (place_.others == nullptr) {
            status_.is = role::stopped;
            return;
        }
        take(after_migrate_to(history_, op, place_.node, *place_.others), op.migrate_target);
    }

    void take(const migration_verdict& verdict, const std::string& other_end) {
        if (!verdict.concerns)
            return;
        status_.is = verdict.is;
        status_.failed = status_.failed || verdict.failed;
        if (verdict.on_other_end)
            status_.also_on.push_back(other_end);
    }

    void went_wrong(const operation_result& op, std::int32_t rc) {
        auto response = response_to(op, rules_);
        if (op.status == not_installed) {
            // An agent that is not there cannot be passed over.
            if (response == failure_response::ignore)
                status_.response = std::max(status_.response, failure_response::migrate);
        } else if (response == failure_response::ignore ||
                   (response == failure_response::restart_container && op.operation == "stop")) {
            succeeded(op, op.expected_rc.value_or(-1));
            if (response == failure_response::restart_container &&
                status_.response <= failure_response::recover)
                status_.response = response;
            return;
        }
        fails(op, rc, response);
    }

    void fails(const operation_result& op, std::int32_t rc, failure_response response) {
        failure_ = &op;
        status_.failure_reason = op.exit_reason;
        status_.response = std::max(status_.response, response);
        if (op.operation == "promote") {
            status_.is = role::promoted;
        } else if (op.operation == "demote") {
            status_.is = response == failure_response::block ? role::promoted
                         : rc == rc_not_running              ? role::stopped
                                                             : role::started;
        } else if (place_.others != nullptr && op.operation == "migrate_to") {
            take(after_failed_migrate_to(op, place_.node, *place_.others), op.migrate_target);
        } else if (place_.others != nullptr && op.operation == "migrate_from") {
            take(after_failed_migrate_from(op, place_.node, *place_.others), op.migrate_source);
        }
        if (is_probe(op) && rc == rc_not_installed)
            status_.is = role::stopped;
        else
            at_least_started();
    }

    const history_facts& history_;
    const history_rules& rules_;
    const history_place& place_;
    instance_status status_{};
    const operation_result* failure_ = nullptr;
};

} // namespace

int compare_age(const operation_result& a, const operation_result& b, bool same_node) {
    if (same_node && a.id == b.id)
        return 0;
    if (a.call_id < 0 && b.call_id < 0)
        return 0;
    if (a.call_id < 0 || b.call_id < 0)
        return compare_transition(a, b);
    if (same_node && a.call_id != b.call_id)
        return compare(a.call_id, b.call_id);
    // A failure is recorded twice, with one number.
    return a.last_change < 0 || b.last_change < 0 ? 0 : compare(a.last_change, b.last_change);
}

std::int32_t effective_count(const failure_sum& failures, const history_rules& rules) {
    const bool expired = rules.now > 0 && rules.failure_timeout_s > 0 && failures.last > 0 &&
                         rules.now > failures.last + rules.failure_timeout_s;
    return expired ? 0 : failures.count;
}

std::int64_t expiry_of(const failure_sum& failures, const history_rules& rules) {
    if (rules.now == 0 || rules.failure_timeout_s <= 0 || failures.count <= 0 || failures.last <= 0)
        return 0;
    const auto at = failures.last + rules.failure_timeout_s + 1;
    return rules.now < at ? at : 0;
}

std::int64_t earlier(std::int64_t a, std::int64_t b) {
    return a == 0 ? b : b == 0 ? a : std::min(a, b);
}

instance_status status_of(const history_facts& history, const history_rules& rules,
                          const history_place& place) {
    // The order is not transitive once operations are in flight; a list's sort stands that. Among
    // equals the one that was recorded last comes first.
    std::list<const operation_result*> ordered;
    for (const auto& each : history.operations)
        ordered.push_front(&each);
    ordered.sort([](const auto* a, const auto* b) { return compare_age(*a, *b, true) < 0; });
    follower follow(history, rules, place);
    for (const auto* each : ordered)
        follow.follow(*each);
    return follow.result();
}

instance_status merged(const instance_status& a, const instance_status& b) {
    instance_status made = a.is >= b.is ? a : b;
    const instance_status& other = a.is >= b.is ? b : a;
    made.in_flight = made.in_flight != flight::none ? made.in_flight : other.in_flight;
    made.response = std::max(a.response, b.response);
    made.failed = a.failed || b.failed;
    if (made.failure_reason.empty())
        made.failure_reason = other.failure_reason;
    made.also_on.insert(made.also_on.end(), other.also_on.begin(), other.also_on.end());
    std::tie(made.newest, made.newest_call) =
        std::pair(std::max(a.newest, b.newest), std::max(a.newest_call, b.newest_call));
    made.changes_at = earlier(a.changes_at, b.changes_at);
    return made;
}

} // namespace bridge::model
