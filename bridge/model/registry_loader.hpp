// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>

namespace bridge::model {

/// Builds a tree from what was stored, key by key; false, and a tree to throw away, for whatever
/// apply() would not have made. Siblings come in their order.
class registry_loader {
public:
    struct key_data {
        std::uint64_t id = 0;
        std::string name;
        std::uint64_t last_write = 0;
        std::uint64_t version = 0;
        descriptor_bytes descriptor;
    };

    stored_key& root() { return *tree_.root_; }
    bool set_root(const key_data& data);
    /// Null: refused.
    stored_key* add_key(stored_key& parent, key_data data);
    /// The number that the next key gets; above all numbers there are.
    bool set_next(std::uint64_t next);
    bool add_value(stored_key& key, registry_value value);

    [[nodiscard]] registry_tree take() { return std::move(tree_); }
    [[nodiscard]] const registry_digest& digest() const { return tree_.digest(); }

private:
    bool set(stored_key& key, const key_data& data);

    registry_tree tree_;
    std::unordered_set<std::uint64_t> ids_;
};

} // namespace bridge::model
