// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"
#include "bridge/clusapi/registry_view.hpp"
#include "bridge/model/schema_values.hpp"

#include <utility>

/// Unknown properties (MS-CMRP 3.1.1.2): values beside those of an object's own in its Parameters.
namespace bridge::clusapi {

namespace {

using model::property_format;
using model::registry_type;

std::optional<std::uint64_t> number(const std::vector<std::byte>& data, std::size_t size) {
    if (data.size() != size)
        return std::nullopt;
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < size; ++i)
        out |= std::to_integer<std::uint64_t>(data[i]) << (8 * i);
    return out;
}

template <class T>
bool take(model::listed_property& out, property_format format, std::optional<T> value) {
    if (!value)
        return false;
    out.format = format;
    out.value = std::move(*value);
    return true;
}

/// The value as its type says; false when the data does not fit the type.
bool as_typed(model::listed_property& out, const model::registry_value& value) {
    switch (value.type) {
    case registry_type::sz:
        return take(out, property_format::sz, parse_text(value.data));
    case registry_type::expand_sz:
        return take(out, property_format::expand_sz, parse_text(value.data));
    case registry_type::multi_sz:
        return take(out, property_format::multi_sz, parse_multi_sz(value.data));
    case registry_type::dword:
        if (const auto read = number(value.data, 4))
            return take(out, property_format::dword,
                        std::optional(static_cast<std::uint32_t>(*read)));
        return false;
    case registry_type::qword:
        return take(out, property_format::ularge_integer, number(value.data, 8));
    case registry_type::none:
    case registry_type::binary:
        break;
    }
    return false;
}

} // namespace

model::listed_properties with_stored(const call& c, model::object_kind kind, std::string_view id,
                                     model::listed_properties known) {
    const std::string path = parameters_path(kind, id);
    const model::stored_key* key = c.server.store.tree().find(path);
    if (!key)
        return known;
    const model::property_context context = c.properties();
    for (std::size_t i = 0; i < key->value_count(); ++i) {
        const model::registry_value& value = key->value(i);
        if (value.name.empty() || is_projected(context, path, value.name))
            continue;
        model::listed_property& out = known.emplace_back();
        out.name = value.name;
        if (!as_typed(out, value)) {
            out.format = property_format::binary;
            out.value = value.data;
        }
    }
    return known;
}

} // namespace bridge::clusapi
