// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/property.hpp"
#include "bridge/model/schema.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Short spellings for the schema tables; used by schema_*.cpp only.
namespace bridge::model::schema_builder {

enum class mode : bool { writable, read_only };

inline property_schema entry(std::string name, property_format format, property_value value,
                             mode m) {
    property_schema out;
    out.name = std::move(name);
    out.format = format;
    out.default_value = std::move(value);
    out.read_only = m == mode::read_only;
    return out;
}

inline property_schema dword(std::string name, std::uint32_t value = 0, mode m = mode::writable) {
    return entry(std::move(name), property_format::dword, value, m);
}

inline property_schema ularge(std::string name, std::uint64_t value = 0, mode m = mode::writable) {
    return entry(std::move(name), property_format::ularge_integer, value, m);
}

inline property_schema filetime(std::string name, mode m = mode::writable) {
    return entry(std::move(name), property_format::filetime, std::uint64_t{0}, m);
}

inline property_schema text(std::string name, mode m = mode::writable) {
    return entry(std::move(name), property_format::sz, std::string{}, m);
}

inline property_schema texts(std::string name, mode m = mode::writable) {
    return entry(std::move(name), property_format::multi_sz, std::vector<std::string>{}, m);
}

inline property_schema bytes(std::string name, mode m = mode::writable) {
    return entry(std::move(name), property_format::binary, std::vector<std::byte>{}, m);
}

std::vector<property_schema> cluster_schema();
std::vector<property_schema> node_schema();
std::vector<property_schema> group_schema();
std::vector<property_schema> resource_schema();
std::vector<property_schema> resource_type_schema();
std::vector<property_schema> network_schema();
std::vector<property_schema> net_interface_schema();

} // namespace bridge::model::schema_builder
