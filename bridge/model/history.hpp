// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"
#include "bridge/model/on_fail.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What operation histories say about a resource on a node.
namespace bridge::model {

enum class role : std::uint8_t { unknown, stopped, started, promoted };

enum class flight : std::uint8_t { none, starting, stopping, other };

struct instance_status {
    role is = role::unknown;
    flight in_flight = flight::none;
    /// What is to be done about failures that nothing mended since.
    failure_response response = failure_response::ignore;
    bool failed = false;        ///< shown as failed: something is to be done about it
    std::string failure_reason; ///< exit reason of the failure
    /// Other nodes (their names) where a migration left it running.
    std::vector<std::string> also_on;
    std::int64_t newest = 0; ///< time of the newest operation that is no probe; 0 without any
    std::int32_t newest_call = -1;
    std::int64_t changes_at = 0; ///< when a failure expires, seconds since 1970; 0: never

    [[nodiscard]] bool active() const { return is == role::started || is == role::promoted; }
};

/// Failure counters of a resource on a node, all operations together.
struct failure_sum {
    std::int32_t count = 0;
    std::int64_t last = 0; ///< seconds since 1970
};

/// A sum without what expired.
std::int32_t effective_count(const failure_sum& failures, const history_rules& rules);
/// When the sum expires, seconds since 1970; 0: never, or it has.
std::int64_t expiry_of(const failure_sum& failures, const history_rules& rules);
/// The nearer of two moments; 0 is none.
std::int64_t earlier(std::int64_t a, std::int64_t b);

/// What a migration needs to know of the rest of the cluster.
class other_nodes {
public:
    virtual ~other_nodes() = default;
    /// History of the same resource on another node; null without one.
    [[nodiscard]] virtual const history_facts* history_on(std::string_view node) const = 0;
    [[nodiscard]] virtual bool online(std::string_view node) const = 0;
};

/// Where a history was recorded.
struct history_place {
    std::string_view node; ///< its name
    bool reliable = true;  ///< the node is there, and to stay; else its failures do not count
    failure_sum failures;  ///< of the resource there
    const other_nodes* others = nullptr; ///< null: the resource does not migrate
};

/// Follows the operations in the order in which they ran.
instance_status status_of(const history_facts& history, const history_rules& rules,
                          const history_place& place);

/// Both are about one resource on one node (instances of an anonymous clone).
instance_status merged(const instance_status& a, const instance_status& b);

/// Below 0: `a` is the older one; 0: nobody knows.
int compare_age(const operation_result& a, const operation_result& b, bool same_node);

} // namespace bridge::model
