// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/property.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace bridge::model {

/// Kinds of objects; the numbers are those in bits 24 to 31 of a control code (MS-CMRP 3.1.4.3).
enum class object_kind : std::uint8_t {
    resource = 1,
    resource_type = 2,
    group = 3,
    node = 4,
    network = 5,
    net_interface = 6,
    cluster = 7,
};

/// The common properties of a kind of object, in the order in which they are listed, writable and
/// read-only ones mixed. Names, formats and defaults are those of a Windows Server 2012 R2 cluster;
/// properties that came later (ClusterFunctionalLevel and the like) are left out on purpose. Lives
/// as long as the program.
std::span<const property_schema> common_schema(object_kind kind);

/// The entry of that name (compared as ClusAPI compares); null when there is none.
const property_schema* find_schema(std::span<const property_schema> schema, std::string_view name);

/// Whether the alternative that `value` holds is the one that goes with `format`.
bool holds_format(const property_value& value, property_format format);

/// The empty value of a format: 0, "", no strings, no bytes.
property_value empty_value(property_format format);

} // namespace bridge::model
