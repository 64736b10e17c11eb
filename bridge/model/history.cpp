// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/history.hpp"

#include "bridge/model/migration.hpp"
#include "bridge/model/operation_order.hpp"

#include <algorithm>
#include <utility>

namespace bridge::model {

namespace {

flight flight_of(const operation_result& op) {
    if (op.operation == "start" || op.operation == "promote" || op.operation == "migrate_from")
        return flight::starting;
    if (op.operation == "stop" || op.operation == "demote" || op.operation == "migrate_to")
        return flight::stopping;
    return flight::other;
}

/// A probe that says that the agent (or what it needs) is not there: nothing can run there, and
/// nothing is wrong.
bool finds_no_agent(const operation_result& op) {
    return is_probe(op) && (op.rc == rc_not_installed || op.rc == rc_invalid_parameter ||
                            op.status == op_agent_missing);
}

/// Results that mean what others mean, with a remark.
std::int32_t plain_rc(const operation_result& op) {
    if (op.operation != "monitor")
        return op.rc;
    if (op.rc == rc_degraded)
        return rc_ok;
    return op.rc == rc_degraded_promoted ? rc_promoted : op.rc;
}

/// An answer that tells the present state never grows old.
bool tells_state(const operation_result& op) {
    return is_probe(op) && (op.rc == rc_ok || op.rc == rc_not_running || op.rc == rc_promoted ||
                            op.rc == rc_degraded || op.rc == rc_degraded_promoted);
}

/// How a finished operation counts: what was expected decides, not what the executor called it.
enum class verdict : std::uint8_t { good, bad, agent_missing, cancelled };

class follower {
public:
    follower(const history_context& context, const history_place& place)
        : context_(context), place_(place) {}

    instance_status status{};

    void follow(const operation_result& op) {
        if (op.status < op_in_flight || op.status > op_last_status || op.operation == "notify" ||
            op.operation == "meta-data")
            return;
        if (op.status == op_in_flight)
            return begun(op);
        if (op.operation != "delete")
            status.last_rc = op.rc;
        const bool expired = op.status != op_agent_missing && has_expired(op);
        const bool masked = !context_.bundled && finds_no_agent(op);
        const auto rc = masked ? rc_not_running : plain_rc(op);
        const auto counts = judged(op, rc, masked);
        if (expired && masked && op.rc != op.expected_rc) {
            if (status.is <= role::stopped)
                status.is = role::unknown;
        } else if (expired && rc != op.expected_rc) {
            return;
        } else if (masked) {
            status.is = role::stopped;
        } else if (counts == verdict::good) {
            succeeded(op, rc);
        } else if (counts != verdict::cancelled) {
            went_wrong(op, rc, counts);
        }
    }

    /// After the last operation.
    void conclude() {
        const bool gone = status.is <= role::stopped;
        switch (status.policy) {
        case failure_policy::ignore:
            break;
        case failure_policy::demote:
        case failure_policy::reset_connection:
        case failure_policy::restart_container:
            status.failed = true;
            break;
        default:
            status.failed = status.failed || !gone;
        }
        if (!status.failed)
            status.failure_reason.clear();
    }

private:
    void activate() { status.is = std::max(status.is, role::started); }

    void begun(const operation_result& op) {
        const auto what = flight_of(op);
        if (what != flight::other || status.in_flight == flight::none)
            status.in_flight = what;
        // While anything else runs the resource is what it was.
        if (op.operation == "start")
            status.is = role::started;
        else if (op.operation == "promote")
            status.is = role::promoted;
    }

    bool has_expired(const operation_result& op) {
        const auto timeout = context_.failure_timeout_s;
        if (timeout <= 0 || op.last_change == 0 || tells_state(op))
            return false;
        if (context_.awaits_fencing && op.operation == "monitor" && op.interval_ms != 0)
            return false;
        const auto& counted = place_.failures;
        if (context_.now < op.last_change + timeout) {
            if (op.rc != op.expected_rc)
                status.changes_at = earlier(status.changes_at, op.last_change + timeout);
            return false;
        }
        // An old failure counts as long as any newer one of the resource is counted.
        if (failures_left(counted, timeout, context_.now) == 0)
            return true;
        if (op.rc != op.expected_rc && counted.last > 0)
            status.changes_at = earlier(status.changes_at, counted.last + timeout + 1);
        return false;
    }

    verdict judged(const operation_result& op, std::int32_t rc, bool masked) {
        if (op.status == op_cancelled)
            return verdict::cancelled;
        if (!masked && op.status == op_agent_missing)
            return verdict::agent_missing;
        if (!masked && op.status != op_done && op.status != op_error)
            return verdict::bad;
        const bool expected = op.expected_rc == rc;
        switch (rc) {
        case rc_ok:
            return expected || (is_probe(op) && op.expected_rc == rc_not_running) ? verdict::good
                                                                                  : verdict::bad;
        case rc_not_running:
            if (!is_probe(op) && !expected && context_.policy.managed)
                return verdict::bad;
            status.is = role::stopped;
            status.policy = failure_policy::ignore;
            return verdict::good;
        case rc_promoted:
            status.is = role::promoted;
            return expected || is_probe(op) ? verdict::good : verdict::bad;
        case rc_failed_promoted:
        case rc_degraded_promoted:
            status.is = role::promoted;
            return verdict::bad;
        default:
            return verdict::bad;
        }
    }

