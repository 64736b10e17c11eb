// SPDX-License-Identifier: Apache-2.0
// Paths that fail, come back or lead elsewhere.
#include "sgpr/commands.hpp"
#include "sgpr/fake/disk.hpp"
#include "sgpr/logical_unit.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sgpr;
using fake::fault_kind;

constexpr key own{0xaa};
constexpr key other{0xbb};
constexpr auto type = reservation_type::write_exclusive_registrants_only;
constexpr std::uint8_t reserve_out = 0x5f;

class LogicalUnit : public ::testing::Test {
protected:
    void SetUp() override { unit_ = open(disk_); }

    std::unique_ptr<logical_unit> open(fake::disk& disk) {
        auto made = logical_unit::open(std::make_unique<path>(disk.open(0), time_));
        EXPECT_TRUE(made);
        EXPECT_TRUE((*made)->add_path(std::make_unique<path>(disk.open(1), time_)));
        return std::move(*made);
    }
    static void connect_all(fake::disk& disk) {
        disk.connect(iscsi_transport_id("iqn.2026-01.example:a", {0, 2, 0x3d, 0, 0, 1}), 1, "a1");
        disk.connect(iscsi_transport_id("iqn.2026-01.example:a", {0, 2, 0x3d, 0, 0, 2}), 2, "a2");
        disk.connect(sas_transport_id(0xb1), 1, "b1");
    }
    struct connected : fake::disk {
        explicit connected(const fake::settings& how = {}) : fake::disk(how) { connect_all(*this); }
    };

    connected disk_;
    virtual_clock time_;
    std::unique_ptr<logical_unit> unit_;
};

TEST_F(LogicalUnit, RefusesAPathToAnotherUnit) {
    connected elsewhere({.identity = 2});
    const auto got = unit_->add_path(std::make_unique<path>(elsewhere.open(2), time_));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::invalid);
    EXPECT_EQ(unit_->path_names().size(), 2U);
}

TEST_F(LogicalUnit, RefusesAPathThatItHas) {
    EXPECT_EQ(unit_->add_path(std::make_unique<path>(disk_.open(0), time_)).error().code,
              errc::invalid);
}

TEST_F(LogicalUnit, DoesNotAddAPathThatCannotBeRegistered) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    disk_.inject(2, {.kind = fault_kind::conflict, .times = 9, .operation_code = reserve_out});
    const auto got = unit_->add_path(std::make_unique<path>(disk_.open(2), time_));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::reservation_conflict);
    EXPECT_EQ(unit_->find_path("b1"), nullptr);
}

TEST_F(LogicalUnit, RegistersWithoutAPathThatIsDown) {
    disk_.set_path(0, false);
    const auto report = unit_->register_everywhere(own);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->all_live_registered());
    EXPECT_EQ(report->registered(), 1U);
    EXPECT_EQ(report->paths[0].problem->code, errc::transport);
    disk_.set_path(0, true);
    EXPECT_EQ(unit_->registered_paths()->registered(), 1U);
    EXPECT_FALSE(unit_->registered_paths()->all_live_registered());
    EXPECT_EQ(unit_->repair()->registered(), 2U);
}

TEST_F(LogicalUnit, SaysSoIfNoPathAnswers) {
    disk_.set_path(0, false);
    disk_.set_path(1, false);
    EXPECT_EQ(unit_->register_everywhere(own).error().code, errc::transport);
    EXPECT_EQ(unit_->read_picture().error().code, errc::transport);
    EXPECT_EQ(unit_->execute(test_unit_ready_command()).error().code, errc::transport);
}

TEST_F(LogicalUnit, ReservesThroughThePathThatAnswers) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    disk_.set_path(0, false);
    const auto got = unit_->reserve(type);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->done);
    EXPECT_EQ(disk_.held(), (reservation{own, type}));
}

TEST_F(LogicalUnit, IsNotReservedTwiceIfOnlyTheAnswerWasLost) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    disk_.inject(0,
                 {.kind = fault_kind::timeout, .operation_code = reserve_out, .carried_out = true});
    const auto seen = disk_.commands_seen(1);
    const auto got = unit_->reserve(type);
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->done);
    EXPECT_EQ(disk_.commands_seen(1), seen) << "the first path read back that it was done";
}

TEST_F(LogicalUnit, NeverSendsAWriteTwiceWhoseFateIsUnknown) {
    disk_.inject(0, {.kind = fault_kind::timeout});
    EXPECT_EQ(unit_->execute(write_10_command(0, 1, bytes(512))).error().code, errc::timeout);
    disk_.inject(0, {.kind = fault_kind::gone});
    EXPECT_TRUE(unit_->execute(write_10_command(0, 1, bytes(512)))) << "it was not carried out";
    disk_.inject(1, {.kind = fault_kind::timeout});
    EXPECT_TRUE(unit_->execute(read_10_command(0, 1, 512)));
}

