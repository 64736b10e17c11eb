// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/schema.hpp"

#include "bridge/model/schema_builder.hpp"
#include "bridge/win32/upcase.hpp"

#include <array>

namespace bridge::model {

namespace {

using table = std::array<std::vector<property_schema>, 7>;

const table& schemas() {
    static const table all{
        schema_builder::resource_schema(), schema_builder::resource_type_schema(),
        schema_builder::group_schema(),    schema_builder::node_schema(),
        schema_builder::network_schema(),  schema_builder::net_interface_schema(),
        schema_builder::cluster_schema(),
    };
    return all;
}

} // namespace

std::span<const property_schema> common_schema(object_kind kind) {
    return schemas().at(static_cast<std::size_t>(kind) - 1);
}

const property_schema* find_schema(std::span<const property_schema> schema, std::string_view name) {
    const std::string wanted = win32::fold(name);
    for (const property_schema& entry : schema)
        if (win32::fold(entry.name) == wanted)
            return &entry;
    return nullptr;
}

bool holds_format(const property_value& value, property_format format) {
    return value.index() == empty_value(format).index();
}

property_value empty_value(property_format format) {
    switch (format) {
    case property_format::sz:
    case property_format::expand_sz:
    case property_format::expanded_sz:
        return std::string{};
    case property_format::multi_sz:
        return std::vector<std::string>{};
    case property_format::ularge_integer:
    case property_format::large_integer:
    case property_format::filetime:
        return std::uint64_t{0};
    case property_format::dword:
    case property_format::word:
    case property_format::long_integer:
        return std::uint32_t{0};
    case property_format::binary:
    case property_format::security_descriptor:
    case property_format::unknown:
        break;
    }
    return std::vector<std::byte>{};
}

} // namespace bridge::model
