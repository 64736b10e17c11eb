// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/builder.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
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
    attributes values;                 ///< permanent node attributes, then transient ones
    std::shared_ptr<const node> shown; ///< null for a replica
};

/// All nodes; those of ClusAPI first, in the order of the CIB.
class node_set {
public:
    node_set() = default;
    node_set(const cib_facts& facts, const membership* members, const builder_settings& settings);

    [[nodiscard]] const std::vector<node_entry>& all() const { return nodes_; }
    [[nodiscard]] const node_entry& operator[](std::size_t i) const { return nodes_[i]; }
    /// By the CIB's name; no_node when there is none.
    [[nodiscard]] std::size_t by_uname(std::string_view uname) const;
    /// By the CIB's id.
    [[nodiscard]] std::size_t by_cib_id(std::string_view id) const;
    /// Number of ClusAPI nodes, which come first.
    [[nodiscard]] std::size_t shown() const { return shown_; }
    /// Resources with these history ids decide whether a remote or guest node is online.
    [[nodiscard]] const std::vector<std::string>& connections() const { return connections_; }

private:
    std::vector<node_entry> nodes_;
    std::size_t shown_ = 0;
    std::vector<std::string> connections_;
};

/// Whether a node's transient attributes or state say something else about it than before.
bool same_header(const node_status& a, const node_status& b);

} // namespace bridge::model
