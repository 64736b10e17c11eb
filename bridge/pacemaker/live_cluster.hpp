// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/cib_source.hpp"
#include "bridge/ports/fencing_source.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace bridge::pacemaker {

/// The running cluster: its CIB, by one full query and then patchsets, and its fencer's news. Signs
/// on again with back-off when one of the two goes. At most one cib_source of this folder per
/// process at a time.
class live_cluster final : public ports::cib_source, public ports::fencing_source {
public:
    /// For the operator: connections made and lost. Called on the io_context's thread.
    using log_function = std::function<void(std::string_view)>;

    explicit live_cluster(boost::asio::io_context& io, log_function log = {});
    ~live_cluster() override;
    live_cluster(const live_cluster&) = delete;
    live_cluster& operator=(const live_cluster&) = delete;

    void start(handler changed) override;
    void stop() override;
    void modify(std::string xml, completion done) override;
    void watch_fencing(fenced_handler fenced) override;

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::pacemaker
