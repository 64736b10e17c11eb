// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/disks.hpp"
#include "bridge/ports/peers.hpp"
#include "bridge/storage/disk_watch.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace bridge::storage {

using log_function = std::function<void(std::string_view)>;

/// The disks of all nodes: each daemon tells the others what it reads on its own. Lives on the
/// daemon's one thread.
class published_disks final : public ports::disks {
public:
    /// `peers` outlives it and calls nothing after its own end. Made before the peers are started.
    published_disks(ports::peers& peers, log_function log);
    published_disks(const published_disks&) = delete;
    published_disks& operator=(const published_disks&) = delete;

    /// What was read here, whether it is news or not.
    void read(std::shared_ptr<const model::node_disks> local);

    [[nodiscard]] std::shared_ptr<const model::node_disks> of(std::string_view node) const override;

private:
    void opened(ports::peer self);
    void closed();
    void changed(const ports::peer_view& view);
    void received(ports::peer from, std::span<const std::byte> body);
    void publish();

    ports::peers& peers_;
    log_function log_;
    std::optional<std::uint32_t> here_; ///< while in the group
    std::shared_ptr<const model::node_disks> local_;
    bool told_ = false; ///< everyone in the group has `local_`
    std::map<std::uint32_t, std::shared_ptr<const model::node_disks>> others_;
};

} // namespace bridge::storage
