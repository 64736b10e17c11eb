// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/object_registry.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The cluster registry as clients see it (MS-CMRP 3.1.1.2): one tree, two homes. What is stored
/// and what is projected from objects stands side by side; of two with the same name the projected
/// one is shown.
namespace bridge::clusapi {

/// A key at one moment. Indexes count what is projected first, in the snapshot's order, then what
/// is stored, sorted by name.
class merged_key {
public:
    merged_key(std::optional<projected_key> projected, const model::stored_key* stored);

    /// An object has it; it cannot be deleted.
    [[nodiscard]] bool projected() const { return projected_.has_value(); }
    /// Null: nothing of it is stored.
    [[nodiscard]] const model::stored_key* stored() const { return stored_; }

    [[nodiscard]] std::size_t subkey_count() const;
    [[nodiscard]] const std::string& subkey(std::size_t index) const;
    [[nodiscard]] std::size_t value_count() const;
    [[nodiscard]] const model::registry_value& value(std::size_t index) const;
    /// Null: no such value.
    [[nodiscard]] const model::registry_value* find_value(std::string_view name) const;
    [[nodiscard]] std::uint64_t last_write() const; ///< FILETIME; 0 while nothing is known of it

private:
    std::optional<projected_key> projected_;
    const model::stored_key* stored_;
    // Places of stored ones that a projected one covers, ascending.
    std::vector<std::size_t> covered_subkeys_;
    std::vector<std::size_t> covered_values_;
};

/// Lives as long as snapshot and tree do not change: within one call between two waits.
class registry_view {
public:
    registry_view(model::property_context context, const model::registry_tree& tree)
        : context_(std::move(context)), tree_(tree) {}

    /// nullopt: there is no such key.
    [[nodiscard]] std::optional<merged_key> find(std::string_view path) const;

    [[nodiscard]] bool is_projected(std::string_view path) const;
    [[nodiscard]] bool is_projected(std::string_view path, std::string_view value_name) const;

    /// A key on a way down.
    struct level {
        std::string path;
        bool projected = false;
        const model::stored_key* stored = nullptr;

        [[nodiscard]] bool exists() const { return projected || stored; }
    };
    /// From the root to the key, also through what does not exist.
    [[nodiscard]] std::vector<level> way_to(std::string_view path) const;

    [[nodiscard]] const model::property_context& context() const { return context_; }
    [[nodiscard]] const model::registry_tree& tree() const { return tree_; }

private:
    model::property_context context_;
    const model::registry_tree& tree_;
};

} // namespace bridge::clusapi
