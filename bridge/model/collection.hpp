// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/upcase.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bridge::model {

/// The objects of one kind in a snapshot, in a stable order, found by identifier or name without
/// regard to case. Objects are shared with the snapshots before and after. `T` has `std::string id,
/// name`; an empty id is not indexed.
template <class T>
class collection {
public:
    using pointer = std::shared_ptr<const T>;

    collection() = default;
    explicit collection(std::vector<pointer> objects)
        : objects_(std::move(objects)), index_(std::make_shared<const index>(objects_)) {}

    /// Same identifiers and names in the same order as `before`: its index is shared.
    collection(std::vector<pointer> objects, const collection& before)
        : objects_(std::move(objects)), index_(before.index_) {}

    [[nodiscard]] auto begin() const { return objects_.begin(); }
    [[nodiscard]] auto end() const { return objects_.end(); }
    [[nodiscard]] std::size_t size() const { return objects_.size(); }
    [[nodiscard]] bool empty() const { return objects_.empty(); }
    [[nodiscard]] const pointer& operator[](std::size_t i) const { return objects_[i]; }

    /// By identifier first, then by name; null when there is none.
    [[nodiscard]] pointer find(std::string_view id_or_name) const {
        const std::string key = win32::fold(id_or_name);
        if (auto found = at(&index::ids, key))
            return found;
        return at(&index::names, key);
    }

    /// By identifier; null when there is none.
    [[nodiscard]] pointer find_id(std::string_view id) const {
        return at(&index::ids, win32::fold(id));
    }

private:
    struct index {
        explicit index(const std::vector<pointer>& objects) {
            for (std::size_t i = 0; i < objects.size(); ++i) {
                if (!objects[i]->id.empty())
                    ids.try_emplace(win32::fold(objects[i]->id), i);
                names.try_emplace(win32::fold(objects[i]->name), i);
            }
        }
        std::unordered_map<std::string, std::size_t> ids;
        std::unordered_map<std::string, std::size_t> names;
    };

    [[nodiscard]] pointer at(std::unordered_map<std::string, std::size_t> index::*map,
                             const std::string& key) const {
        if (!index_)
            return nullptr;
        const auto found = ((*index_).*map).find(key);
        return found == ((*index_).*map).end() ? nullptr : objects_[found->second];
    }

    std::vector<pointer> objects_;
    std::shared_ptr<const index> index_;
};

} // namespace bridge::model
