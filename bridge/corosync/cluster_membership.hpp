// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/corosync/cluster_connection.hpp"
#include "bridge/ports/membership_source.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace bridge::corosync {

/// Membership of the running cluster: corosync's own, completed by what the daemons of the other
/// nodes report about their adapters and links. Lives on the io_context's thread.
class cluster_membership final : public ports::membership_source {
public:
    using log_function = std::function<void(std::string_view)>;

    /// `connection` outlives this object, is started after this and is stopped by its owner.
    cluster_membership(boost::asio::io_context& io, cluster_connection& connection,
                       log_function log = {});
    ~cluster_membership() override;
    cluster_membership(const cluster_membership&) = delete;
    cluster_membership& operator=(const cluster_membership&) = delete;

    void start(handler changed) override;
    void stop() override;

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::corosync
