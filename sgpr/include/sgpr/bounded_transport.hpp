// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/transport.hpp"

#include <chrono>
#include <memory>

namespace sgpr {

/// A transport whose commands end in time: the kernel's error handling may hold a command up for
/// much longer than its timeout (an iSCSI session that hangs: until the session is given up), and
/// whoever waits for it can do nothing through the other paths meanwhile.
///
/// Commands are sent from a thread of the transport's own. One that has not ended shortly after its
/// timeout is answered as timed out, and so is every further one at once until it has ended: none
/// is sent behind its back. Nobody knows whether it is carried out, and it may be so later, after
/// other commands were through other paths; that is no other than with a command that a killed
/// process leaves behind. Rules that do not rely on it: a PREEMPT names its victim, who has lost
/// the disk or registered again, and the target refuses everything but REGISTER from a nexus whose
/// registration is gone; a path that registers late carries no I/O before a look.
///
/// The thread blocks all signals. The process may fork while it runs; the child has no thread.
class bounded_transport final : public transport {
public:
    /// Beyond a command's timeout.
    static constexpr std::chrono::milliseconds grace{100};

    explicit bounded_transport(std::unique_ptr<transport> inner);
    /// Does not wait for a command that hangs: its thread ends, and the inner transport is
    /// destroyed, when it does.
    ~bounded_transport() override;

    [[nodiscard]] outcome submit(const command& what) override;
    [[nodiscard]] std::string name() const override;
    [[nodiscard]] std::optional<transport_id> initiator() const override;

private:
    struct shared;
    std::shared_ptr<shared> shared_;
    bool started_ = false; ///< false: commands take their own time, for want of a thread
};

} // namespace sgpr
