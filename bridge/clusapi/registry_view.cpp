// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/registry_view.hpp"

#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <utility>

namespace bridge::clusapi {

namespace {

/// No object's key is deeper than "kind\id\Parameters".
constexpr std::size_t projected_depth = 3;

/// The stored one that is at `index` when the covered ones are left out.
std::size_t uncovered(const std::vector<std::size_t>& covered, std::size_t index) {
    for (const std::size_t place : covered) {
        if (place > index)
            break;
        ++index;
    }
    return index;
}

} // namespace

merged_key::merged_key(std::optional<projected_key> projected, const model::stored_key* stored)
    : projected_(std::move(projected)), stored_(stored) {
    if (!projected_ || !stored_)
        return;
    for (const std::string& name : projected_->subkeys)
        if (const auto place = stored_->subkey_index(name))
            covered_subkeys_.push_back(*place);
    for (const model::registry_value& value : projected_->values)
        if (const auto place = stored_->value_index(value.name))
            covered_values_.push_back(*place);
    std::sort(covered_subkeys_.begin(), covered_subkeys_.end());
    std::sort(covered_values_.begin(), covered_values_.end());
}

std::size_t merged_key::subkey_count() const {
    return (projected_ ? projected_->subkeys.size() : 0) +
           (stored_ ? stored_->subkey_count() - covered_subkeys_.size() : 0);
}

const std::string& merged_key::subkey(std::size_t index) const {
    const std::size_t first = projected_ ? projected_->subkeys.size() : 0;
    if (index < first)
        return projected_->subkeys[index];
    return stored_->subkey(uncovered(covered_subkeys_, index - first)).name();
}

std::size_t merged_key::value_count() const {
    return (projected_ ? projected_->values.size() : 0) +
           (stored_ ? stored_->value_count() - covered_values_.size() : 0);
}

const model::registry_value& merged_key::value(std::size_t index) const {
    const std::size_t first = projected_ ? projected_->values.size() : 0;
    if (index < first)
        return projected_->values[index];
    return stored_->value(uncovered(covered_values_, index - first));
}

const model::registry_value* merged_key::find_value(std::string_view name) const {
    if (projected_)
        for (const model::registry_value& value : projected_->values)
            if (win32::equal_names(value.name, name))
                return &value;
    return stored_ ? stored_->find_value(name) : nullptr;
}

std::uint64_t merged_key::last_write() const {
    return stored_ ? stored_->last_write() : 0;
}

std::optional<merged_key> registry_view::find(std::string_view path) const {
    merged_key out(project(context_, path), tree_.find(path));
    if (!out.projected() && !out.stored())
        return std::nullopt;
    return out;
}

bool registry_view::is_projected(std::string_view path) const {
    return project(context_, path).has_value();
}

bool registry_view::is_projected(std::string_view path, std::string_view value_name) const {
    return clusapi::is_projected(context_, path, value_name);
}

std::vector<registry_view::level> registry_view::way_to(std::string_view path) const {
    std::vector<level> out;
    out.push_back({std::string(), true, &tree_.root()});
    std::size_t end = 0;
    while (end < path.size()) {
        const std::size_t begin = end == 0 ? 0 : end + 1;
        end = std::min(path.find('\\', begin), path.size());
        const model::stored_key* above = out.back().stored;
        const bool above_projected = out.back().projected;
        level& next = out.emplace_back();
        next.path = path.substr(0, end);
        next.projected =
            above_projected && out.size() <= projected_depth + 1 && is_projected(next.path);
        next.stored = above ? above->find_subkey(path.substr(begin, end - begin)) : nullptr;
    }
    return out;
}

} // namespace bridge::clusapi
