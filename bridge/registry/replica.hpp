// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/peers.hpp"
#include "bridge/ports/registry.hpp"
#include "bridge/registry/journal.hpp"
#include "bridge/registry/machine.hpp"
#include "bridge/registry/tree_state.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace bridge::registry {

struct replica_settings {
    machine_settings protocol;
    std::function<void(std::string_view)> log;
    /// The disk broke or histories diverged: the process must end. Called once.
    std::function<void(std::string_view)> failed;
};

/// The cluster registry on this node: drives the replication machine with the group's messages, the
/// journal and the time. Lives on the io_context's thread.
class replica final : public ports::registry {
public:
    /// `peers` and `store` outlive this object; `store`'s completions run on the io_context's
    /// thread. Listens on its channel of `peers`, which is started later.
    replica(boost::asio::io_context& io, ports::peers& peers, journal& store,
            journal_content content, model::registry_tree tree, replica_settings settings);
    ~replica() override;
    replica(const replica&) = delete;
    replica& operator=(const replica&) = delete;

    /// Says goodbye to the group, answers whoever waits. `done` when all that is known is on the
    /// disk.
    void stop(std::function<void()> done);

    [[nodiscard]] const model::registry_tree& tree() const override;
    boost::asio::awaitable<model::registry_errc> readable() override;
    boost::asio::awaitable<model::registry_outcome> commit(model::registry_batch batch) override;
    void watch(handler changed) override;
    [[nodiscard]] ports::registry_state state() const override;
    [[nodiscard]] ports::registry_status status() const override;

    /// The whole tree was replaced, or the state in status() is another one.
    void watch_state(std::function<void()> changed);

    /// Hands the journal all rows that its tables lack; returns the index that they stand at once
    /// the writes so far are done.
    std::uint64_t flush_rows();

    void room_changed(bool has_room);
    /// Whatever ran on the node is gone for certain: it was fenced, or an operator says so.
    void confirm_dead(std::uint32_t node);
    /// Begins a new registry history with what this node holds, whoever else there was.
    void force();

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::registry
