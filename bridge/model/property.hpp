// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bridge::model {

/// CLUSTER_PROPERTY_FORMAT (MS-CMRP 2.2.2.3 and 2.2.3.10); the numbers are the wire's.
enum class property_format : std::uint16_t {
    unknown = 0,
    binary = 1,
    dword = 2,
    sz = 3,
    expand_sz = 4,
    multi_sz = 5,
    ularge_integer = 6,
    long_integer = 7,
    expanded_sz = 8,
    security_descriptor = 9,
    large_integer = 10,
    word = 11,
    filetime = 12,
};

/// A property's value. Text is UTF-8. Which alternative goes with which format:
/// uint32 dword, word, long_integer (two's complement) · uint64 ularge_integer, large_integer,
/// filetime · string sz, expand_sz · vector<string> multi_sz · vector<byte> binary,
/// security_descriptor.
using property_value = std::variant<std::uint32_t, std::uint64_t, std::string,
                                    std::vector<std::string>, std::vector<std::byte>>;

/// A named value of an object.
struct property {
    std::string name;
    property_format format = property_format::unknown;
    property_value value;

    bool operator==(const property&) const = default;
};

using property_list = std::vector<property>;

/// What is known of a property of a kind of object: its place in a list is its place in the schema.
struct property_schema {
    std::string name;
    property_format format = property_format::unknown;
    property_value default_value;
    bool read_only = false;
    bool required = false; ///< must be present before a resource can come online
    bool secret = false;   ///< written, never read: shown as its default

    bool operator==(const property_schema&) const = default;
};

/// First property of that name (case-insensitive, as ClusAPI compares); null when there is none.
const property* find_property(const property_list& list, std::string_view name);

} // namespace bridge::model
