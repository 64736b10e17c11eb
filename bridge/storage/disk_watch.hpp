// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/disks.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace bridge::storage {

/// Reads the disks over and over in a thread of its own: SCSI commands block, and a device that
/// does not answer blocks for seconds. Where the reader asks is its own business, another process
/// included.
class disk_watch {
public:
    struct settings {
        /// Runs in the thread; returns soon once a stop is requested.
        std::function<model::node_disks(std::stop_token)> read{};
        /// Runs in the thread: another text means that it is worth reading now; empty: never.
        std::function<std::string()> glance{};
        std::chrono::milliseconds glance_interval{5000};
        std::chrono::milliseconds read_interval{60000}; ///< at the latest
    };
    using handler = std::function<void(std::shared_ptr<const model::node_disks>)>;

    disk_watch(boost::asio::io_context& io, settings how);
    ~disk_watch();
    disk_watch(const disk_watch&) = delete;
    disk_watch& operator=(const disk_watch&) = delete;

    /// Starts the thread. `found` gets every reading, also one without news, on the io_context's
    /// thread.
    void start(handler found);

    /// Waits for the command that is running. No call of the handler after it.
    void stop();

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::storage
