// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What lies between two snapshots.
namespace bridge::model {

/// What about a changed object differs; one object may differ in several.
enum class aspect : std::uint32_t {
    none = 0,
    name = 1U << 0,
    state = 1U << 1,
    owner = 1U << 2,            ///< groups
    members = 1U << 3,          ///< groups: resources entered, left or changed places
    preferred_owners = 1U << 4, ///< groups
    group = 1U << 5,            ///< resources
    dependencies = 1U << 6,     ///< resources: what it needs
    dependents = 1U << 7,       ///< resources: what needs it
    possible_owners = 1U << 8,  ///< resources; nodes of a resource type
    common = 1U << 9,           ///< common properties, persistent state included
    private_properties = 1U << 10,
    other = 1U << 11, ///< anything else: kind, flags, class, weights, addresses...
};

constexpr aspect operator|(aspect a, aspect b) {
    return static_cast<aspect>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr aspect& operator|=(aspect& a, aspect b) {
    return a = a | b;
}
constexpr bool has(aspect all, aspect wanted) {
    return (static_cast<std::uint32_t>(all) & static_cast<std::uint32_t>(wanted)) != 0;
}

/// One object that came, went or changed; never both null.
template <class T>
struct object_change {
    std::shared_ptr<const T> before; ///< null: it is new
    std::shared_ptr<const T> after;  ///< null: it is gone
    aspect what = aspect::none;      ///< of a changed object

    [[nodiscard]] bool added() const { return !before; }
    [[nodiscard]] bool removed() const { return !after; }
    [[nodiscard]] bool changed() const { return before && after; }
};

/// The changes of one kind of object: removed ones first, then new ones, then changed ones, each in
/// the order of their snapshot.
template <class T>
struct collection_diff {
    std::vector<object_change<T>> changes;
    /// Identifiers (names of types) of all objects afterwards; only when objects came, went or
    /// changed places.
    std::optional<std::vector<std::string>> order;

    [[nodiscard]] bool empty() const { return changes.empty() && !order; }
};

struct snapshot_diff {
    cib_version from;
    cib_version to;
    std::optional<object_change<cluster>> info;
    collection_diff<node> nodes;
    collection_diff<group> groups;
    collection_diff<resource> resources;
    collection_diff<resource_type> types;
    collection_diff<network> networks;
    collection_diff<net_interface> interfaces;
    std::optional<quorum> quorum_info; ///< as it is afterwards

    /// Nothing but the version differs.
    [[nodiscard]] bool empty() const;
};

/// Costs one comparison of addresses per object, and of content where they differ.
snapshot_diff diff(const snapshot& before, const snapshot& after);

/// `before` with the differences: apply(a, diff(a, b)) has the content of b.
snapshot apply(const snapshot& before, const snapshot_diff& difference);

/// The same objects in the same order with the same content and version.
bool same_content(const snapshot& a, const snapshot& b);

} // namespace bridge::model
