// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/schema.hpp"
#include "bridge/model/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The properties of one object with their values: schema, snapshot and version numbers put
/// together.
namespace bridge::model {

/// The version that the cluster presents (MS-CMRP 3.1.4.2.102 and 2.2.3.3): Windows Server 2012 R2.
struct personality {
    std::uint16_t major = 6;
    std::uint16_t minor = 3;
    std::uint16_t build = 9600;
    std::uint32_t highest = 0x00082580;
    std::uint32_t lowest = 0x00082580;
    std::string vendor = "clusbridge";
    std::string csd_version;

    bool operator==(const personality&) const = default;
};

/// What values are computed from beside the object. References live as long as the call that uses
/// them.
struct property_context {
    const snapshot& cluster;
    const personality& shown_as;
    std::vector<std::byte> cluster_security = {}; ///< self-relative; value of "Security Descriptor"
};

/// A property as a list shows it. `name` points into the schema or the snapshot.
struct listed_property {
    std::string_view name;
    property_format format = property_format::unknown;
    bool read_only = false;
    property_value value;
};

using listed_properties = std::vector<listed_property>;

/// All common properties in schema order. Value: the object's own field, else its entry in `common`
/// (when that has the schema's type), else the schema's default.
listed_properties common_properties(const property_context& context, const cluster& object);
listed_properties common_properties(const property_context& context, const node& object);
listed_properties common_properties(const property_context& context, const group& object);
listed_properties common_properties(const property_context& context, const resource& object);
listed_properties common_properties(const property_context& context, const resource_type& object);
listed_properties common_properties(const property_context& context, const network& object);
listed_properties common_properties(const property_context& context, const net_interface& object);

/// All private properties: those of the schema in its order, then the unknown ones as they are
/// stored. A secret one shows its default. For a resource the value is its own, else the type's,
/// else the schema's default.
listed_properties private_properties(const snapshot& cluster, const resource& object);
/// Kinds without a private schema: what is stored.
listed_properties private_properties(const property_list& stored);

} // namespace bridge::model
