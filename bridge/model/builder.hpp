// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"
#include "bridge/model/membership.hpp"
#include "bridge/model/snapshot.hpp"
#include "bridge/win32/guid.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bridge::model {

/// Every resource type that the cluster offers; made by xml::catalogue.
using type_list = std::vector<std::shared_ptr<const resource_type>>;

/// What a snapshot shows that neither the CIB nor corosync knows.
struct builder_settings {
    win32::guid cluster_id;
    std::string
        cluster_name;   ///< empty: corosync's name, else the CIB's cluster-name, else "cluster"
    std::string domain; ///< DNS suffix; may be empty
    std::string description;
    std::string cluster_address; ///< of the virtual "Cluster IP Address"; may be empty
    std::string cluster_address_mask;
    std::uint32_t highest_version = 0x00082580; ///< MS-CMRP 2.2.3.6: major << 16 | minor
    std::uint32_t lowest_version = 0x00082580;
    std::uint32_t major_version = 6;
    std::uint32_t minor_version = 3;
    std::uint32_t build_number = 9600;
    std::string csd_version;
};

/// Makes snapshots out of facts. Remembers the last one and shares whatever did not change with the
/// next; one changed resource costs no re-derivation of the others. Not thread-safe; the snapshots
/// are.
class builder {
public:
    explicit builder(builder_settings settings);
    ~builder();
    builder(const builder&) = delete;
    builder& operator=(const builder&) = delete;

    /// `settled`: the DC has been idle since it saw this version of the CIB. Null facts, membership
    /// or types stand for empty ones (without a membership the CIB's own view of the nodes counts).
    /// `now`, seconds since 1970, is what failures with a failure-timeout expire by; with 0 none
    /// does. Never null.
    snapshot_ptr build(const std::shared_ptr<const cib_facts>& facts,
                       const std::shared_ptr<const membership>& members,
                       const std::shared_ptr<const type_list>& types, bool settled,
                       std::int64_t now = 0);

    /// New settings (name, description...) take effect with the next build().
    void set_settings(builder_settings settings);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace bridge::model
