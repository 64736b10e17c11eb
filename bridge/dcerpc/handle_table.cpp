// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/handle_table.hpp"

#include <utility>

namespace bridge::dcerpc {

handle_table::~handle_table() {
    clear();
}

std::optional<win32::guid> handle_table::add(const interface& owner,
                                             std::shared_ptr<handle_object> object) {
    if (entries_.size() >= limit_ || (budget_ != nullptr && budget_->used >= budget_->limit)) {
        return std::nullopt;
    }
    const win32::guid handle = win32::random_guid();
    if (!entries_.try_emplace(handle, entry{&owner, std::move(object)}).second) {
        return std::nullopt;
    }
    if (budget_ != nullptr) {
        ++budget_->used;
    }
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
    const auto gone = std::move(found->second.object);
    entries_.erase(found);
    if (budget_ != nullptr) {
        --budget_->used;
    }
    return true;
}

void handle_table::clear() {
    const auto gone = std::exchange(entries_, {});
    if (budget_ != nullptr) {
        budget_->used -= gone.size();
    }
}

} // namespace bridge::dcerpc
