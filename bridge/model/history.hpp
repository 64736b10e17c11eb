// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"
#include "bridge/model/failure_policy.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the operation history of a resource says about it on a node. Follows the scheduler's
/// reading, so that it comes to the same result.
namespace bridge::model {

enum class role : std::uint8_t { unknown, stopped, started, promoted };

enum class flight : std::uint8_t { none, starting, stopping, other };

/// Failures of a resource on a node that are counted, all operations together.
struct failure_count {
    std::int32_t count = 0; ///< up to score_infinity
    std::int64_t last = 0;  ///< seconds since 1970; 0 when nobody wrote it down

    bool operator==(const failure_count&) const = default;
};

/// What decides about a resource's operations on whatever node they ran.
struct history_context {
    policy_context policy;
    bool bundled = false;    ///< a bundle or inside one: probes there do not look for the agent
    bool reconnects = false;     ///< connection with reconnect_interval: it waits for the expiry
    bool awaits_fencing = false; ///< and its node is to be fenced before that
    std::int64_t failure_timeout_s = 0; ///< 0: failures do not expire
    std::int64_t now = 0;               ///< seconds since 1970
};

/// A resource's history on one of the nodes.
struct peer_history {
    std::string_view node; ///< uname
    const history_facts* history = nullptr;
    bool online = false;
};

/// What is around one history.
struct history_place {
    std::string_view node; ///< uname
    failure_count failures;
    /// The resource on all nodes; a live migration is told by both ends together.
    std::span<const peer_history> peers;
};

struct instance_status {
    role is = role::unknown;
    flight in_flight = flight::none;
    bool failed = false; ///< a failure that nothing mended since
    failure_policy policy = failure_policy::ignore; ///< what that failure leads to
    bool failure_ignored = false;                   ///< something failed that is to be ignored
    std::int32_t last_rc = 0;   ///< of the newest finished operation that tells a role
    std::string failure_reason; ///< exit reason of the failure
    std::int64_t newest = 0;    ///< time of the newest operation that is no probe; 0 without any
    std::int32_t newest_call = -1;
    /// Nodes (unames) where a live migration from or to here may have left it running.
    std::vector<std::string> also_on;
    /// When a failure expires and this changes without any news; seconds since 1970.
    std::optional<std::int64_t> changes_at;

    [[nodiscard]] bool active() const { return is == role::started || is == role::promoted; }
};

/// Follows the operations in the order in which they ran.
instance_status status_of(const history_facts& history, const history_context& context,
                          const history_place& place);

/// Both are about one resource on one node (instances of an anonymous clone).
instance_status merged(const instance_status& a, const instance_status& b);

/// The earlier of two times, where there are any.
std::optional<std::int64_t> earlier(std::optional<std::int64_t> a, std::optional<std::int64_t> b);

/// Failures that still count now: none when the newest of them has expired.
std::int32_t failures_left(const failure_count& failures, std::int64_t failure_timeout_s,
                           std::int64_t now);

} // namespace bridge::model
