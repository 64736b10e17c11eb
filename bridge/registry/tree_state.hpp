// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"
#include "bridge/registry/journal.hpp"
#include "bridge/registry/machine.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace bridge::registry {

/// The cluster registry's tree as what the replicated log means: each entry is one batch.
class tree_state final : public replicated_state {
public:
    using handler =
        std::function<void(const model::registry_batch&, const model::registry_outcome&)>;

    explicit tree_state(model::registry_tree tree, std::uint64_t index);

    /// A body that is no batch, from whatever member, does nothing, on all members alike.
    void apply(const log_entry& entry) override;
    [[nodiscard]] std::array<std::byte, 16> digest() const override;
    [[nodiscard]] std::vector<std::byte> save() const override;
    bool load(std::span<const std::byte> saved) override;

    [[nodiscard]] const model::registry_tree& tree() const { return tree_; }

    /// Called for each batch as it is applied, in order.
    void watch(handler changed) { watchers_.push_back(std::move(changed)); }
    /// Called when the whole tree was replaced by another member's.
    void watch_replacement(std::function<void()> replaced) { replaced_.push_back(replaced); }

    /// What came of an operation that was applied lately; nullopt when that is too long ago.
    [[nodiscard]] std::optional<model::registry_outcome> outcome(const operation_id& of) const;

    /// Rows that the tables lack, with the index that they stand for; nullopt when there are none.
    std::optional<row_changes> take_rows();
    [[nodiscard]] bool has_rows() const { return index_ != rows_index_; }
    /// The index that the rows stand for that were taken last.
    [[nodiscard]] std::uint64_t rows_index() const { return rows_index_; }

    /// The state that was loaded stands for this index.
    void loaded_at(std::uint64_t index) { index_ = index; }

private:
    static constexpr std::size_t kept_outcomes = 256;

    model::registry_tree tree_;
    std::uint64_t index_;      ///< of the last entry applied
    std::uint64_t rows_index_; ///< of the rows that were taken last
    bool replace_rows_ = false;
    std::deque<std::pair<operation_id, model::registry_outcome>> outcomes_;
    std::vector<handler> watchers_;
    std::vector<std::function<void()>> replaced_;
};

} // namespace bridge::registry
