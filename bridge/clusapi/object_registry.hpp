// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"
#include "bridge/model/schema_values.hpp"
#include "bridge/win32/errors.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The objects of a snapshot as keys: one home of the registry's keys, the stored tree is the
/// other. Paths are relative to the root, without leading or trailing backslash, their case does
/// not matter; the root is "".
namespace bridge::clusapi {

/// A key as the snapshot shows it. Lists are in the order of their indexes.
struct projected_key {
    std::vector<std::string> subkeys;
    std::vector<model::registry_value> values;
};

/// nullopt: no object has this key. Keys that objects have are closed upwards: so has the parent.
std::optional<projected_key> project(const model::property_context& context, std::string_view path);

/// The object whose key this is; the cluster's is the root.
struct object_key {
    model::object_kind kind = model::object_kind::cluster;
    std::string id;          ///< name of a resource type; empty for the cluster
    bool parameters = false; ///< the key of its private properties
};

/// nullopt for keys that list objects and for those of no object.
std::optional<object_key> object_at(const model::snapshot& cluster, std::string_view path);

/// Where the private properties of an object are.
std::string parameters_path(model::object_kind kind, std::string_view id);

/// Whether a value belongs to an object: the projection shows it, or it is one of the properties
/// that objects of its kind and type may have.
bool is_projected(const model::property_context& context, std::string_view path,
                  std::string_view value_name);

/// The way of a write to such a value: the same as that of SET_COMMON_PROPERTIES and
/// SET_PRIVATE_PROPERTIES, without validation beyond the type (MS-CMRP 3.1.1.2).
class object_setter {
public:
    virtual ~object_setter() = default;

    /// Completes when the value is durable and in the snapshot, or with the code to answer.
    virtual boost::asio::awaitable<win32::win32_error> set(object_key object,
                                                           model::registry_value value) = 0;
    virtual boost::asio::awaitable<win32::win32_error> remove(object_key object,
                                                              std::string name) = 0;
};

} // namespace bridge::clusapi
