// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/location.hpp"
#include "bridge/model/nodes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

/// The shape of the cluster as ClusAPI sees it: which groups there are, what is in them, what
/// depends on what. Changes only with the configuration; states are put on it afterwards.
namespace bridge::model {

inline constexpr std::size_t no_fact = static_cast<std::size_t>(-1);

struct planned_resource {
    std::string id;
    std::string name;
    std::size_t fact = no_fact; ///< place in cib_facts::resources (for a container: the bundle)
    std::size_t group = 0;      ///< place in plan::groups
    std::size_t node = no_node; ///< of a clone or bundle instance
    bool container = false;     ///< the container of a bundle instance
    /// Instances are told apart by their number: each is one resource, wherever it is.
    bool numbered = false;
    bool stray = false; ///< it may not run on its node, and does
    std::uint32_t flags = 0;
    std::vector<std::string> histories; ///< ids under which its operations are recorded
    /// Places in plan::resources; a conjunction of disjunctions.
    std::vector<std::vector<std::size_t>> clauses;
    std::vector<std::size_t> dependents;
    /// Ids of the order constraints that bind its start and cannot be shown as dependencies.
    std::vector<std::string> other_orders;
    std::vector<std::size_t> possible; ///< places in the node set
};

struct planned_group {
    std::string id;
    std::string name;
    std::string cib_id;
    group_kind kind = group_kind::anchor;
    std::size_t fact = no_fact; ///< the anchor, `<group>`, primitive, clone or bundle
    std::size_t node = no_node; ///< of a clone or bundle instance
    std::uint32_t flags = 0;
    std::uint32_t type = 9999;
    std::vector<std::size_t> members;   ///< places in plan::resources
    std::vector<std::size_t> preferred; ///< places in the node set, best first
    std::int32_t best_score = 0;        ///< of the first preferred node
};

struct plan {
    std::vector<planned_group> groups;
    std::vector<planned_resource> resources;
    /// Ids under which instances of clones and bundles are recorded.
    std::unordered_set<std::string> instance_histories;
    bool has_cluster_group = false; ///< there is an anchor for it
    bool has_available_storage = false;
};

/// Groups and resources with their names, identifiers, owners and dependencies. The names of the
/// core groups ("Cluster Group", "Available Storage") and their resources are kept free for the
/// virtual ones. Instances of clones and bundles are planned where they may run and where they do;
/// `now` as in builder::build().
plan make_plan(const cib_facts& facts, const node_set& nodes, const location_scores& locations,
               const win32::guid& cluster, std::int64_t now);

/// Puts the order constraints inside groups, and the order of `<group>`s, on a plan as
/// dependencies.
void plan_dependencies(const cib_facts& facts, plan& into);

} // namespace bridge::model
