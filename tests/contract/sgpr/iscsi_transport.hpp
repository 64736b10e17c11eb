// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/transport.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace contract {

/// A logical unit of an iSCSI target.
struct iscsi_unit {
    std::string portal; ///< "address:port"
    std::string target; ///< iSCSI name
    int lun = 0;
};

/// One session from user space, through libiscsi; it ends with its last owner.
class iscsi_session;

/// `qualifier` goes into the ISID, so that two sessions of one initiator differ. Null, with the
/// reason on standard error, if the target does not let us in.
[[nodiscard]] std::shared_ptr<iscsi_session>
log_in(const iscsi_unit& unit, const std::string& initiator, std::uint16_t qualifier);

/// All transports of a session are the same nexus, as are two that opened the same device.
[[nodiscard]] std::unique_ptr<sgpr::transport> open(std::shared_ptr<iscsi_session> session);

} // namespace contract
