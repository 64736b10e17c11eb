// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/schema_values.hpp"

#include "bridge/win32/upcase.hpp"

#include <bit>
#include <charconv>
#include <optional>

namespace bridge::model {

namespace {

/// A field of the object under its property name. `firm`: the field decides; else an entry in
/// `common` goes first.
struct field {
    std::string_view name;
    property_value value;
    bool firm = true;
};
using fields = std::vector<field>;

const property* stored_as(const property_list& stored, const property_schema& schema) {
    const property* found = find_property(stored, schema.name);
    return found && holds_format(found->value, schema.format) ? found : nullptr;
}

property_value value_of(const property_schema& schema, const fields& own,
                        const property_list& stored) {
    const property* found = stored_as(stored, schema);
    for (const field& f : own)
        if (f.name == schema.name && (f.firm || !found))
            return f.value;
    return found ? found->value : schema.default_value;
}

listed_properties list_common(object_kind kind, const fields& own, const property_list& stored) {
    const auto schemas = common_schema(kind);
    listed_properties out;
    out.reserve(schemas.size());
    for (const property_schema& s : schemas)
        out.push_back({s.name, s.format, s.read_only, value_of(s, own, stored)});
    return out;
}

std::string name_of_node(const snapshot& cluster, const std::string& id) {
    const auto found = cluster.nodes.find_id(id);
    return found ? found->name : std::string{};
}

std::vector<std::string> only(const std::string& address, bool wanted) {
    return wanted && !address.empty() ? std::vector{address} : std::vector<std::string>{};
}

bool is_ipv6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

/// Length of the prefix that a dotted mask stands for; nullopt when it is not a mask.
std::optional<unsigned> prefix_of_mask(std::string_view mask) {
    std::uint32_t bits = 0;
    for (int part = 0; part < 4; ++part) {
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(mask.data(), mask.data() + mask.size(), number);
        if (error != std::errc{} || number > 255)
            return std::nullopt;
        bits = bits << 8 | number;
        mask.remove_prefix(static_cast<std::size_t>(end - mask.data()));
        if (part < 3 && (mask.empty() || mask.front() != '.'))
            return std::nullopt;
        if (part < 3)
            mask.remove_prefix(1);
    }
    const auto length = static_cast<unsigned>(std::countl_one(bits));
    if (!mask.empty() || (length < 32 && (bits << length) != 0))
        return std::nullopt;
    return length;
}

} // namespace

listed_properties common_properties(const property_context& context, const cluster& object) {
    fields own;
    if (!object.description.empty())
        own.push_back({"Description", object.description, false});
    if (!context.cluster_security.empty())
        own.push_back({"Security Descriptor", context.cluster_security});
    return list_common(object_kind::cluster, own, object.common);
}

listed_properties common_properties(const property_context& context, const node& object) {
    const personality& version = context.shown_as;
    const fields own{
        {"NodeName", object.name},
        {"NodeHighestVersion", version.highest},
        {"NodeLowestVersion", version.lowest},
        {"MajorVersion", std::uint32_t{version.major}},
        {"MinorVersion", std::uint32_t{version.minor}},
        {"BuildNumber", std::uint32_t{version.build}},
        {"CSDVersion", version.csd_version},
        {"NodeWeight", object.weight},
        {"DynamicWeight", object.dynamic_weight},
    };
    return list_common(object_kind::node, own, object.common);
}

listed_properties common_properties(const property_context&, const group& object) {
    const fields own{
        {"Name", object.name},
        {"PersistentState", std::uint32_t{object.persistent_online}},
        {"GroupType", object.type},
    };
    return list_common(object_kind::group, own, object.common);
}

listed_properties common_properties(const property_context&, const resource& object) {
    const fields own{
        {"Name", object.name},
        {"Type", object.type},
        {"PersistentState", std::uint32_t{object.persistent_online}},
    };
    return list_common(object_kind::resource, own, object.common);
}

listed_properties common_properties(const property_context&, const resource_type& object) {
    const std::string& shown = object.display_name.empty() ? object.name : object.display_name;
    const fields own{
        {"Name", shown},
        {"Description", object.description, false},
        {"DllName", object.dll_name},
        {"LooksAlivePollInterval", object.looks_alive_interval_ms},
        {"IsAlivePollInterval", object.is_alive_interval_ms},
        {"PendingTimeout", object.pending_timeout_ms},
    };
    return list_common(object_kind::resource_type, own, object.common);
}

listed_properties common_properties(const property_context&, const network& object) {
    const bool six = is_ipv6(object.address);
    std::vector<std::string> lengths;
    if (const auto length = prefix_of_mask(object.mask); length && !six)
        lengths.push_back(std::to_string(*length));
    const fields own{
        {"Name", object.name},
        {"Address", six ? std::string{} : object.address},
        {"AddressMask", object.mask},
        {"Role", object.role},
        {"IPv4Addresses", only(object.address, !six), false},
        {"IPv4PrefixLengths", lengths, false},
        {"IPv6Addresses", only(object.address, six), false},
    };
    return list_common(object_kind::network, own, object.common);
}

listed_properties common_properties(const property_context& context, const net_interface& object) {
    const bool six = is_ipv6(object.address);
    const auto link = context.cluster.networks.find_id(object.network);
    const fields own{
        {"Name", object.name},
        {"Node", name_of_node(context.cluster, object.node)},
        {"Network", link ? link->name : std::string{}},
        {"Adapter", object.adapter},
        {"AdapterId", object.adapter_id},
        {"Address", object.address},
        {"IPv4Addresses", only(object.address, !six), false},
        {"IPv6Addresses", only(object.address, six), false},
    };
    return list_common(object_kind::net_interface, own, object.common);
}

listed_properties private_properties(const snapshot& cluster, const resource& object) {
    listed_properties out;
    const auto type = cluster.types.find(object.type);
    const std::vector<property_schema> none;
    const auto& schemas = type ? type->resource_private_schema : none;
    for (const property_schema& s : schemas) {
        const property* own = stored_as(object.private_properties, s);
        const property* inherited = type ? stored_as(type->private_properties, s) : nullptr;
        const property* found = own ? own : inherited;
        const bool shown = found && !s.secret;
        out.push_back({s.name, s.format, s.read_only, shown ? found->value : s.default_value});
    }
    for (const property& p : object.private_properties)
        if (const auto* s = find_schema(schemas, p.name); !s)
            out.push_back({p.name, p.format, false, p.value});
    return out;
}

listed_properties private_properties(const property_list& stored) {
    listed_properties out;
    out.reserve(stored.size());
    for (const property& p : stored)
        out.push_back({p.name, p.format, false, p.value});
    return out;
}

} // namespace bridge::model
