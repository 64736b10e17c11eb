// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/membership.hpp"
#include "bridge/ports/peers.hpp"

namespace bridge::corosync {

/// Whether corosync stopped counting the votes of the nodes outside of the ring, as it does with
/// last_man_standing (votequorum(5)) when the ring has kept its quorum for a while. False when
/// `read` is not of this ring, or when it was read while corosync was still counting.
bool absent_dropped(const model::membership& read, const ports::quorum_view& quorum);

} // namespace bridge::corosync
