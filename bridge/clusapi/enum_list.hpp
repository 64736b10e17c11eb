// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"
#include "gen/clusapi3.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace bridge::clusapi {

namespace wire = gen::clusapi3;

/// CLUSTER_ENUM and its relatives (MS-CMRP 2.2.3.4).
inline constexpr std::uint32_t enum_node = 0x00000001;
inline constexpr std::uint32_t enum_resource_type = 0x00000002;
inline constexpr std::uint32_t enum_resource = 0x00000004;
inline constexpr std::uint32_t enum_group = 0x00000008;
inline constexpr std::uint32_t enum_network = 0x00000010;
inline constexpr std::uint32_t enum_net_interface = 0x00000020;
inline constexpr std::uint32_t enum_shared_volume = 0x40000000;
inline constexpr std::uint32_t enum_internal_network = 0x80000000;
inline constexpr std::uint32_t resource_enum_depends = 0x00000001;
inline constexpr std::uint32_t resource_enum_provides = 0x00000002;
inline constexpr std::uint32_t resource_enum_nodes = 0x00000004;
inline constexpr std::uint32_t group_enum_contains = 0x00000001;
inline constexpr std::uint32_t group_enum_nodes = 0x00000002;
inline constexpr std::uint32_t node_enum_net_interfaces = 0x00000001;
inline constexpr std::uint32_t node_enum_groups = 0x00000002;
inline constexpr std::uint32_t network_enum_net_interfaces = 0x00000001;
inline constexpr std::uint32_t type_enum_nodes = 0x00000001;
inline constexpr std::uint32_t type_enum_resources = 0x00000002;

/// What an enumeration tells of each object.
enum class enum_part : bool { name, id };

/// ENUM_LIST in the making.
class enum_list {
public:
    explicit enum_list(enum_part part = enum_part::name) : part_(part) {}

    /// `T` has id and name.
    template <class T>
    void add(std::uint32_t type, const T& object) {
        list_.Entry.push_back({type, wide(part_ == enum_part::name ? object.name : object.id)});
    }

    /// Every object of a collection.
    template <class Objects>
    void add_all(std::uint32_t type, const Objects& objects) {
        list_.Entry.reserve(list_.Entry.size() + objects.size());
        for (const auto& object : objects)
            add(type, *object);
    }

    /// The objects with these ids that the collection still has, in the order of the ids.
    template <class Objects, class Ids>
    void add_ids(std::uint32_t type, const Objects& objects, const Ids& ids) {
        for (const auto& id : ids)
            if (const auto object = objects.find_id(id))
                add(type, *object);
    }

    [[nodiscard]] wire::ENUM_LIST take() {
        list_.EntryCount = static_cast<std::uint32_t>(list_.Entry.size());
        return std::move(list_);
    }

private:
    enum_part part_;
    wire::ENUM_LIST list_;
};

} // namespace bridge::clusapi
