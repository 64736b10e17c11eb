// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/membership.hpp"
#include "bridge/ports/peers.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace bridge::corosync {

/// Connections to corosync's configuration map, quorum, vote and configuration services. Lives on
/// the io_context's thread. The calls wait for the local corosync: a tenth of a millisecond, or
/// without end while it is stopped.
class session {
public:
    struct handlers {
        std::function<void()> changed; ///< members, quorum or the node list changed: read() again
        std::function<void()> lost;    ///< corosync is gone: destroy this session
    };

    /// Null when corosync is not there.
    static std::unique_ptr<session> open(boost::asio::io_context& io, handlers calls);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Nodes, votes, configured addresses and this node's view of its links. nullopt: lost.
    [[nodiscard]] std::optional<model::membership> read() const;

    /// Quorum as it was last told.
    [[nodiscard]] const ports::quorum_view& quorum() const;

    /// Ids of the configured nodes, sorted.
    [[nodiscard]] std::vector<std::uint32_t> configured() const;

private:
    struct state;
    explicit session(std::unique_ptr<state> opened);
    std::unique_ptr<state> state_;
};

} // namespace bridge::corosync
