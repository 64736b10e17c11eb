// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/builder.hpp"
#include "bridge/model/node_failures.hpp"
#include "bridge/model/presence.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

/// The nodes of a cluster, and what of them counts for resources.
namespace bridge::model {

inline constexpr std::size_t no_node = std::numeric_limits<std::size_t>::max();

struct node_entry {
    std::string uname;  ///< the CIB's name of the node
    std::string cib_id; ///< the CIB's id of the node
    std::string id;     ///< ClusAPI's
    bool remote = false;
    bool online = false; ///< what the histories say of it is the present state
    bool maintenance = false;
    bool closed = false; ///< standby or paused: nothing may start there
    /// Replica of a bundle: counts for resources, is no node of ClusAPI (and has no id).
    bool replica = false;
    node_failures failures;
    attributes values; ///< node attributes; transient ones come before permanent ones
    std::shared_ptr<const node> shown; ///< null for a replica
};

/// All nodes; those of ClusAPI first, in the order of the CIB.
class node_set {
public:
    node_set() = default;
    /// `now`: seconds since 1970, 0 for no clock.
    node_set(const cib_facts& facts, const membership* members, const builder_settings& settings,
             std::int64_t now);

    [[nodiscard]] const std::vector<node_entry>& all() const { return nodes_; }
    [[nodiscard]] const node_entry& operator[](std::size_t i) const { return nodes_[i]; }
    /// By the CIB's name; no_node when there is none.
    [[nodiscard]] std::size_t by_uname(std::string_view uname) const;
    /// By the CIB's id.
    [[nodiscard]] std::size_t by_cib_id(std::string_view id) const;
    /// Number of ClusAPI nodes, which come first.
    [[nodiscard]] std::size_t shown() const { return shown_; }
    /// Whether a history with that id decides if a remote or guest node is online.
    [[nodiscard]] bool decides(const std::string& history) const {
        return deciding_.contains(history);
    }
    /// Whether the resource recorded as `history` has to recover because of the guest that lives in
    /// it.
    [[nodiscard]] bool loses_guest(const std::string& history) const {
        return losing_guests_.contains(history);
    }
    /// When a failure that makes a node what it is expires; 0: never.
    [[nodiscard]] std::int64_t changes_at() const { return changes_at_; }
    /// One per node, for presence_of(); points into this and shares the status of `facts`.
    [[nodiscard]] std::vector<observed_node> observed(const cib_facts& facts) const;

private:
    std::vector<node_entry> nodes_;
    std::size_t shown_ = 0;
    std::unordered_set<std::string> deciding_;
    std::unordered_set<std::string> losing_guests_;
    std::int64_t changes_at_ = 0;
};

/// A connection to a remote node that is no longer configured; the node is there as long as the
/// connection is.
bool is_orphaned_connection(const cib_facts& facts, const history_facts& history);

/// Whether a node's transient attributes or state say something else about it than before.
bool same_header(const node_status& a, const node_status& b);

} // namespace bridge::model
