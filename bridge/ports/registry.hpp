// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bridge::model {
class registry_tree;
}

namespace bridge::ports {

enum class registry_state : std::uint8_t {
    failed,   ///< the store is damaged or the disk broke: see `reason`
    outside,  ///< no quorate registry reached; what is read may be stale
    learning, ///< receiving the state of the others
    active,   ///< reads are fresh, writes are taken
};

struct registry_member {
    std::uint32_t node = 0;
    bool voter = false;
    bool in_core = false;    ///< every write waits for it
    std::uint64_t index = 0; ///< last log entry that it confirmed
};

struct registry_status {
    registry_state state = registry_state::outside;
    std::string reason;          ///< why not active, for an administrator
    std::string epoch;           ///< "number.node"
    std::uint64_t last = 0;      ///< last log entry here
    std::uint64_t committed = 0; ///< last that everyone has
    std::uint64_t keys = 0;
    std::uint64_t values = 0;
    std::uint64_t bytes = 0;
    std::string digest;
    std::vector<registry_member> members;
};

/// The replicated registry. Lives on the daemon's one thread; no call blocks.
class registry {
public:
    /// A batch was committed (here or elsewhere). Runs once for each, in the order of the log, the
    /// same on all nodes, before the origin's caller gets its answer.
    using handler =
        std::function<void(const model::registry_batch&, const model::registry_outcome&)>;

    virtual ~registry() = default;

    /// What is committed as far as this node knows; never null, valid until control goes back to
    /// the io_context.
    [[nodiscard]] virtual const model::registry_tree& tree() const = 0;

    /// Completes when tree() holds every write that anybody was told of: none, or not_active after
    /// a bounded wait.
    virtual boost::asio::awaitable<model::registry_errc> readable() = 0;

    /// Completes when the batch is durable on every member and visible in tree(), or with the
    /// reason why it is not applied.
    virtual boost::asio::awaitable<model::registry_outcome> commit(model::registry_batch batch) = 0;

    virtual void watch(handler changed) = 0;

    /// The state alone: cheap enough for every call.
    [[nodiscard]] virtual registry_state state() const { return status().state; }

    [[nodiscard]] virtual registry_status status() const = 0;
};

} // namespace bridge::ports
