// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/peers.hpp"
#include "bridge/registry/replica.hpp"
#include "bridge/registry/store.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace bridge::daemon {

struct cluster_registry_settings {
    std::filesystem::path file; ///< of the store
    bool unsafe_two_node = false;
    /// The process must end: its disk broke, or its history is not that of the others.
    std::function<void(std::string_view)> failed;
};

/// The cluster registry of this daemon: the store, the tree that it holds and the replica that
/// keeps it in step with the other nodes. Lives on the daemon's one thread.
class cluster_registry {
public:
    /// Opens the store. A damaged one is set aside; this node then begins blank and gets the state
    /// of the others, but never begins a registry of its own: in a cluster of one that would
    /// replace what was lost by nothing. Throws std::runtime_error with what an operator can mend.
    cluster_registry(boost::asio::io_context& io, ports::peers& peers,
                     cluster_registry_settings settings);
    ~cluster_registry();
    cluster_registry(const cluster_registry&) = delete;
    cluster_registry& operator=(const cluster_registry&) = delete;

    [[nodiscard]] registry::replica& replica() { return *replica_; }
    [[nodiscard]] registry::sqlite_store& store() { return *store_; }

    /// Leaves the group; `done` when everything is on the disk.
    void stop(std::function<void()> done) { replica_->stop(std::move(done)); }

private:
    std::unique_ptr<registry::sqlite_store> store_;
    std::unique_ptr<registry::replica> replica_;
};

} // namespace bridge::daemon
