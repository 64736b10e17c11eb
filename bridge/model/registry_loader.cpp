// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_loader.hpp"

#include "bridge/model/registry_names.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace bridge::model {

bool registry_loader::set(stored_key& key, const key_data& data) {
    if (check_descriptor(data.descriptor) != registry_errc::none || data.version == 0)
        return false;
    key.last_write_ = data.last_write;
    key.version_ = data.version;
    tree_.set_descriptor(key, data.descriptor);
    tree_.rehash(key);
    return !tree_.full();
}

bool registry_loader::set_root(const key_data& data) {
    return data.name.empty() && set(*tree_.root_, data);
}

stored_key* registry_loader::add_key(stored_key& parent, key_data data) {
    if (check_component(data.name) != registry_errc::none || data.id <= root_id ||
        data.id > last_id || !ids_.insert(data.id).second)
        return nullptr;
    std::string folded = win32::fold(data.name);
    if (!parent.subkeys_.empty() && parent.subkeys_.back()->folded_ >= folded)
        return nullptr;
    stored_key& key = tree_.add_key(parent, std::move(data.name), std::move(folded));
    key.id_ = data.id;
    tree_.next_id_ = std::max(tree_.next_id_ - 1, data.id + 1); // add_key() took one
    if (check_path(key.path()) != registry_errc::none || !set(key, data))
        return nullptr;
    return &key;
}

bool registry_loader::set_next(std::uint64_t next) {
    if (next < tree_.next_id_ || next > last_id)
        return false;
    tree_.next_id_ = next;
    return true;
}

bool registry_loader::add_value(stored_key& key, registry_value value) {
    if (check_value(value) != registry_errc::none)
        return false;
    auto stored = std::make_unique<stored_key::stored_value>();
    stored->folded = win32::fold(value.name);
    if (!key.values_.empty() && key.values_.back()->folded >= stored->folded)
        return false;
    stored->hash = value_hash(key.place_, value);
    stored->value = std::move(value);
    tree_.put_value(key, std::move(stored));
    return !tree_.full();
}

} // namespace bridge::model
