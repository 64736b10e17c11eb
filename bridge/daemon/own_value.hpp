// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"
#include "bridge/ports/registry.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bridge::daemon {

/// A value of this project in the cluster registry, below a key that clients never see. A backup
/// holds it.
struct own_value {
    std::string_view key; ///< its full path
    std::string_view name;

    /// Null: it is not there. The pointer is good until the tree changes.
    [[nodiscard]] const model::registry_value* in(const model::registry_tree& tree) const;
    /// A command about the key, or about the value in it.
    [[nodiscard]] model::registry_command command(model::registry_verb verb) const;
    /// Sets it, as REG_BINARY.
    [[nodiscard]] model::registry_command set_to(std::vector<std::byte> data) const;
    /// A batch that has seen to the key, at the present time; `caller` is for the audit.
    [[nodiscard]] model::registry_batch batch(std::string caller) const;
};

} // namespace bridge::daemon
