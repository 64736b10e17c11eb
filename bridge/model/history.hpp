// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What operation histories say about a resource on a node.
namespace bridge::model {

enum class role : std::uint8_t { unknown, stopped, started, promoted };

enum class flight : std::uint8_t { none, starting, stopping, other };

struct instance_status {
    role is = role::unknown;
    flight in_flight = flight::none;
    bool failed = false;        ///< a failure that nothing mended since
    std::int32_t last_rc = 0;   ///< of the newest finished operation that tells a role
    std::string failure_reason; ///< exit reason of the failure
    std::int64_t newest = 0;    ///< time of the newest operation that is no probe; 0 without any
    std::int32_t newest_call = -1;

    [[nodiscard]] bool active() const { return is == role::started || is == role::promoted; }
};

/// Follows the operations in the order in which they ran. `configured` says which failures are to
/// be ignored (on-fail); `managed` false: a resource that stopped on its own has not failed.
instance_status status_of(const history_facts& history,
                          const std::vector<operation_facts>& configured, bool managed);

/// Both are about one resource on one node (instances of an anonymous clone).
instance_status merged(const instance_status& a, const instance_status& b);

} // namespace bridge::model
