// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/property_list.hpp"
#include "bridge/clusapi/registry_view.hpp"
#include "bridge/win32/upcase.hpp"

#include <array>
#include <functional>

namespace bridge::clusapi {

namespace {

using model::property_context;
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

void add_properties(registry_key& key, const model::listed_properties& properties) {
    for (const model::listed_property& property : properties)
        key.values.push_back(value_of(property));
}

template <class Objects>
registry_key list_ids(const Objects& objects) {
    registry_key out;
    for (const auto& object : objects)
        out.subkeys.push_back(object->id);
    return out;
}

registry_key key_of(const property_context& context, const model::resource& resource) {
    registry_key out;
    out.subkeys = {"Parameters"};
    add_properties(out, model::common_properties(context, resource));
    return out;
}

registry_key key_of(const property_context& context, const model::group& group) {
    registry_key out;
    out.subkeys = {"Parameters"};
    add_properties(out, model::common_properties(context, group));
    out.values.push_back(texts_value("Contains", group.resources));
    out.values.push_back(texts_value("PreferredOwners", group.preferred_owners));
    return out;
}

registry_key key_of(const property_context& context, const model::node& node) {
    registry_key out;
    add_properties(out, model::common_properties(context, node));
    return out;
}

registry_key key_of(const property_context& context, const model::resource_type& type) {
    registry_key out;
    out.subkeys = {"Parameters"};
    add_properties(out, model::common_properties(context, type));
    return out;
}

registry_key key_of(const property_context& context, const model::network& network) {
    registry_key out;
    add_properties(out, model::common_properties(context, network));
    return out;
}

/// Node and Network are identifiers here, as in Windows' hive, not names.
registry_key key_of(const property_context& context, const model::net_interface& link) {
    registry_key out;
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

registry_key parameters_of(const property_context& context, const model::resource& resource) {
    registry_key out;
    add_properties(out, model::private_properties(context.cluster, resource));
    return out;
}

template <class T>
registry_key parameters_of(const property_context&, const T& object) {
    registry_key out;
    add_properties(out, model::private_properties(object.private_properties));
    return out;
}

template <class T>
constexpr bool has_parameters =
    std::is_same_v<T, model::resource> || std::is_same_v<T, model::group> ||
    std::is_same_v<T, model::resource_type>;

/// "<kind>", "<kind>\<id>", "<kind>\<id>\Parameters".
template <class T>
std::optional<registry_key> find_object(const property_context& context,
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

std::optional<registry_key> find_type(const property_context& context, const path_parts& path) {
    if (path.size() > 1)
        return find_object(context, context.cluster.types, path);
    registry_key out;
    for (const auto& type : context.cluster.types)
        out.subkeys.push_back(type->name);
    return out;
}

std::optional<registry_key> find_quorum(const property_context& context, const path_parts& path) {
    if (path.size() != 1)
        return std::nullopt;
    const model::quorum& quorum = context.cluster.quorum_info;
    const auto resource = context.cluster.resources.find(quorum.resource_name);
    registry_key out;
    out.values.push_back(text_value("Path", quorum.device_path));
    out.values.push_back(text_value(
        "Resource", !quorum.resource_name.empty() && resource ? resource->id : std::string_view{}));
    out.values.push_back(number_value("QuorumType", quorum.type));
    return out;
}

struct branch {
    std::string_view name;
    std::optional<registry_key> (*find)(const property_context&, const path_parts&);
};

constexpr std::array branches{
    branch{"Groups", [](const property_context& c,
                        const path_parts& p) { return find_object(c, c.cluster.groups, p); }},
    branch{"NetworkInterfaces",
           [](const property_context& c, const path_parts& p) {
               return find_object(c, c.cluster.interfaces, p);
           }},
    branch{"Networks", [](const property_context& c,
                          const path_parts& p) { return find_object(c, c.cluster.networks, p); }},
    branch{"Nodes", [](const property_context& c,
                       const path_parts& p) { return find_object(c, c.cluster.nodes, p); }},
    branch{"Quorum", find_quorum},
    branch{"Resources", [](const property_context& c,
                           const path_parts& p) { return find_object(c, c.cluster.resources, p); }},
    branch{"ResourceTypes", find_type},
};

registry_key root_key(const property_context& context) {
    const model::cluster& cluster = *context.cluster.info;
    registry_key out;
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

} // namespace

std::optional<registry_key> object_registry::find(const property_context& context,
                                                  std::string_view path) const {
    const path_parts parts = split(path);
    if (parts.empty())
        return root_key(context);
    for (const branch& b : branches)
        if (win32::equal_names(b.name, parts.front()))
            return b.find(context, parts);
    return std::nullopt;
}

} // namespace bridge::clusapi
