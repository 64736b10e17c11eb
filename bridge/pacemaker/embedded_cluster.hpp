// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/cib_source.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace bridge::pacemaker {

/// A cluster without daemons: the CIB is a file, and what Pacemaker's own scheduler decides is what
/// has happened. Agents are never run. At most one cib_source of this folder per process at a time.
class embedded_cluster final : public ports::cib_source {
public:
    using log_function = std::function<void(std::string_view)>;

    /// `cib`: read once; `directory`: a private folder (made with mode 0700 when missing) that
    /// holds the working copy.
    embedded_cluster(boost::asio::io_context& io, std::filesystem::path cib,
                     std::filesystem::path directory, log_function log = {});
    ~embedded_cluster() override;
    embedded_cluster(const embedded_cluster&) = delete;
    embedded_cluster& operator=(const embedded_cluster&) = delete;

    /// The first facts come when the scheduler has run once, settled. When the CIB cannot be used,
    /// null facts come and the log says why.
    void start(handler changed) override;
    void stop() override;
    /// Facts come twice: with the change (not settled), and when the scheduler has run (settled).
    void modify(std::string xml, completion done) override;

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::pacemaker
