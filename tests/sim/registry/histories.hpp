// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/messages.hpp"

#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

namespace registry_sim {

using bridge::registry::history_hash;
using bridge::registry::log_entry;
using bridge::registry::operation_id;

/// Every history that any log ever held, as a tree. 0 is the empty one.
class histories {
public:
    struct item {
        int parent = 0;
        std::uint64_t index = 0;
        history_hash hash{};
        operation_id operation;
        bridge::registry::epoch_id epoch;
        std::uint8_t kind = 0;
        bridge::registry::shared_bytes body;
    };

    histories() : items_(1) { ids_[{}] = 0; }

    int add(int parent, const log_entry& e) {
        const auto [found, fresh] = ids_.try_emplace(e.hash, static_cast<int>(items_.size()));
        if (fresh)
            items_.push_back({parent, e.index, e.hash, e.operation, e.epoch, e.kind, e.body});
        return found->second;
    }
    [[nodiscard]] std::optional<int> find(const history_hash& hash) const {
        const auto found = ids_.find(hash);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] const item& operator[](int h) const {
        return items_[static_cast<std::size_t>(h)];
    }
    /// The part of h up to this index.
    [[nodiscard]] int cut(int h, std::uint64_t index) const {
        while ((*this)[h].index > index)
            h = (*this)[h].parent;
        return h;
    }
    [[nodiscard]] bool prefix(int shorter, int longer) const {
        return cut(longer, (*this)[shorter].index) == shorter;
    }
    [[nodiscard]] bool holds(int h, const operation_id& operation) const {
        for (; h != 0; h = (*this)[h].parent)
            if ((*this)[h].operation == operation)
                return true;
        return false;
    }

private:
    struct first_bytes {
        std::size_t operator()(const history_hash& h) const {
            std::size_t value = 0;
            std::memcpy(&value, h.data(), sizeof value);
            return value;
        }
    };
    std::vector<item> items_;
    std::unordered_map<history_hash, int, first_bytes> ids_;
};

} // namespace registry_sim
