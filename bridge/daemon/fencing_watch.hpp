// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/fencing_proofs.hpp"
#include "bridge/ports/fencing_source.hpp"
#include "bridge/ports/membership_source.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>

namespace bridge::daemon {

/// Tells who is dead for certain: what the fencer did, held against the membership on its way to
/// whoever asked for that. Lives on the daemon's one thread.
class fencing_watch final : public ports::membership_source {
public:
    /// `dead` may be told of a node more than once. Both sources outlive this.
    fencing_watch(boost::asio::io_context& io, ports::membership_source& members,
                  ports::fencing_source& fencer, std::function<void(std::uint32_t node)> dead);

    void start(handler changed) override;
    void stop() override;

private:
    void fenced(const std::string& node);
    void tell();

    ports::membership_source& members_;
    std::function<void(std::uint32_t)> dead_;
    fencing_proofs proofs_;
    boost::asio::steady_timer timer_;
};

} // namespace bridge::daemon
