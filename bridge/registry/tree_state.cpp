// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/tree_state.hpp"

#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/registry/intent.hpp"
#include "bridge/registry/restore.hpp"

#include <algorithm>
#include <cstring>

namespace bridge::registry {

tree_state::tree_state(model::registry_tree tree, std::uint64_t index)
    : tree_(std::move(tree)), index_(index), rows_index_(index) {}

void tree_state::apply(const log_entry& entry) {
    model::registry_outcome outcome;
    const auto batch = model::decode_batch(*entry.body);
    if (batch)
        outcome =
            completes_restore(*batch) ? apply_restore(tree_, *batch) : apply_guarded(tree_, *batch);
    else
        outcome.code = model::registry_errc::invalid;
    outcome.index = index_ = entry.index;
    if (batch)
        for (const handler& changed : watchers_)
            changed(*batch, outcome);
    outcomes_.emplace_back(entry.operation, std::move(outcome));
    if (outcomes_.size() > kept_outcomes)
        outcomes_.pop_front();
}

std::array<std::byte, 16> tree_state::digest() const {
    const model::registry_digest d = tree_.digest();
    std::array<std::byte, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::byte>(d.low >> (8 * i));
        bytes[8 + i] = static_cast<std::byte>(d.high >> (8 * i));
    }
    return bytes;
}

std::vector<std::byte> tree_state::save() const {
    return tree_.save();
}

bool tree_state::load(std::span<const std::byte> saved) {
    auto loaded = model::registry_tree::load(saved);
    if (!loaded)
        return false;
    tree_ = std::move(*loaded);
    replace_rows_ = true;
    for (const auto& told : replaced_)
        told();
    return true;
}

std::optional<model::registry_outcome> tree_state::outcome(const operation_id& of) const {
    const auto found = std::find_if(outcomes_.rbegin(), outcomes_.rend(),
                                    [&of](const auto& kept) { return kept.first == of; });
    if (found == outcomes_.rend())
        return std::nullopt;
    return found->second;
}

std::optional<row_changes> tree_state::take_rows() {
    if (!has_rows() && !replace_rows_)
        return std::nullopt;
    row_changes taken;
    taken.index = rows_index_ = index_;
    taken.everything = std::exchange(replace_rows_, false);
    auto rows = taken.everything ? tree_.all_rows() : tree_.take_rows();
    taken.rows.reserve(rows.size());
    for (model::registry_row& row : rows)
        taken.rows.push_back({std::move(row.key), std::move(row.value)});
    return taken;
}

} // namespace bridge::registry
