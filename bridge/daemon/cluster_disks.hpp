// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/disks.hpp"
#include "bridge/ports/peers.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>

namespace bridge::daemon {

/// Where the disks that clients see come from.
struct disk_sources {
    std::filesystem::path file; ///< not empty: a list of disks, the same on every node
    bool machine = true;        ///< without a file: the machine's; false: there are none
};

/// The disks of the cluster's nodes, whichever way they are known.
class cluster_disks {
public:
    /// Made before the peers are started. Throws std::runtime_error (what an operator can mend).
    cluster_disks(boost::asio::io_context& io, ports::peers& peers, const disk_sources& from);
    ~cluster_disks();
    cluster_disks(const cluster_disks&) = delete;
    cluster_disks& operator=(const cluster_disks&) = delete;

    void start();
    /// Waits for the SCSI command that is running.
    void stop();

    [[nodiscard]] const ports::disks& known() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace bridge::daemon
