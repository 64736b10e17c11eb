// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/registry/journal_reference.hpp"
#include "tests/unit/registry/store_owner.hpp"

#include <deque>
#include <string>
#include <vector>

/// A run of a store that does a little of everything, and what must be found whenever it ends.
namespace bridge::tests {

/// Writes that are made without waiting between them.
using script_batch = std::vector<registry::journal_write>;

inline std::vector<script_batch> make_script() {
    std::vector<script_batch> out;
    journal_reference so_far;
    const auto add = [&](registry::journal_write what, bool new_batch = true) {
        so_far.carry_out(what);
        if (new_batch)
            out.emplace_back();
        out.back().push_back(std::move(what));
    };
    const auto made = [&] { return entry_maker(so_far.last(), so_far.last_hash()); };
    const auto append = [&](int count, std::size_t size, bool new_batch) {
        registry::journal_write what;
        auto maker = made();
        for (int at = 0; at < count; ++at)
            what.append.push_back(maker.next(std::string(size, static_cast<char>('a' + at % 26))));
        what.rows = registry::row_changes{so_far.last(), false, {}};
        for (int at = 0; at < count; ++at)
            what.rows->rows.push_back(
                row("key " + std::to_string(so_far.last() % 7 + 1), std::string(size / 2, 'v')));
        what.rows->rows.push_back(no_row("key " + std::to_string(so_far.last() % 5)));
        add(std::move(what), new_batch);
    };

    registry::journal_write what;
    what.promised = registry::epoch_id{1, 1};
    add(what);
    what = {};
    what.installed = an_installation(1);
    add(what);
    append(3, 40, true);
    for (int at = 0; at < 5; ++at)
        append(1, 100, at == 0); // share a transaction
    what = {};
    what.cut_after = so_far.last() - 1;
    what.append = {entry_maker(so_far.last() - 1, so_far.state().log.end()[-2].hash).next("other")};
    what.promised = registry::epoch_id{2, 2};
    add(what);
    append(1, 9000, true);
    what = {};
    what.trim_to = so_far.state().applied;
    what.known_voters = std::vector<registry::voter>{{1, id(1)}, {2, id(2)}};
    add(what);
    append(40, 3000, true); // larger than the limit of the WAL in these tests
    append(2, 10, true);
    what = {};
    registry::history_hash hash{};
    hash.fill(std::byte{7});
    what.restart_after.emplace(500, hash);
    what.rows = registry::row_changes{500, true, {}};
    for (int at = 0; at < 60; ++at)
        what.rows->rows.push_back(row("moved " + std::to_string(at), std::string(200, 'm')));
    what.installed = an_installation(9);
    add(what);
    for (int at = 0; at < 6; ++at)
        append(1, 200, at % 3 == 0);
    return out;
}

/// Runs the script's writes and remembers what came of them.
class script_run {
public:
    explicit script_run(std::vector<script_batch> script) : script_(std::move(script)) {}

    static registry::store_settings settings(const std::filesystem::path& file,
                                             const std::string& vfs) {
        auto out = store_owner::small(file);
        out.vfs = vfs;
        out.checkpoint_pages = 12; // so that there are some
        return out;
    }

    /// From opening to closing. Writes that end `full` are made again, together with those that
    /// were made behind them; `failed` ends the run.
    void run(const registry::store_settings& how) {
        store_owner owner(how);
        error_ = owner.error();
        if (error_)
            return;
        begin_ = owner.content();
        states_ = {journal_reference(begin_)};
        for (const auto& batch : script_) {
            for (std::size_t done = 0; done < batch.size() && !failed_;)
                done +=
                    make(owner, {batch.begin() + static_cast<std::ptrdiff_t>(done), batch.end()});
            if (failed_)
                break;
        }
        broken_ = owner.broken();
        owner.close();
    }

    /// Says what is wrong with what was found afterwards; empty: all as it must be.
    [[nodiscard]] std::string judge(const registry::journal_content& found) const {
        if (states_.empty()) // it was not even opened: any blank store will do
            return found.state.log.empty() && found.rows.empty() ? "" : "not blank";
        std::string out;
        for (auto at = completed_; at < states_.size(); ++at) {
            const auto differs = difference(states_[at].content(), found);
            if (differs.empty())
                return "";
            out += "write " + std::to_string(at) + ": " + differs + "\n";
        }
        return out;
    }

    [[nodiscard]] bool opened() const { return !states_.empty(); }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::size_t full() const { return full_; }
    [[nodiscard]] std::size_t completed() const { return completed_; }
    [[nodiscard]] const std::string& broken() const { return broken_; }
    [[nodiscard]] const std::optional<registry::open_error>& error() const { return error_; }
    [[nodiscard]] const std::string& wrong() const { return wrong_; }

private:
    /// Makes the writes at once; returns how many were done.
    std::size_t make(store_owner& owner, const script_batch& writes) {
        std::vector<registry::journal_errc> results;
        states_.resize(completed_ + 1);
        for (const auto& what : writes) {
            states_.push_back(states_.back());
            states_.back().carry_out(what);
            owner.store().write(what,
                                [&](registry::journal_errc code) { results.push_back(code); });
        }
        owner.loop().run_until([&] { return results.size() == writes.size(); });
        std::size_t done = 0;
        while (done < results.size() && results[done] == registry::journal_errc::none)
            ++done;
        completed_ += done;
        if (done == results.size())
            return done;
        // Nothing is done behind what was not.
        const auto first = results[done];
        for (auto at = done; at < results.size(); ++at)
            if (results[at] == registry::journal_errc::none)
                wrong_ += "a write behind one that failed was carried out; ";
        failed_ = std::ranges::find(results, registry::journal_errc::failed) != results.end();
        full_ += first == registry::journal_errc::full ? 1 : 0;
        return done;
    }

    std::vector<script_batch> script_;
    std::optional<registry::open_error> error_;
    registry::journal_content begin_;
    std::vector<journal_reference> states_; ///< after n writes
    std::size_t completed_ = 0, full_ = 0;
    bool failed_ = false;
    std::string broken_, wrong_;
};

} // namespace bridge::tests
