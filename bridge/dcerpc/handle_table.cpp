// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/handle_table.hpp"

#include <utility>

namespace bridge::dcerpc {

handle_budget::holder* handle_budget::take(std::string_view name) {
    if (used_ >= limit_) {
        return nullptr;
    }
    const auto place = holders_.try_emplace(std::string(name), 0).first;
    if (place->second >= limit_of_holder_) {
        return nullptr;
    }
    ++used_;
    ++place->second;
    return &*place;
}

void handle_budget::give_back(holder* of) {
    --used_;
    if (--of->second == 0) {
        holders_.erase(holders_.find(of->first));
    }
}

handle_table::~handle_table() {
    clear();
}

std::optional<win32::guid> handle_table::add(const interface& owner,
                                             std::shared_ptr<handle_object> object,
                                             std::string_view holder) {
    const win32::guid handle = win32::random_guid();
    if (entries_.size() >= limit_ || entries_.contains(handle)) {
        return std::nullopt;
    }
    auto* counted = budget_ == nullptr ? nullptr : budget_->take(holder);
    if (budget_ != nullptr && counted == nullptr) {
        return std::nullopt;
    }
    entries_.emplace(handle, entry{&owner, std::move(object), counted});
    return handle;
}

std::shared_ptr<handle_object> handle_table::find(const interface& owner,
                                                  const win32::guid& handle) const {
    const auto found = entries_.find(handle);
    if (found == entries_.end() || found->second.owner != &owner) {
        return nullptr;
    }
    return found->second.object;
}

bool handle_table::remove(const interface& owner, const win32::guid& handle) {
    const auto found = entries_.find(handle);
    if (found == entries_.end() || found->second.owner != &owner) {
        return false;
    }
    // The rundown may look at this table; it must find it without the handle.
    const auto gone = std::move(found->second);
    entries_.erase(found);
    if (gone.counted != nullptr) {
        budget_->give_back(gone.counted);
    }
    return true;
}

void handle_table::clear() {
    const auto gone = std::exchange(entries_, {});
    for (const auto& [handle, each] : gone) {
        if (each.counted != nullptr) {
            budget_->give_back(each.counted);
        }
    }
}

} // namespace bridge::dcerpc
