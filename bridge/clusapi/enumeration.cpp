// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/enum_list.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/property_list.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <span>

namespace bridge::clusapi {

namespace {

constexpr std::uint32_t combinable =
    enum_node | enum_resource_type | enum_resource | enum_group | enum_network | enum_net_interface;

/// Types that may be combined, or one of the two that stand alone (MS-CMRP 3.1.4.2.8).
bool valid_types(std::uint32_t types) {
    return (types != 0 && (types & ~combinable) == 0) || types == enum_internal_network ||
           types == enum_shared_volume;
}

/// By type in the order of the bits; within a type in the order of the snapshot.
wire::ENUM_LIST list_of_cluster(const model::snapshot& cluster, std::uint32_t types,
                                enum_part part) {
    enum_list out(part);
    if (types & enum_node)
        out.add_all(enum_node, cluster.nodes);
    if (types & enum_resource_type)
        out.add_all(enum_resource_type, cluster.types);
    if (types & enum_resource)
        out.add_all(enum_resource, cluster.resources);
    if (types & enum_group)
        out.add_all(enum_group, cluster.groups);
    if (types & enum_network)
        out.add_all(enum_network, cluster.networks);
    if (types & enum_net_interface)
        out.add_all(enum_net_interface, cluster.interfaces);
    if (types & enum_internal_network)
        for (const auto& network : cluster.networks)
            if (network->cluster_internal)
                out.add(enum_internal_network, *network);
    return out.take(); // no resource represents shared volumes: EnableSharedVolumes is FALSE
}

/// Properties that a client asked for by name: nothing, the names of a MULTI_SZ, or "*" for all.
class selection {
public:
    selection(const std::optional<std::vector<std::byte>>& bytes, which wanted) : wanted_(wanted) {
        if (!bytes || bytes->empty())
            return;
        auto names = parse_multi_sz(*bytes);
        valid_ = names.has_value();
        if (valid_)
            names_ = std::move(*names);
    }

    /// Whether the list was well-formed and every name is one of these properties.
    [[nodiscard]] bool fits(std::span<const model::property_schema> schema) const {
        return valid_ && (all() || std::ranges::all_of(names_, [&](const std::string& name) {
                              return model::find_schema(schema, name) != nullptr;
                          }));
    }

    /// The properties as a list, null when none was asked for.
    [[nodiscard]] std::optional<buffer> pick(const model::listed_properties& properties) const {
        if (names_.empty())
            return std::nullopt;
        if (all())
            return encode_property_list(properties, wanted_);
        std::vector<const model::listed_property*> chosen;
        for (const std::string& name : names_)
            for (const model::listed_property& property : properties)
                if (win32::equal_names(property.name, name))
                    chosen.push_back(&property);
        return encode_property_list(chosen);
    }

private:
    [[nodiscard]] bool all() const { return names_.size() == 1 && names_.front() == "*"; }

    which wanted_;
    bool valid_ = true;
    std::vector<std::string> names_;
};

template <class In>
struct selections {
    explicit selections(const In& in)
        : writable(in.pProperties, which::writable), read_only(in.pRoProperties, which::read_only) {
    }

    [[nodiscard]] bool fit(model::object_kind kind) const {
        return writable.fits(model::common_schema(kind)) &&
               read_only.fits(model::common_schema(kind));
    }

    template <class Entry>
    void fill(Entry& entry, const model::listed_properties& properties) const {
        entry.Properties = writable.pick(properties);
        entry.cbProperties =
            entry.Properties ? static_cast<std::uint32_t>(entry.Properties->size()) : 0;
        entry.RoProperties = read_only.pick(properties);
        entry.cbRoProperties =
            entry.RoProperties ? static_cast<std::uint32_t>(entry.RoProperties->size()) : 0;
    }

    selection writable;
    selection read_only;
};

} // namespace

reply<wire::ApiCreateEnum_out> create_enum(call& c, const wire::ApiCreateEnum_in& in) {
    if (!valid_types(in.dwType))
        return win32_error::ERROR_INVALID_PARAMETER;
    wire::ApiCreateEnum_out out;
    out.ReturnEnum = list_of_cluster(*c.cluster, in.dwType, enum_part::name);
    return out;
}

reply<wire::ApiCreateEnumEx_out> create_enum_ex(call& c, const wire::ApiCreateEnumEx_in& in) {
    if (!valid_types(in.dwType) || in.dwOptions != 0)
        return win32_error::ERROR_INVALID_PARAMETER;
    wire::ApiCreateEnumEx_out out;
    out.ReturnIdEnum = list_of_cluster(*c.cluster, in.dwType, enum_part::id);
    out.ReturnNameEnum = list_of_cluster(*c.cluster, in.dwType, enum_part::name);
    return out;
}

reply<wire::ApiCreateGroupEnum_out> create_group_enum(call& c,
                                                      const wire::ApiCreateGroupEnum_in& in) {
    const selections wanted(in);
    if (!wanted.fit(model::object_kind::group))
        return win32_error::ERROR_INVALID_PARAMETER;
    wire::ApiCreateGroupEnum_out out;
    auto& list = out.ppResultList.emplace();
    const model::property_context context = c.properties();
    for (const auto& group : c.cluster->groups) {
        auto& entry = list.Entry.emplace_back();
        const auto owner = c.cluster->nodes.find_id(group->owner);
        entry.Name = wide(group->name);
        entry.Id = wide(group->id);
        entry.dwState = static_cast<std::uint32_t>(group->state);
        entry.Owner = wide(owner ? owner->name : std::string_view{});
        entry.dwFlags = group->flags;
        wanted.fill(entry, model::common_properties(context, *group));
    }
    list.EntryCount = static_cast<std::uint32_t>(list.Entry.size());
    return out;
}

reply<wire::ApiCreateResourceEnum_out>
create_resource_enum(call& c, const wire::ApiCreateResourceEnum_in& in) {
    const selections wanted(in);
    if (!wanted.fit(model::object_kind::resource))
        return win32_error::ERROR_INVALID_PARAMETER;
    wire::ApiCreateResourceEnum_out out;
    auto& list = out.ppResultList.emplace();
    const model::property_context context = c.properties();
    for (const auto& resource : c.cluster->resources) {
        auto& entry = list.Entry.emplace_back();
        const auto group = c.cluster->groups.find_id(resource->group);
        entry.Name = wide(resource->name);
        entry.Id = wide(resource->id);
        entry.OwnerName = wide(group ? group->name : std::string_view{});
        entry.OwnerId = wide(resource->group);
        wanted.fill(entry, model::common_properties(context, *resource));
    }
    list.EntryCount = static_cast<std::uint32_t>(list.Entry.size());
    return out;
}

} // namespace bridge::clusapi
