// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/association.hpp"

namespace bridge::dcerpc {

std::shared_ptr<association_group> association_registry::create() {
    std::uint32_t id = 0;
    // Random, so that the id of another client's group is not to be guessed.
    while (id == 0 || groups_.contains(id)) {
        id = win32::random_guid().data1;
    }
    auto group = std::make_shared<association_group>(id, handles_association_, budget_);
    group->connections_ = 1;
    groups_.emplace(id, group);
    return group;
}

std::shared_ptr<association_group> association_registry::join(std::uint32_t id) {
    const auto found = groups_.find(id);
    if (found == groups_.end()) {
        return nullptr;
    }
    ++found->second->connections_;
    return found->second;
}

void association_registry::leave(association_group& group) {
    if (--group.connections_ != 0) {
        return;
    }
    const auto found = groups_.find(group.id());
    if (found != groups_.end()) {
        const auto last = found->second;
        groups_.erase(found);
        last->handles.clear();
    }
}

} // namespace bridge::dcerpc
