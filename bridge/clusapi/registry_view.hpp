// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/schema_values.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The cluster registry as it is read (MS-CMRP 3.1.1.2).
namespace bridge::clusapi {

/// Types of registry values (MS-RRP 2.2.6).
enum class registry_type : std::uint32_t {
    none = 0,
    sz = 1,
    expand_sz = 2,
    binary = 3,
    dword = 4,
    multi_sz = 7,
    qword = 11,
};

struct registry_value {
    std::string name; ///< empty: the default value
    registry_type type = registry_type::none;
    std::vector<std::byte> data; ///< as on the wire
};

/// A key at one moment. Lists are in a stable order, which is that of their indexes.
struct registry_key {
    std::vector<std::string> subkeys;
    std::vector<registry_value> values;
    std::uint64_t last_write = 0; ///< FILETIME; 0 while nothing is known of it
};

/// Where keys come from. Paths are relative to the root, without leading or trailing backslash,
/// their case does not matter; the root is "".
class registry_view {
public:
    virtual ~registry_view() = default;

    /// nullopt: there is no such key.
    [[nodiscard]] virtual std::optional<registry_key> find(const model::property_context& context,
                                                           std::string_view path) const = 0;
};

/// The objects of a snapshot as keys; stores nothing.
class object_registry : public registry_view {
public:
    [[nodiscard]] std::optional<registry_key> find(const model::property_context& context,
                                                   std::string_view path) const override;
};

} // namespace bridge::clusapi
