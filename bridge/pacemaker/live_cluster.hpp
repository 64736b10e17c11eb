// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/cib_source.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace bridge::pacemaker {

/// The CIB of the running cluster: one full query, then patchsets; signs on again with back-off
/// when the CIB manager goes. At most one cib_source of this folder per process at a time.
class live_cluster final : public ports::cib_source {
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

private:
    struct core;
    std::shared_ptr<core> core_;
};

} // namespace bridge::pacemaker
