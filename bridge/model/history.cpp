// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/history.hpp"

#include <algorithm>
#include <limits>

namespace bridge::model {

namespace {

/// Agents' exit codes (OCF resource agent API 1.1) and those that Pacemaker adds.
enum ocf_rc : std::int32_t {
    rc_ok = 0,
    rc_not_installed = 5,
    rc_not_running = 7,
    rc_promoted = 8,
    rc_failed_promoted = 9,
    rc_degraded = 190,
    rc_degraded_promoted = 191,
};

/// Execution status of an operation.
enum op_status : std::int32_t { in_flight = -1, done = 0, cancelled = 1, not_installed = 7 };

/// Pending operations have no call number yet: they come last.
std::int32_t order_of(const operation_result& op) {
    return op.call_id < 0 ? std::numeric_limits<std::int32_t>::max() : op.call_id;
}

bool is_probe(const operation_result& op) {
    return op.operation == "monitor" && op.interval_ms == 0;
}

flight flight_of(const operation_result& op) {
    if (op.operation == "start" || op.operation == "promote" || op.operation == "migrate_from")
        return flight::starting;
    if (op.operation == "stop" || op.operation == "demote" || op.operation == "migrate_to")
        return flight::stopping;
    return flight::other;
}

bool failure_ignored(const operation_result& op, const std::vector<operation_facts>& configured) {
    return std::any_of(configured.begin(), configured.end(), [&](const operation_facts& each) {
        return each.name == op.operation && each.interval_ms == op.interval_ms &&
               each.on_fail == "ignore";
    });
}

struct follower {
    const std::vector<operation_facts>& configured;
    bool managed;
    instance_status status{};
    const operation_result* failure = nullptr;

    void activate(role at_least) { status.is = std::max(status.is, at_least); }

    void mended() {
        status.failed = false;
        status.failure_reason.clear();
        failure = nullptr;
    }

    void fails(const operation_result& op, role then) {
        status.is = then;
        status.failed = true;
        status.failure_reason = op.exit_reason;
        failure = &op;
    }

    void pending(const operation_result& op) {
        const auto what = flight_of(op);
        if (what != flight::other || status.in_flight == flight::none)
            status.in_flight = what;
        // While a recurring monitor or reload runs the resource is what it was.
    }

    void succeeded(const operation_result& op) {
        if (op.operation == "stop" || op.operation == "migrate_to") {
            status.is = role::stopped;
            mended();
        } else if (op.operation == "promote") {
            status.is = role::promoted;
            mended();
        } else if (op.operation == "start" || op.operation == "demote" ||
                   op.operation == "migrate_from") {
            status.is = role::started;
            mended();
        } else if (op.operation == "monitor") {
            if (failure != nullptr && failure->operation == op.operation &&
                failure->interval_ms == op.interval_ms)
                mended();
            activate(role::started);
        } else if (op.operation != "notify" && op.operation != "delete") {
            activate(role::started);
        }
    }

    void monitored(const operation_result& op) {
        switch (op.rc) {
        case rc_ok:
        case rc_degraded:
            // A monitor of the promoted role that answers 0 found it demoted on its own.
            if (op.expected_rc == rc_promoted && !is_probe(op))
                return bad(op);
            return succeeded(op);
        case rc_promoted:
        case rc_degraded_promoted:
            status.is = role::promoted;
            if (op.expected_rc == rc_ok && !is_probe(op))
                return bad(op);
            return succeeded(op);
        case rc_not_running:
            if (is_probe(op) || !managed || op.expected_rc == rc_not_running) {
                status.is = role::stopped;
                return mended();
            }
            return bad(op);
        case rc_not_installed:
            if (is_probe(op)) {
                status.is = role::stopped;
                return;
            }
            return bad(op);
        default:
            return bad(op);
        }
    }

    void bad(const operation_result& op) {
        if (failure_ignored(op, configured))
            return activate(role::started);
        const role then = op.rc == rc_failed_promoted || status.is == role::promoted
                              ? role::promoted
                              : role::started;
        fails(op, then);
    }

    void finished(const operation_result& op) {
        if (op.operation != "notify" && op.operation != "delete")
            status.last_rc = op.rc;
        if (op.status == not_installed && (is_probe(op) || op.operation == "stop")) {
            status.is = role::stopped;
        } else if (op.status != done) {
            bad(op);
        } else if (op.operation == "monitor") {
            monitored(op);
        } else if (op.rc == rc_ok || op.rc == rc_degraded ||
                   (op.rc == rc_not_running && op.operation == "stop") ||
                   (op.rc == op.expected_rc.value_or(rc_ok))) {
            succeeded(op);
        } else {
            bad(op);
        }
    }
};

} // namespace

instance_status status_of(const history_facts& history,
                          const std::vector<operation_facts>& configured, bool managed) {
    std::vector<const operation_result*> ordered;
    ordered.reserve(history.operations.size());
    for (const auto& each : history.operations)
        ordered.push_back(&each);
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
        return order_of(*a) != order_of(*b) ? order_of(*a) < order_of(*b)
                                            : a->last_change < b->last_change;
    });
    follower follow{configured, managed};
    for (const auto* each : ordered) {
        if (each->status == cancelled)
            continue;
        if (each->status == in_flight)
            follow.pending(*each);
        else
            follow.finished(*each);
        if (is_probe(*each))
            continue; // a node that joins probes everything; that moves nothing there
        follow.status.newest = std::max(follow.status.newest, each->last_change);
        follow.status.newest_call = std::max(follow.status.newest_call, each->call_id);
    }
    return std::move(follow.status);
}

instance_status merged(const instance_status& a, const instance_status& b) {
    instance_status made = a.is >= b.is ? a : b;
    const instance_status& other = a.is >= b.is ? b : a;
    made.in_flight = made.in_flight != flight::none ? made.in_flight : other.in_flight;
    made.failed = a.failed || b.failed;
    if (made.failure_reason.empty())
        made.failure_reason = other.failure_reason;
    made.newest = std::max(a.newest, b.newest);
    made.newest_call = std::max(a.newest_call, b.newest_call);
    return made;
}

} // namespace bridge::model
