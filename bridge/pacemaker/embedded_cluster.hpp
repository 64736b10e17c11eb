// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/cib_source.hpp"
#include "bridge/ports/membership_source.hpp"

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
    friend class embedded_membership;
    struct core;
    std::shared_ptr<core> core_;
};

/// Membership of the embedded cluster: its CIB's nodes, joined when their node_state says so, one
/// vote each. Two links with the adapters "Ethernet" and "Ethernet 2"; addresses 192.0.2.N/24 and
/// 198.51.100.N/24 unless the node has the attribute clusbridge-address-0 or clusbridge-address-1
/// ("address/prefix"). This node is the DC.
class embedded_membership final : public ports::membership_source {
public:
    explicit embedded_membership(embedded_cluster& cluster);
    ~embedded_membership() override;
    embedded_membership(const embedded_membership&) = delete;
    embedded_membership& operator=(const embedded_membership&) = delete;

    void start(handler changed) override;
    void stop() override;

private:
    std::shared_ptr<embedded_cluster::core> core_;
};

/// The pure part of the above.
model::membership membership_of(const model::cib_facts& facts);

} // namespace bridge::pacemaker
