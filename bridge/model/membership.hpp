// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What is known of nodes, votes and links beside the CIB. Plain facts: adapters fill them in, the
/// builder reads them.
namespace bridge::model {

struct member {
    std::uint32_t id = 0;
    std::string name;
    bool joined = false; ///< in the current corosync membership
    std::uint32_t votes = 1;
    std::uint32_t counted_votes = 1;

    bool operator==(const member&) const = default;
};

/// One node's address on one link. `adapter` and `prefix_length` come from that node's own kernel;
/// empty and 0 when it has not said yet.
struct link_address {
    std::uint32_t node = 0;
    std::uint32_t link = 0;
    std::string address;
    std::uint8_t prefix_length = 0;
    std::string adapter;    ///< friendly name
    std::string adapter_id; ///< as the operating system names it
    bool dhcp = false;

    bool operator==(const link_address&) const = default;
};

/// How `from` sees its link to `to`.
struct link_view {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint32_t link = 0;
    bool connected = false;

    bool operator==(const link_view&) const = default;
};

struct membership {
    std::string cluster_name; ///< corosync's
    std::uint32_t local_node = 0;
    bool quorate = false;
    std::uint32_t votes = 0;
    std::uint32_t expected_votes = 0;
    std::uint32_t quorum = 0;
    bool last_man_standing = false; ///< expected votes sink with the nodes
    std::string qdevice;            ///< name of the quorum device; empty without one
    std::vector<member> members;    ///< configured nodes, by id
    std::vector<link_address> addresses;
    std::vector<link_view> views;

    bool operator==(const membership&) const = default;
};

} // namespace bridge::model
