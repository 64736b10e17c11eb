// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/identity.hpp"
#include "bridge/win32/errors.hpp"

#include <cstdint>
#include <string_view>

namespace bridge::clusapi {

/// One answered call, for log and audit. Views are valid during the report only.
struct call_report {
    std::string_view method; ///< "ApiOpenGroup"
    std::uint16_t opnum = 0;
    const auth::identity* caller = nullptr; ///< null when unauthenticated
    std::string_view peer;                  ///< "address:port"
    std::string_view object;                ///< id or name that the call is about; may be empty
    std::uint32_t control_code = 0;         ///< of a control method, else 0
    win32::win32_error result = win32::win32_error::ERROR_SUCCESS;
    bool changing = false; ///< a method or control code that changes the cluster
};

/// Told of every call after it was decided. Called on the daemon's thread; never blocks.
class observer {
public:
    virtual ~observer() = default;
    virtual void answered(const call_report& report) = 0;
};

} // namespace bridge::clusapi
