// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/schema_values.hpp"
#include "bridge/model/snapshot.hpp"
#include "bridge/win32/guid.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Buffers of control codes: property lists, value lists, MULTI_SZ, strings (MS-CMRP 2.2.3.10).
/// Integers are little-endian, text is UTF-16LE, whatever the transfer syntax of the call.
namespace bridge::clusapi {

using buffer = std::vector<std::byte>;

/// CLUSTER_PROPERTY_SYNTAX (MS-CMRP 2.2.2.3); the lower half is a model::property_format.
enum class property_syntax : std::uint32_t {
    endmark = 0,
    list_value = 0x00010000, ///< upper half of every value in a property list
    list_value_word = 0x0001000B,
    resource_class = 0x00020002,
    name = 0x00040003,
    disk_signature = 0x00050002,
    scsi_address = 0x00060002,
    disk_number = 0x00070002,
    partition_info = 0x00080001,
    disk_guid = 0x000B0003,
    disk_size = 0x000C0006,
    partition_info_ex = 0x000D0001,
};

/// Properties that one received list may hold.
inline constexpr std::size_t max_list_properties = 4096;
/// Values that one property of a received list may have (MS-CMRP 2.2.3.10.1).
inline constexpr std::size_t max_property_values = 3;

/// Which properties of an object a list holds.
enum class which : bool { writable, read_only };

/// PROPERTY_LIST of those properties. None: the count alone, 4 bytes. Otherwise another endmark
/// follows the last property, as Windows sends it.
buffer encode_property_list(const model::listed_properties& properties, which wanted);

/// PROPERTY_LIST of exactly these properties, in this order.
buffer encode_property_list(std::span<const model::listed_property* const> properties);

/// Whether a list of formats leaves the read-only properties out.
enum class formats_of : bool { writable, all };

/// Name and format of each property (MS-CMRP 3.1.4.3.1.14: the common ones that can be written;
/// 3.1.4.3.1.20: all private ones).
buffer encode_format_list(std::span<const model::property_schema> schema, formats_of wanted);

/// The names of the writable properties as MULTI_SZ.
buffer encode_names(const model::listed_properties& properties);

/// Value list of GET_REQUIRED_DEPENDENCIES (MS-CMRP 3.1.4.3.1.5).
buffer encode_required_dependencies(std::span<const model::required_dependency> items);

/// One value of a value list (MS-CMRP 2.2.3.10.1): syntax, size, bytes, padding to 4; the size does
/// not count the padding.
void append_list_value(buffer& out, property_syntax syntax, const buffer& value);
/// What every value list ends with.
void append_endmark(buffer& out);

/// The text and its terminator.
buffer encode_text(std::string_view text);
/// Each text with its terminator, then one more terminator; none: one terminator.
buffer encode_multi_sz(std::span<const std::string> texts);
buffer encode_u32(std::uint32_t value);
buffer encode_u32s(std::span<const std::uint32_t> values);
buffer encode_u64(std::uint64_t value);
/// As MS-DTYP 2.3.4.2 lays it out.
buffer encode_guid(const win32::guid& value);

/// Bytes of a value alone, without syntax, size or padding. The alternative must go with the
/// format.
buffer encode_value(model::property_format format, const model::property_value& value);

/// A list that a client sent. nullopt: not a well-formed list (ERROR_INVALID_DATA). An endmark
/// after the last property is optional, bytes after it are ignored.
std::optional<model::property_list> parse_property_list(std::span<const std::byte> bytes);

/// A NUL-terminated text that a client sent; bytes after the terminator are ignored. nullopt: no
/// terminator, odd length or ill-formed UTF-16.
std::optional<std::string> parse_text(std::span<const std::byte> bytes);

/// A MULTI_SZ that a client sent; a single text with one terminator counts as a list of one.
std::optional<std::vector<std::string>> parse_multi_sz(std::span<const std::byte> bytes);

} // namespace bridge::clusapi
