// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/identity.hpp"

#include "bridge/win32/upcase.hpp"

namespace bridge::model {

namespace {

/// Ids up to 1000 are corosync's.
constexpr std::uint32_t first_derived_node = 1001;
constexpr std::uint32_t derived_nodes = 64000;

} // namespace

std::string derived_id(const win32::guid& cluster, std::string_view kind, std::string_view name) {
    std::string text(kind);
    text += ':';
    text += name;
    return win32::to_string(win32::name_based_guid(cluster, text));
}

std::string stored_id(std::string_view text) {
    const auto parsed = win32::parse_guid(text);
    return parsed && !parsed->is_null() ? win32::to_string(*parsed) : std::string{};
}

std::uint32_t derived_node_id(const win32::guid& cluster, std::string_view uname) {
    const auto hash = win32::name_based_guid(cluster, "node:" + std::string(uname));
    return first_derived_node + hash.data1 % derived_nodes;
}

bool name_register::add_id(std::string_view id) {
    return taken_.insert(win32::fold(id)).second;
}

std::string name_register::add_name(std::string_view name) {
    std::string wanted(name.empty() ? std::string_view("(unnamed)") : name);
    if (taken_.insert(win32::fold(wanted)).second)
        return wanted;
    for (std::size_t count = 2;; ++count) {
        std::string tried = wanted + " (" + std::to_string(count) + ")";
        if (taken_.insert(win32::fold(tried)).second)
            return tried;
    }
}

} // namespace bridge::model
