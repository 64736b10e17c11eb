// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/control_socket.hpp"
#include "bridge/ports/registry.hpp"

#include <string>

/// Commands about the cluster security descriptor on the control socket.
///
/// access.show            -> sddl (what counts), stored (whether it is the registry's), configured
/// access.set    sddl     -> as access.show
/// access.reset           -> as access.show; the configured one counts from then on
namespace bridge::daemon {

/// `configured` is the node's own, SDDL. `store` outlives the control socket; the audit goes to the
/// control socket's log.
void register_access_commands(control_socket& control, ports::registry& store,
                              std::string configured);

} // namespace bridge::daemon
