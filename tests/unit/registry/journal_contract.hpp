// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/registry/journal_reference.hpp"
#include "tests/unit/registry/store_owner.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

/// What every `journal` does, the real one and its substitutes. A test file names its journal:
///     INSTANTIATE_TYPED_TEST_SUITE_P(Name, JournalContract, my_journal_under_test);
/// where my_journal_under_test is made without arguments, holds a journal that was blank when it
/// was first opened, and has
///     journal& get();
///     journal_content reopen();      // closes (all that was written is done by then), opens again
///     journal_content crash();       // stops as by a power cut, opens again
///     void run_until(Condition);     // runs the owner's thread
///     void fill_disk(), free_disk(); // from the next write on
///     void break_disk();             // from the next write on it fails, until crash()
namespace bridge::tests {

template <class Journal>
class JournalContract : public testing::Test {
protected:
    void write(registry::journal_write what) {
        reference_.carry_out(what);
        journal_.get().write(std::move(what), [this](registry::journal_errc code) {
            EXPECT_EQ(code, registry::journal_errc::none);
            ++done_;
        });
        ++made_;
    }

    /// Not carried out in the reference.
    void write_in_vain(registry::journal_write what) {
        journal_.get().write(std::move(what),
                             [this](registry::journal_errc code) { results_.push_back(code); });
    }

    void wait() {
        journal_.run_until([this] { return done_ == made_; });
    }

    void begin() { reference_ = journal_reference(journal_.reopen()); }

    registry::journal_write entries(int count, bool applied = false) {
        registry::journal_write out;
        entry_maker maker(reference_.last(), reference_.last_hash());
        for (int at = 0; at < count; ++at)
            out.append.push_back(maker.next("entry " + std::to_string(maker.index())));
        if (applied)
            out.rows = registry::row_changes{
                maker.index(), false, {row("key " + std::to_string(maker.index() % 5), "value")}};
        return out;
    }

    void expect(const registry::journal_content& found) {
        EXPECT_EQ(difference(found, reference_.content()), "");
    }

