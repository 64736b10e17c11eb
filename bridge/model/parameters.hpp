// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/builder.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// Between the parameters of agents and the private properties of resource types.
namespace bridge::model {

/// Read-only private property of every type that agents stand behind: ids of the order constraints
/// that bind a resource's start and cannot be shown as dependencies, because they leave the group
/// or name a clone.
inline constexpr std::string_view other_orders_property = "PacemakerOrders";

/// Whether a parameter of this name holds a secret as far as the name tells (password, secret,
/// token...).
bool is_secret_name(std::string_view parameter);

/// Resource types by agent. Keeps the list alive.
class type_index {
public:
    type_index() = default;
    explicit type_index(std::shared_ptr<const type_list> types);

    /// Type of a primitive: the one that it names (clusbridge-type), else the first that matches
    /// its agent and parameters; null when there is none.
    [[nodiscard]] const resource_type* find(const resource_facts& primitive) const;

private:
    struct entry {
        const resource_type* type;
        const agent_match* match;
    };
    [[nodiscard]] const resource_type* matching(const std::vector<entry>& entries,
                                                const resource_facts& primitive) const;

    std::shared_ptr<const type_list> types_;
    std::unordered_map<std::string, const resource_type*> names_; ///< folded
    std::unordered_map<std::string, std::vector<entry>> exact_;
    std::vector<entry> patterns_;
};

/// Name of the network that holds an address; empty when there is none.
using network_lookup = std::function<std::string(std::string_view address)>;

/// A primitive's parameters as private properties of its type, schema order first. Secret ones are
/// left out. `type` may be null: every parameter then appears under its own name as text.
property_list private_properties_of(const resource_facts& primitive, const resource_type* type,
                                    const network_lookup& networks);

/// Text for the agent's parameter; nullopt when the value cannot be said in that form (a mask with
/// holes, a read-only form).
std::optional<std::string> parameter_text(const parameter_binding& binding,
                                          const property_value& value);

} // namespace bridge::model
