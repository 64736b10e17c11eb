// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/ownership.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What "sgpr guard VERB DISK ..." is told.
namespace sgpr::guards {

/// Exit statuses.
enum status : int {
    done = 0,    ///< owned; released; ours
    trouble = 1, ///< and a line on standard error
    usage = 2,
    not_ours = 3,
    no_disk = 4,
    no_guard = 7, ///< or, of "holder": not reserved by this key
};

enum class guard_verb { start, run, status, stop, holder, admit };

struct guard_options {
    guard_verb verb = guard_verb::status;
    std::string disk;            ///< page-83 identifier as in sysfs ("naa.6001..."), or a device
    std::optional<node_key> own; ///< --node-id, --cluster-id and --boot
    std::map<std::uint16_t, peer_state> peers;
    foreign_policy foreign = foreign_policy::respect;
    std::chrono::seconds wait{30};
    std::vector<std::string> only; ///< --path: no other kernel names
    /// --initiator: no paths through other ports of this host. An iSCSI name, or a port as
    /// text(transport_id) spells it.
    std::vector<std::string> initiators;
    std::filesystem::path run_folder = "/run/sgpr";
};

/// The cluster's knowledge as it was given on the command line; it counts for the time of one
/// acquisition.
class told_peers final : public peer_knowledge {
public:
    explicit told_peers(const guard_options& from) : own_(*from.own), peers_(from.peers) {}
    [[nodiscard]] peer_state of(const node_key& peer) const override;

private:
    node_key own_;
    std::map<std::uint16_t, peer_state> peers_;
};

} // namespace sgpr::guards