    void succeeded(const operation_result& op, std::int32_t rc) {
        if (rc == rc_not_installed) {
            status.is = role::stopped;
        } else if (rc == rc_not_running) {
            mend();
        } else if (op.operation == "monitor") {
            if (failure_ != nullptr && failure_->operation == op.operation &&
                failure_->interval_ms == op.interval_ms)
                mend();
            activate();
        } else if (op.operation == "start" || op.operation == "migrate_from") {
            status.is = role::started;
            mend();
        } else if (op.operation == "stop") {
            status.is = role::stopped;
            mend();
        } else if (op.operation == "promote") {
            status.is = role::promoted;
            mend();
        } else if (op.operation == "demote") {
            if (status.policy == failure_policy::demote)
                mend();
            status.is = role::started;
        } else if (op.operation == "migrate_to") {
            migrated(after_migrate_to(op, place_));
        } else {
            activate();
        }
    }

    /// A failure that calls for more than a restart outlives what was done about it.
    void mend() {
        switch (status.policy) {
        case failure_policy::move:
        case failure_policy::stop:
        case failure_policy::standby:
        case failure_policy::fence:
            return;
        case failure_policy::reset_connection:
            if (context_.reconnects)
                return;
            break;
        default:
            break;
        }
        status.policy = failure_policy::ignore;
    }

    void went_wrong(const operation_result& op, std::int32_t rc, verdict how) {
        auto policy = policy_of(op, context_.policy);
        if (how == verdict::agent_missing && policy == failure_policy::ignore)
            policy = failure_policy::move; // nobody can pretend that it worked
        const bool container_goes =
            policy == failure_policy::restart_container && op.operation == "stop";
        if (policy == failure_policy::ignore || container_goes) {
            succeeded(op, op.expected_rc.value_or(-1));
            status.failure_ignored = true;
            if (container_goes && status.policy <= failure_policy::restart)
                status.policy = policy;
            return;
        }
        failed(op, rc, policy);
    }

    void failed(const operation_result& op, std::int32_t rc, failure_policy policy) {
        failure_ = &op;
        status.policy = std::max(status.policy, policy);
        status.failure_reason = op.exit_reason;
        if (op.operation == "migrate_to")
            migrated(after_failed_migrate_to(op, place_));
        else if (op.operation == "migrate_from")
            migrated(after_failed_migrate_from(op, place_));
        else if (op.operation == "promote")
            status.is = role::promoted;
        else if (op.operation == "demote")
            status.is = policy == failure_policy::block ? role::promoted
                        : rc == rc_not_running          ? role::stopped
                                                        : role::started;
        if (is_probe(op) && rc == rc_not_installed)
            status.is = role::stopped;
        else
            activate();
    }

    void migrated(migration_reading reading) {
        if (reading.is != role::unknown)
            status.is = reading.is;
        status.failed = status.failed || reading.failed;
        if (!reading.also_active.empty())
            status.also_on.push_back(std::move(reading.also_active));
    }

    const history_context& context_;
    const history_place& place_;
    const operation_result* failure_ = nullptr;
};

} // namespace

std::optional<std::int64_t> earlier(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    return a && b ? std::min(a, b) : a ? a : b;
}

std::int32_t failures_left(const failure_count& failures, std::int64_t failure_timeout_s,
                           std::int64_t now) {
    const bool expired =
        failure_timeout_s > 0 && failures.last > 0 && now > failures.last + failure_timeout_s;
    return expired ? 0 : failures.count;
}

instance_status status_of(const history_facts& history, const history_context& context,
                          const history_place& place) {
    follower follow(context, place);
    for (const auto* each : in_order(history.operations)) {
        follow.follow(*each);
        if (each->status == op_cancelled || is_probe(*each))
            continue; // a node that joins probes everything; that moves nothing there
        auto& made = follow.status;
        made.newest = std::max(made.newest, each->last_change);
        made.newest_call = std::max(made.newest_call, each->call_id);
    }
    follow.conclude();
    return std::move(follow.status);
}

instance_status merged(const instance_status& a, const instance_status& b) {
    instance_status made = a.is >= b.is ? a : b;
    const instance_status& other = a.is >= b.is ? b : a;
    made.in_flight = made.in_flight != flight::none ? made.in_flight : other.in_flight;
    made.failed = a.failed || b.failed;
    made.policy = std::max(a.policy, b.policy);
    made.failure_ignored = a.failure_ignored || b.failure_ignored;
    if (made.failure_reason.empty())
        made.failure_reason = other.failure_reason;
    made.newest = std::max(a.newest, b.newest);
    made.newest_call = std::max(a.newest_call, b.newest_call);
    made.also_on.insert(made.also_on.end(), other.also_on.begin(), other.also_on.end());
    made.changes_at = earlier(a.changes_at, b.changes_at);
    return made;
}

} // namespace bridge::model
