// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/object_registry.hpp"

#include "bridge/clusapi/property_list.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <array>

namespace bridge::clusapi {

namespace {

using model::object_kind;
using model::property_context;
using model::registry_type;
using model::registry_value;
using path_parts = std::vector<std::string_view>;

/// Deepest key below the root; a path with more components names nothing.
constexpr std::size_t max_depth = 8;

path_parts split(std::string_view path) {
    path_parts out;
    while (!path.empty() && out.size() <= max_depth) {
        const std::size_t end = path.find('\\');
        out.push_back(path.substr(0, end));
        path.remove_prefix(end == path.npos ? path.size() : end + 1);
    }
    return out;
}

registry_type type_of(model::property_format format) {
    using enum model::property_format;
    switch (format) {
    case dword:
    case word:
    case long_integer:
        return registry_type::dword;
    case sz:
        return registry_type::sz;
    case expand_sz:
    case expanded_sz:
        return registry_type::expand_sz;
    case multi_sz:
        return registry_type::multi_sz;
    case ularge_integer:
    case large_integer:
    case filetime:
        return registry_type::qword;
    case binary:
    case security_descriptor:
    case unknown:
        break;
    }
    return registry_type::binary;
}

registry_value value_of(const model::listed_property& property) {
    // A WORD has no type of its own in the registry: it is a DWORD there.
    const auto format = property.format == model::property_format::word
                            ? model::property_format::dword
                            : property.format;
    return {std::string(property.name), type_of(format), encode_value(format, property.value)};
}

registry_value text_value(std::string name, std::string_view text) {
    return {std::move(name), registry_type::sz, encode_text(text)};
}

registry_value texts_value(std::string name, const std::vector<std::string>& texts) {
    return {std::move(name), registry_type::multi_sz, encode_multi_sz(texts)};
}

registry_value number_value(std::string name, std::uint32_t number) {
    return {std::move(name), registry_type::dword, encode_u32(number)};
}

void add_properties(projected_key& key, const model::listed_properties& properties) {
    for (const model::listed_property& property : properties)
        key.values.push_back(value_of(property));
}

template <class Objects>
projected_key list_ids(const Objects& objects) {
    projected_key out;
    for (const auto& object : objects)
        out.subkeys.push_back(object->id);
    return out;
}

projected_key key_of(const property_context& context, const model::resource& resource) {
    projected_key out;
    out.subkeys = {"Parameters"};
    add_properties(out, model::common_properties(context, resource));
    return out;
}

projected_key key_of(const property_context& context, const model::group& group) {
    projected_key out;
    out.subkeys = {"Parameters"};
    add_properties(out, model::common_properties(context, group));
    out.values.push_back(texts_value("Contains", group.resources));
    out.values.push_back(texts_value("PreferredOwners", group.preferred_owners));
    return out;
}

projected_key key_of(const property_context& context, const model::node& node) {
    projected_key out;
    add_properties(out, model::common_properties(context, node));
    return out;
}

projected_key key_of(const property_context& context, const model::resource_type& type) {
    projected_key out;
    out.subkeys = {"Parameters"};
    add_properties(out, model::common_properties(context, type));
    return out;
}

projected_key key_of(const property_context& context, const model::network& network) {
    projected_key out;
    add_properties(out, model::common_properties(context, network));
    return out;
}

/// Node and Network are identifiers here, as in Windows' hive, not names.
projected_key key_of(const property_context& context, const model::net_interface& link) {
    projected_key out;
    for (const model::listed_property& property : model::common_properties(context, link)) {
        if (property.name == "Node")
            out.values.push_back(text_value("Node", link.node));
        else if (property.name == "Network")
            out.values.push_back(text_value("Network", link.network));
        else
            out.values.push_back(value_of(property));
    }
    return out;
}

projected_key parameters_of(const property_context& context, const model::resource& resource) {
    projected_key out;
    add_properties(out, model::private_properties(context.cluster, resource));
    return out;
}

template <class T>
projected_key parameters_of(const property_context&, const T& object) {
    projected_key out;
    add_properties(out, model::private_properties(object.private_properties));
    return out;
}

template <class T>
constexpr bool has_parameters =
    std::is_same_v<T, model::resource> || std::is_same_v<T, model::group> ||
    std::is_same_v<T, model::resource_type>;

/// "<kind>", "<kind>\<id>", "<kind>\<id>\Parameters".
template <class T>
std::optional<projected_key> find_object(const property_context& context,
                                         const model::collection<T>& objects,
                                         const path_parts& path) {
    if (path.size() == 1)
        return list_ids(objects);
    // Types are named by their name, everything else by its identifier alone.
    const auto object =
        std::is_same_v<T, model::resource_type> ? objects.find(path[1]) : objects.find_id(path[1]);
    if (!object)
        return std::nullopt;
    if (path.size() == 2)
        return key_of(context, *object);
    if (has_parameters<T> && path.size() == 3 && win32::equal_names(path[2], "Parameters"))
        return parameters_of(context, *object);
    return std::nullopt;
}

std::optional<projected_key> find_type(const property_context& context, const path_parts& path) {
    if (path.size() > 1)
        return find_object(context, context.cluster.types, path);
    projected_key out;
    for (const auto& type : context.cluster.types)
        out.subkeys.push_back(type->name);
    return out;
}

std::optional<projected_key> find_quorum(const property_context& context, const path_parts& path) {
    if (path.size() != 1)
        return std::nullopt;
    const model::quorum& quorum = context.cluster.quorum_info;
    const auto resource = context.cluster.resources.find(quorum.resource_name);
    projected_key out;
    out.values.push_back(text_value("Path", quorum.device_path));
    out.values.push_back(text_value(
        "Resource", !quorum.resource_name.empty() && resource ? resource->id : std::string_view{}));
    out.values.push_back(number_value("QuorumType", quorum.type));
    return out;
}

/// The kind of an object by the key that lists its kind. Quorum is of none.
struct branch {
    std::string_view name;
    std::optional<projected_key> (*find)(const property_context&, const path_parts&);
    std::optional<object_kind> kind;
};

constexpr std::array branches{
    branch{"Groups",
           [](const property_context& c, const path_parts& p) {
               return find_object(c, c.cluster.groups, p);
           },
           object_kind::group},
    branch{"NetworkInterfaces",
           [](const property_context& c, const path_parts& p) {
               return find_object(c, c.cluster.interfaces, p);
           },
           object_kind::net_interface},
    branch{"Networks",
           [](const property_context& c, const path_parts& p) {
               return find_object(c, c.cluster.networks, p);
           },
           object_kind::network},
    branch{"Nodes",
           [](const property_context& c, const path_parts& p) {
               return find_object(c, c.cluster.nodes, p);
           },
           object_kind::node},
    branch{"Quorum", find_quorum, std::nullopt},
    branch{"Resources",
           [](const property_context& c, const path_parts& p) {
               return find_object(c, c.cluster.resources, p);
           },
           object_kind::resource},
    branch{"ResourceTypes", find_type, object_kind::resource_type},
};

const branch* find_branch(std::string_view name) {
    const auto found = std::find_if(branches.begin(), branches.end(), [&](const branch& b) {
        return win32::equal_names(b.name, name);
    });
    return found == branches.end() ? nullptr : &*found;
}

projected_key root_key(const property_context& context) {
    const model::cluster& cluster = *context.cluster.info;
    projected_key out;
    for (const branch& b : branches)
        out.subkeys.emplace_back(b.name);
    out.values.push_back(text_value("ClusterInstanceID", cluster.id));
    out.values.push_back(text_value("ClusterName", cluster.name));
    for (const auto& resource : context.cluster.resources)
        if ((resource->flags & model::flag_core) != 0 &&
            win32::equal_names(resource->type, "Network Name")) {
            out.values.push_back(text_value("ClusterNameResource", resource->id));
            break;
        }
    add_properties(out, model::common_properties(context, cluster));
    return out;
}

/// The identifier as the object has it; nullopt when there is none.
std::optional<std::string> find_id(const model::snapshot& cluster, object_kind kind,
                                   std::string_view id) {
    const auto found = [](const auto& object) {
        return object ? std::optional(object->id) : std::nullopt;
    };
    switch (kind) {
    case object_kind::group:
        return found(cluster.groups.find_id(id));
    case object_kind::net_interface:
        return found(cluster.interfaces.find_id(id));
    case object_kind::network:
        return found(cluster.networks.find_id(id));
    case object_kind::node:
        return found(cluster.nodes.find_id(id));
    case object_kind::resource:
        return found(cluster.resources.find_id(id));
    case object_kind::resource_type:
        if (const auto type = cluster.types.find(id))
            return type->name;
        return std::nullopt;
    case object_kind::cluster:
        break;
    }
    return std::nullopt;
}

bool in_private_schema(const model::snapshot& cluster, const object_key& object,
                       std::string_view name) {
    if (object.kind != object_kind::resource)
        return false;
    const auto resource = cluster.resources.find_id(object.id);
    const auto type = resource ? cluster.types.find(resource->type) : nullptr;
    return type && model::find_schema(type->resource_private_schema, name);
}

} // namespace

std::optional<projected_key> project(const property_context& context, std::string_view path) {
    const path_parts parts = split(path);
    if (parts.empty())
        return root_key(context);
    const branch* b = find_branch(parts.front());
    return b ? b->find(context, parts) : std::nullopt;
}

std::optional<object_key> object_at(const model::snapshot& cluster, std::string_view path) {
    const path_parts parts = split(path);
    if (parts.empty())
        return object_key{};
    const branch* b = find_branch(parts.front());
    if (!b || !b->kind || parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    const bool parameters = parts.size() == 3;
    if (parameters && !win32::equal_names(parts[2], "Parameters"))
        return std::nullopt;
    auto id = find_id(cluster, *b->kind, parts[1]);
    if (!id)
        return std::nullopt;
    return object_key{*b->kind, std::move(*id), parameters};
}

std::string parameters_path(object_kind kind, std::string_view id) {
    if (kind == object_kind::cluster)
        return "Parameters";
    const auto found = std::find_if(branches.begin(), branches.end(),
                                    [kind](const branch& b) { return b.kind == kind; });
    return std::string(found->name) + "\\" + std::string(id) + "\\Parameters";
}

bool is_projected(const property_context& context, std::string_view path,
                  std::string_view value_name) {
    if (const auto key = project(context, path))
        for (const registry_value& value : key->values)
            if (win32::equal_names(value.name, value_name))
                return true;
    const auto object = object_at(context.cluster, path);
    if (!object)
        return false;
    return object->parameters
               ? in_private_schema(context.cluster, *object, value_name)
               : model::find_schema(model::common_schema(object->kind), value_name) != nullptr;
}

} // namespace bridge::clusapi
