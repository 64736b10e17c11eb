// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"

#include <map>
#include <utility>
#include <vector>

namespace bridge::tests {

/// What a journal must hold after writes, carried out in the plainest way.
class journal_reference {
public:
    journal_reference() = default;
    explicit journal_reference(const registry::journal_content& begin) : state_(begin.state) {
        for (const auto& row : begin.rows)
            rows_.emplace(row.key, *row.value);
        end_hash_ = state_.log.empty() ? state_.trimmed_hash : state_.log.back().hash;
    }

    void carry_out(const registry::journal_write& what) {
        if (what.promised)
            state_.promised = *what.promised;
        if (what.cut_after)
            std::erase_if(state_.log, [&](const auto& e) { return e.index > *what.cut_after; });
        if (what.restart_after) {
            state_.log.clear();
            std::tie(state_.trimmed, state_.trimmed_hash) = *what.restart_after;
        }
        state_.log.insert(state_.log.end(), what.append.begin(), what.append.end());
        if (what.installed)
            install(*what.installed);
        if (what.known_voters)
            state_.known_voters = *what.known_voters;
        while (what.trim_to && !state_.log.empty() && state_.log.front().index <= *what.trim_to) {
            state_.trimmed = state_.log.front().index;
            state_.trimmed_hash = state_.log.front().hash;
            state_.log.erase(state_.log.begin());
        }
        if (what.rows)
            put_rows(*what.rows);
        end_hash_ = state_.log.empty() ? state_.trimmed_hash : state_.log.back().hash;
    }

    /// Rows in the order of their keys.
    [[nodiscard]] registry::journal_content content() const {
        registry::journal_content out{state_, {}};
        for (const auto& [key, value] : rows_)
            out.rows.push_back({key, value});
        return out;
    }

    [[nodiscard]] std::uint64_t last() const { return state_.trimmed + state_.log.size(); }
    [[nodiscard]] const registry::history_hash& last_hash() const { return end_hash_; }
    [[nodiscard]] const registry::durable_state& state() const { return state_; }

private:
    void install(const registry::installation& what) {
        state_.lineage = what.lineage;
        state_.installed = what.epoch;
        state_.core = what.core;
        state_.lives = what.lives;
        state_.voters = what.voters;
        state_.known_voters = what.known_voters;
        state_.level = what.level;
    }

    void put_rows(const registry::row_changes& what) {
        if (what.everything)
            rows_.clear();
        for (const auto& row : what.rows) {
            rows_.erase(row.key);
            if (row.value)
                rows_.emplace(row.key, *row.value);
        }
        state_.applied = what.index;
    }

    registry::durable_state state_;
    registry::history_hash end_hash_{};
    std::map<std::vector<std::byte>, std::vector<std::byte>> rows_;
};

} // namespace bridge::tests