    Journal journal_;
    journal_reference reference_;
    std::size_t made_ = 0, done_ = 0;
    std::vector<registry::journal_errc> results_;
};

TYPED_TEST_SUITE_P(JournalContract);

TYPED_TEST_P(JournalContract, BeginsBlankWithAnIdThatItKeeps) {
    this->begin();
    const auto& state = this->reference_.state();
    EXPECT_NE(state.store, registry::random_id{});
    EXPECT_EQ(state.lineage, registry::random_id{});
    EXPECT_EQ(state.level, 1U);
    EXPECT_TRUE(state.log.empty());
    this->expect(this->journal_.reopen());
    this->expect(this->journal_.crash());
}

TYPED_TEST_P(JournalContract, KeepsEachPartOfAWriteThroughACrash) {
    this->begin();
    auto what = this->entries(5, true);
    what.promised = registry::epoch_id{3, 2};
    what.installed = an_installation(3);
    what.known_voters = std::vector<registry::voter>{{1, id(1)}};
    this->write(std::move(what));
    what = {};
    what.trim_to = 2;
    this->write(std::move(what));
    this->wait();
    this->expect(this->journal_.crash());
    this->expect(this->journal_.reopen());
}

TYPED_TEST_P(JournalContract, CarriesPartsOutInTheirOrder) {
    this->begin();
    this->write(this->entries(5));
    // Cut, go on, apply and trim: all in one.
    registry::journal_write what;
    what.cut_after = 3;
    entry_maker maker(3, this->reference_.state().log[2].hash);
    what.append = {maker.next("another fourth"), maker.next("another fifth")};
    what.trim_to = 4;
    what.rows = registry::row_changes{5, false, {row("a", "1"), row("a", "2"), no_row("b")}};
    this->write(std::move(what));
    this->wait();
    this->expect(this->journal_.crash());
}

TYPED_TEST_P(JournalContract, BeginsAgainBehindATransferredState) {
    this->begin();
    this->write(this->entries(5, true));
    registry::journal_write what;
    registry::history_hash hash{};
    hash.fill(std::byte{9});
    what.restart_after.emplace(70, hash);
    entry_maker maker(70, hash);
    what.append = {maker.next("seventy-first")};
    what.installed = an_installation(4);
    what.rows = registry::row_changes{70, true, {row("x", "1"), row("", "")}};
    this->write(std::move(what));
    this->write(this->entries(2, true));
    this->wait();
    this->expect(this->journal_.crash());
}

TYPED_TEST_P(JournalContract, CutsAndTrimsNothingThatIsNotThere) {
    this->begin();
    this->write(this->entries(4, true));
    registry::journal_write what;
    what.cut_after = 4;
    this->write(what);
    what.cut_after = 100;
    this->write(what);
    what = {};
    what.trim_to = 3;
    this->write(what);
    what.trim_to = 1;
    this->write(what);
    this->write({});
    this->wait();
    this->expect(this->journal_.reopen());
}

TYPED_TEST_P(JournalContract, CompletesInOrderAndNeverWithinTheCall) {
    this->begin();
    std::vector<int> order;
    for (int at = 0; at < 50; ++at) {
        auto what = this->entries(1, at % 2 == 0);
        this->reference_.carry_out(what);
        this->journal_.get().write(std::move(what), [&order, at](registry::journal_errc code) {
            EXPECT_EQ(code, registry::journal_errc::none);
            order.push_back(at);
        });
        EXPECT_TRUE(order.empty());
    }
    this->journal_.run_until([&] { return order.size() == 50; });
    EXPECT_TRUE(std::ranges::is_sorted(order));
    this->expect(this->journal_.reopen());
}

TYPED_TEST_P(JournalContract, AfterACrashHoldsAPrefixOfTheWritesWithAllThatWereDone) {
    this->begin();
    std::vector<journal_reference> states{this->reference_};
    std::size_t done = 0;
    for (int at = 0; at < 20; ++at) {
        auto what = this->entries(2, true);
        this->reference_.carry_out(what);
        states.push_back(this->reference_);
        this->journal_.get().write(std::move(what), [&](registry::journal_errc) { ++done; });
        if (at == 9)
            this->journal_.run_until([&] { return done >= 5; });
    }
    const auto known = done;
    const auto found = this->journal_.crash();
    const auto which = std::ranges::find_if(states, [&](const journal_reference& state) {
        return difference(state.content(), found).empty();
    });
    ASSERT_NE(which, states.end());
    EXPECT_GE(static_cast<std::size_t>(which - states.begin()), known);
}

TYPED_TEST_P(JournalContract, AFullDiskRefusesWholeWritesAndCanBeUsedOn) {
    this->begin();
    this->write(this->entries(2, true));
    this->wait();
    this->journal_.fill_disk();
    auto what = this->entries(3, true);
    what.promised = registry::epoch_id{9, 9};
    this->write_in_vain(what);
    this->write_in_vain({}); // made without knowing: refused, however small
    this->journal_.run_until([this] { return this->results_.size() == 2; });
    EXPECT_EQ(this->results_, std::vector(2, registry::journal_errc::full));
    this->journal_.free_disk();
    this->write(this->entries(1, true));
    this->wait();
    this->expect(this->journal_.crash());
}

TYPED_TEST_P(JournalContract, ABrokenDiskIsFinal) {
    this->begin();
    this->write(this->entries(2, true));
    this->wait();
    this->journal_.break_disk();
    this->write_in_vain(this->entries(1, true));
    this->journal_.run_until([this] { return this->results_.size() == 1; });
    this->write_in_vain({});
    this->journal_.run_until([this] { return this->results_.size() == 2; });
    EXPECT_EQ(this->results_, std::vector(2, registry::journal_errc::failed));
    // Nobody knows whether it reached the disk.
    const auto found = this->journal_.crash();
    auto with = this->reference_;
    with.carry_out(this->entries(1, true));
    EXPECT_TRUE(difference(found, this->reference_.content()).empty() ||
                difference(found, with.content()).empty());
}

REGISTER_TYPED_TEST_SUITE_P(JournalContract, BeginsBlankWithAnIdThatItKeeps,
                            KeepsEachPartOfAWriteThroughACrash, CarriesPartsOutInTheirOrder,
                            BeginsAgainBehindATransferredState, CutsAndTrimsNothingThatIsNotThere,
                            CompletesInOrderAndNeverWithinTheCall,
                            AfterACrashHoldsAPrefixOfTheWritesWithAllThatWereDone,
                            AFullDiskRefusesWholeWritesAndCanBeUsedOn, ABrokenDiskIsFinal);

} // namespace bridge::tests
