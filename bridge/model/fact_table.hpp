// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bridge::model {

/// Facts of one kind in document order, found by identifier (exact, as Pacemaker compares). Each
/// fact is shared with the tables before and after; replacing one copies the pointers and shares
/// the index. `T` has `std::string id`.
template <class T>
class fact_table {
public:
    using pointer = std::shared_ptr<const T>;

    fact_table() = default;
    explicit fact_table(std::vector<pointer> facts)
        : facts_(std::move(facts)), index_(std::make_shared<const index>(make_index(facts_))) {}

    [[nodiscard]] auto begin() const { return facts_.begin(); }
    [[nodiscard]] auto end() const { return facts_.end(); }
    [[nodiscard]] std::size_t size() const { return facts_.size(); }
    [[nodiscard]] bool empty() const { return facts_.empty(); }
    [[nodiscard]] const pointer& operator[](std::size_t i) const { return facts_[i]; }

    /// Null when there is none; the first one in document order when identifiers repeat.
    [[nodiscard]] pointer find(std::string_view id) const {
        const std::size_t i = position(id);
        return i == size() ? nullptr : facts_[i];
    }

    /// Its place in the table; size() when there is none.
    [[nodiscard]] std::size_t position(std::string_view id) const {
        if (!index_)
            return facts_.size();
        const auto found = index_->find(id);
        return found == index_->end() ? facts_.size() : found->second;
    }

    /// No identifier repeats.
    [[nodiscard]] bool unambiguous() const { return !index_ || index_->size() == facts_.size(); }

    /// The same table with another fact of the same identifier at place `i`.
    [[nodiscard]] fact_table with(std::size_t i, pointer fact) const {
        fact_table changed = *this;
        changed.facts_[i] = std::move(fact);
        return changed;
    }

    /// The same table with what `change`(place, fact) makes of each fact; identifiers stay.
    template <class Change>
    [[nodiscard]] fact_table changed(Change change) const {
        fact_table made = *this;
        for (std::size_t i = 0; i < facts_.size(); ++i)
            made.facts_[i] = change(i, facts_[i]);
        return made;
    }

    /// True when both hold the same identifiers in the same order because one was made from the
    /// other by with().
    [[nodiscard]] bool same_index(const fact_table& other) const { return index_ == other.index_; }

    /// Content, not addresses.
    bool operator==(const fact_table& other) const {
        return std::equal(begin(), end(), other.begin(), other.end(),
                          [](const pointer& a, const pointer& b) { return a == b || *a == *b; });
    }

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using index = std::unordered_map<std::string, std::size_t, text_hash, std::equal_to<>>;

    static index make_index(const std::vector<pointer>& facts) {
        index made;
        made.reserve(facts.size());
        for (std::size_t i = 0; i < facts.size(); ++i)
            made.try_emplace(facts[i]->id, i);
        return made;
    }

    std::vector<pointer> facts_;
    std::shared_ptr<const index> index_;
};

} // namespace bridge::model
