// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"

namespace bridge::clusapi {

namespace {

/// A REG_DWORD-like number is in range for every DWORD property but these.
struct range {
    std::string_view name;
    std::uint32_t highest;
};

/// Ranges of common properties, by kind; whoever is not listed takes any value.
std::uint32_t highest_of(model::object_kind kind, std::string_view name) {
    constexpr std::uint32_t any = 0xFFFFFFFF;
    constexpr range of_group[] = {
        {"PersistentState", 1}, {"AutoFailbackType", 1}, {"GroupStartDelay", 1800000}};
    constexpr range of_resource[] = {
        {"PersistentState", 1}, {"RestartAction", 2}, {"SeparateMonitor", 1}};
    constexpr range of_network[] = {{"Role", 3}, {"AutoMetric", 1}};
    constexpr range of_node[] = {{"NodeWeight", 1}};
    std::span<const range> ranges;
    if (kind == model::object_kind::group)
        ranges = of_group;
    else if (kind == model::object_kind::resource)
        ranges = of_resource;
    else if (kind == model::object_kind::network)
        ranges = of_network;
    else if (kind == model::object_kind::node)
        ranges = of_node;
    for (const range& r : ranges)
        if (r.name == name)
            return r.highest;
    return any;
}

win32_error validate_one(const model::property& given, const model::property_schema& known,
                         model::object_kind kind) {
    if (known.read_only)
        return win32_error::ERROR_INVALID_PARAMETER;
    if (given.format != known.format)
        return win32_error::ERROR_INVALID_DATA;
    const auto* number = std::get_if<std::uint32_t>(&given.value);
    if (number && *number > highest_of(kind, known.name))
        return win32_error::ERROR_INVALID_PARAMETER;
    return win32_error::ERROR_SUCCESS;
}

} // namespace

win32_error validate_properties(std::span<const std::byte> input,
                                std::span<const model::property_schema> schema, bool private_scope,
                                model::object_kind kind) {
    const auto list = parse_property_list(input);
    if (!list)
        return win32_error::ERROR_INVALID_DATA;
    for (const model::property& given : *list) {
        const model::property_schema* known = model::find_schema(schema, given.name);
        if (!known) {
            // MS-CMRP 3.1.1.9: a name that one scope has cannot be used in a lower one.
            if (!private_scope || model::find_schema(model::common_schema(kind), given.name))
                return win32_error::ERROR_INVALID_PARAMETER;
            continue;
        }
        const win32_error code = validate_one(given, *known, kind);
        if (code != win32_error::ERROR_SUCCESS)
            return code;
    }
    return win32_error::ERROR_SUCCESS;
}

std::optional<control_result> property_control(const control_request& request,
                                               const property_facts& facts) {
    const auto common_schema = model::common_schema(facts.kind);
    switch (request.what()) {
    case operation::unknown:
        return control_result(buffer{});
    case operation::enum_common:
        return control_result(encode_names(facts.common));
    case operation::get_read_only_common:
        return control_result(encode_property_list(facts.common, which::read_only));
    case operation::get_common:
        return control_result(encode_property_list(facts.common, which::writable));
    case operation::validate_common:
        return control_result(validate_properties(request.input, common_schema, false, facts.kind));
    case operation::get_common_formats:
        return control_result(encode_format_list(common_schema, formats_of::writable));
    case operation::enum_private:
        return control_result(encode_names(facts.private_));
    case operation::get_read_only_private:
        return control_result(encode_property_list(facts.private_, which::read_only));
    case operation::get_private:
        return control_result(encode_property_list(facts.private_, which::writable));
    case operation::validate_private:
        return control_result(
            validate_properties(request.input, facts.private_schema, true, facts.kind));
    case operation::get_private_formats:
        return control_result(encode_format_list(facts.private_schema, formats_of::all));
    default:
        return std::nullopt;
    }
}

} // namespace bridge::clusapi
