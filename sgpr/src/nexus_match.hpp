// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/persistent_reservation.hpp"

#include <optional>

namespace sgpr {

/// Whether a TransportID of a target names our port. A target that tells an iSCSI node without a
/// session means every session of the node.
[[nodiscard]] inline bool same_initiator(const transport_id& told, const transport_id& ours) {
    if (told.kind == protocol::iscsi && !told.session) {
        return ours.kind == protocol::iscsi && told.iscsi_name == ours.iscsi_name;
    }
    return told == ours;
}

/// Whether a registration is that of our port through that target port; an unknown target port is
/// any.
[[nodiscard]] inline bool same_nexus(const registration& told, const transport_id& ours,
                                     std::optional<std::uint16_t> target_port) {
    return same_initiator(told.initiator, ours) &&
           (told.all_target_ports || !target_port || told.relative_target_port == *target_port);
}

} // namespace sgpr
