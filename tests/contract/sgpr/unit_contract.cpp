// SPDX-License-Identifier: Apache-2.0
// All paths of one machine together.
#include "sgpr/logical_unit.hpp"
#include "tests/contract/sgpr/fixture.hpp"

#include <algorithm>
#include <utility>

namespace contract {
namespace {

using namespace sgpr;

using list = std::vector<key>;

class all_paths : public shared_unit {
protected:
    void SetUp() override {
        shared_unit::SetUp();
        unit_ = unit_of(rig_->open(side::a));
        ASSERT_TRUE(unit_);
    }

    static std::unique_ptr<logical_unit> unit_of(std::vector<std::unique_ptr<path>> paths) {
        std::unique_ptr<logical_unit> made;
        for (auto& one : paths) {
            if (!made) {
                auto opened = logical_unit::open(std::move(one));
                EXPECT_EQ(code(opened), good);
                made = opened ? std::move(*opened) : nullptr;
            } else if (made) {
                EXPECT_EQ(code(made->add_path(std::move(one))), good);
            }
        }
        return made;
    }

    [[nodiscard]] evidence best() const {
        return has(deviation::no_full_status) ? evidence::by_key : evidence::by_nexus;
    }

    std::unique_ptr<logical_unit> unit_;
};

TEST_P(all_paths, AreRegisteredTogetherAndJudgedOneByOne) {
    const auto report = unit_->register_everywhere(key_a);
    ASSERT_TRUE(report) << text(report.error());
    ASSERT_EQ(report->paths.size(), a_.size());
    EXPECT_TRUE(report->all_live_registered());
    for (const auto& one : report->paths) {
        EXPECT_TRUE(one.registered) << one.path;
        EXPECT_EQ(one.how, best()) << one.path;
        EXPECT_FALSE(one.problem) << one.path;
    }
    EXPECT_EQ(keys(b()), list(a_.size(), key_a));
}

TEST_P(all_paths, AreFoundUnregisteredThoughAnotherHasTheKey) {
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    ASSERT_EQ(code(register_and_ignore(*a_.back(), no_key)), good);
    ASSERT_EQ(code(register_and_ignore(b(), key_a)), good);
    const auto report = unit_->registered_paths();
    ASSERT_TRUE(report) << text(report.error());
    EXPECT_EQ(report->registered(), a_.size() - 1);
    EXPECT_FALSE(report->paths.back().registered);
    const auto mended = unit_->repair();
    ASSERT_TRUE(mended) << text(mended.error());
    EXPECT_TRUE(mended->all_live_registered());
    EXPECT_EQ(mended->registered(), a_.size());
}

TEST_P(all_paths, LeaveNothingWhenTheyUnregister) {
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    const auto reserved = unit_->reserve(registrants_only);
    ASSERT_TRUE(reserved) << text(reserved.error());
    EXPECT_TRUE(reserved->done);
    const auto report = unit_->unregister_everywhere();
    ASSERT_TRUE(report) << text(report.error());
    EXPECT_TRUE(report->none_registered());
    EXPECT_EQ(keys(b()), list{key_b});
    EXPECT_FALSE(held(b()));
    EXPECT_EQ(unit_->own(), no_key);
}

TEST_P(all_paths, MayAllWriteUnderTheReservationOfOne) {
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    ASSERT_EQ(code(unit_->reserve(registrants_only)), good);
    for (const auto& one : a_) {
        EXPECT_EQ(try_write(*one), good) << one->name();
    }
    EXPECT_EQ(try_write(b()), errc::reservation_conflict);
    const auto released = unit_->release(registrants_only);
    ASSERT_TRUE(released) << text(released.error());
    EXPECT_TRUE(released->done);
    EXPECT_FALSE(held(b()));
}

TEST_P(all_paths, ReleaseWhatALostPathHolds) {
    if (a_.size() < 2) {
        GTEST_SKIP() << "one path only";
    }
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    ASSERT_EQ(code(reserve(*a_[0], key_a, registrants_only)), good);
    ASSERT_TRUE(unit_->remove_path(a_[0]->name()));
    const auto released = unit_->release(registrants_only);
    ASSERT_TRUE(released) << text(released.error());
    EXPECT_TRUE(released->done);
    EXPECT_FALSE(held(b()));
    EXPECT_EQ(keys(b()), list(a_.size() - 1, key_a)) << "the lost path's registration is gone too";
}

TEST_P(all_paths, ReclaimWithoutAMomentUnregistered) {
    if (a_.size() < 2) {
        GTEST_SKIP() << "one path only";
    }
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    ASSERT_EQ(code(reserve(*a_[0], key_a, registrants_only)), good);
    ASSERT_TRUE(unit_->remove_path(a_[0]->name()));
    static_cast<void>(unit_->take_attentions());
    const auto report = unit_->reclaim(registrants_only, key_c);
    ASSERT_TRUE(report) << text(report.error());
    EXPECT_TRUE(report->all_live_registered());
    EXPECT_EQ(held(b()), (reservation{key_a, registrants_only}));
    EXPECT_EQ(keys(b()), list(a_.size() - 1, key_a));
    const auto told_us = unit_->take_attentions();
    // That the lost path's registration was preempted is told to any path where attentions are
    // shared.
    EXPECT_EQ(std::any_of(told_us.begin(), told_us.end(),
                          [](const attention& one) {
                              return one.kind == attention_kind::registrations_preempted;
                          }),
              has(deviation::node_shares_attentions));
    EXPECT_EQ(try_write(*a_[1]), good);
    EXPECT_EQ(try_write(*a_[0]),
              has(deviation::node_may_write) ? good : std::optional(errc::reservation_conflict));
}

TEST_P(all_paths, ShowWhatALostPathLeftBehind) {
    if (a_.size() < 2 || has(deviation::no_full_status)) {
        GTEST_SKIP() << "one path only, or the target cannot tell";
    }
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    auto stale = unit_->stale_registrations();
    ASSERT_TRUE(stale) << text(stale.error());
    EXPECT_TRUE(stale->empty());
    ASSERT_TRUE(unit_->remove_path(a_[0]->name()));
    stale = unit_->stale_registrations();
    ASSERT_TRUE(stale) << text(stale.error());
    ASSERT_EQ(stale->size(), 1U);
    EXPECT_EQ(text(stale->front().initiator), text(a_[0]->initiator().value()));
}

TEST_P(all_paths, RegisterANewOneBeforeItIsAdded) {
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    // The other initiator's path serves as a new one: it leads to the same unit by another nexus.
    auto other = rig_->open(side::b);
    const auto name = other.front()->name();
    ASSERT_EQ(code(unit_->add_path(std::move(other.front()))), good);
    EXPECT_EQ(keys(b()), list(a_.size() + 1, key_a));
    EXPECT_EQ(unit_->path_names().back(), name);
}

TEST_P(all_paths, TellThatTheyWerePreempted) {
    ASSERT_EQ(code(unit_->register_everywhere(key_a)), good);
    ASSERT_EQ(code(unit_->reserve(registrants_only)), good);
    ASSERT_EQ(code(register_key(b(), no_key, key_b)), good);
    ASSERT_EQ(code(preempt(b(), key_b, key_a, registrants_only)), good);
    EXPECT_EQ(code(unit_->execute(test_unit_ready_command(), when_preempted::fail)),
              has(deviation::preempts_as_clear) ? good
                                                : std::optional(errc::registrations_preempted));
    const auto all = unit_->take_attentions();
    ASSERT_FALSE(all.empty());
    EXPECT_EQ(all.back().kind, notice_of_preemption());
    const auto report = unit_->registered_paths();
    ASSERT_TRUE(report) << text(report.error());
    EXPECT_EQ(report->registered(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Target, all_paths, ::testing::ValuesIn(rigs()), rig_name);

} // namespace
} // namespace contract
