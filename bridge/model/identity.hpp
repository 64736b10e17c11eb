// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/guid.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

/// Identifiers and names of objects that nobody named through ClusAPI.
namespace bridge::model {

/// Name-based UUID (version 5) of the cluster's GUID, the kind ("group", "resource", "network",
/// "interface") and what names the object in the CIB; lower-case text. The same on every node and
/// after every restart.
std::string derived_id(const win32::guid& cluster, std::string_view kind, std::string_view name);

/// GUID text from a meta attribute in the form that ClusAPI shows; empty when it is none.
std::string stored_id(std::string_view text);

/// Decimal id of a node that corosync does not number: above 1000, from its name.
std::uint32_t derived_node_id(const win32::guid& cluster, std::string_view uname);

/// Keeps names and identifiers of one kind of object apart, without regard to case.
class name_register {
public:
    /// False when the identifier is taken.
    bool add_id(std::string_view id);
    /// The name, or "name (2)", "name (3)"... when it is taken. An empty one becomes "(unnamed)".
    std::string add_name(std::string_view name);

private:
    std::unordered_set<std::string> taken_;
};

} // namespace bridge::model
