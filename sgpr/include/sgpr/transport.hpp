// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command.hpp"
#include "sgpr/transport_id.hpp"

#include <optional>
#include <string>

namespace sgpr {

/// One I_T_L nexus: a way from one port of this machine through one port of a target to one logical
/// unit.
///
/// Blocking and not for two threads at once; two transports may be used from two threads. The
/// target port is not asked for here: it is in VPD page 83h as seen through the nexus
/// (path::target_port).
class transport {
public:
    transport() = default;
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;
    virtual ~transport() = default;

    /// Sends one command and waits for its end, at most about the command's timeout (and what the
    /// system's error handling adds to it). Retries nothing.
    [[nodiscard]] virtual outcome submit(const command& what) = 0;

    /// For people and for telling nexuses apart, such as "/dev/sg3"; constant.
    [[nodiscard]] virtual std::string name() const = 0;

    /// Our port on this nexus as the target knows it. Asked anew on every call, since an iSCSI
    /// session has a new ISID after a new login; nothing where the system does not tell.
    [[nodiscard]] virtual std::optional<transport_id> initiator() const = 0;
};

} // namespace sgpr