TEST_F(LogicalUnit, RepairsANewSession) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    disk_.log_in_again(0, {0, 2, 0x3d, 0, 0, 9});
    const auto report = unit_->registered_paths();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->paths[0].registered);
    EXPECT_TRUE(report->paths[1].registered);
    ASSERT_EQ(unit_->stale_registrations()->size(), 1U);
    EXPECT_EQ(unit_->stale_registrations()->front().initiator.session,
              (initiator_session{0, 2, 0x3d, 0, 0, 1}));
    EXPECT_TRUE(unit_->repair()->all_live_registered());
    EXPECT_EQ(disk_.status().registrations.size(), 3U);
    const auto clean = unit_->reclaim(type, key(0xa0));
    ASSERT_TRUE(clean);
    EXPECT_TRUE(clean->all_live_registered());
    EXPECT_TRUE(unit_->stale_registrations()->empty());
    EXPECT_EQ(disk_.status().registrations.size(), 2U);
}

TEST_F(LogicalUnit, ReclaimsWhatAnOldSessionHolds) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    ASSERT_TRUE(unit_->reserve(type)->done);
    disk_.log_in_again(0, {0, 2, 0x3d, 0, 0, 9});
    ASSERT_TRUE(unit_->repair());
    for (const auto interim : {no_key, key(0xa0)}) {
        const auto report = unit_->reclaim(type, interim);
        ASSERT_TRUE(report);
        EXPECT_TRUE(report->all_live_registered());
        EXPECT_EQ(report->registered(), 2U);
        EXPECT_EQ(disk_.held(), (reservation{own, type}));
        EXPECT_EQ(disk_.status().registrations.size(), 2U);
    }
}

TEST_F(LogicalUnit, RefusesToReclaimWithItsOwnKey) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    EXPECT_EQ(unit_->reclaim(type, own).error().code, errc::invalid);
}

TEST_F(LogicalUnit, UnregistersWhatAPathThatIsDownLeft) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    ASSERT_TRUE(unit_->reserve(type)->done);
    disk_.set_path(0, false);
    const auto report = unit_->unregister_everywhere();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->none_registered());
    EXPECT_TRUE(disk_.status().registrations.empty());
    EXPECT_FALSE(disk_.held());
}

TEST_F(LogicalUnit, LeavesOthersAloneWhenItUnregisters) {
    path theirs(disk_.open(2), time_);
    ASSERT_TRUE(register_key(theirs, no_key, other));
    ASSERT_TRUE(unit_->register_everywhere(own));
    ASSERT_TRUE(unit_->reserve(type)->done);
    ASSERT_TRUE(unit_->unregister_everywhere());
    ASSERT_EQ(disk_.status().registrations.size(), 1U);
    EXPECT_EQ(disk_.status().registrations[0].registered, other);
}

TEST_F(LogicalUnit, ReleasesOnlyTheTypeThatWasMeant) {
    ASSERT_TRUE(unit_->register_everywhere(own));
    ASSERT_TRUE(unit_->reserve(type)->done);
    const auto got = unit_->release(reservation_type::write_exclusive);
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->done);
    EXPECT_EQ(disk_.held(), (reservation{own, type}));
}

TEST_F(LogicalUnit, NeedsAKeyToChangeAnything) {
    EXPECT_EQ(unit_->reserve(type).error().code, errc::invalid);
    EXPECT_EQ(unit_->release(type).error().code, errc::invalid);
    EXPECT_EQ(unit_->preempt(other, type).error().code, errc::invalid);
    EXPECT_EQ(unit_->clear().error().code, errc::invalid);
    EXPECT_EQ(unit_->repair().error().code, errc::invalid);
    EXPECT_EQ(unit_->register_everywhere(no_key).error().code, errc::invalid);
}

TEST_F(LogicalUnit, WorksOnATargetWithoutFullStatus) {
    connected plain({.target = fake::profile::tgt()});
    auto unit = open(plain);
    ASSERT_TRUE(unit->register_everywhere(own)->all_live_registered());
    path first(plain.open(0), time_);
    ASSERT_TRUE(register_and_ignore(first, no_key));
    const auto report = unit->registered_paths();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->paths[0].registered) << "only the other path's key is there";
    EXPECT_TRUE(report->paths[1].registered);
    EXPECT_EQ(report->paths[1].how, evidence::by_test);
    EXPECT_TRUE(unit->repair()->all_live_registered());
    ASSERT_TRUE(unit->reserve(type)->done);
    EXPECT_TRUE(unit->release(type)->done);
    ASSERT_TRUE(unit->unregister_everywhere());
    EXPECT_TRUE(plain.status().registrations.empty());
}

TEST_F(LogicalUnit, ClearsForEverybody) {
    path theirs(disk_.open(2), time_);
    ASSERT_TRUE(register_key(theirs, no_key, other));
    ASSERT_TRUE(unit_->register_everywhere(own));
    EXPECT_TRUE(unit_->clear()->done);
    EXPECT_TRUE(disk_.status().registrations.empty());
}

} // namespace
