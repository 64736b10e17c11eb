// SPDX-License-Identifier: Apache-2.0
// Retries, unit attentions and the meaning of outcomes.
#include "sgpr/commands.hpp"
#include "sgpr/fake/disk.hpp"
#include "sgpr/path.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sgpr;
using fake::fault;
using fake::fault_kind;

class Path : public ::testing::Test {
protected:
    fake::disk disk_;
    fake::nexus_number nexus_ = disk_.connect(sas_transport_id(1), 1, "a");
    virtual_clock time_;
    path on_{disk_.open(nexus_), time_};

    result<bytes> ready() { return on_.execute(test_unit_ready_command()); }
};

TEST_F(Path, DrainsUnitAttentionsAndRecordsEach) {
    disk_.queue_attention(nexus_, 0x3f, 0x0e);
    disk_.queue_attention(nexus_, 0x2a, 0x04);
    disk_.queue_attention(nexus_, 0x2a, 0x05);
    EXPECT_TRUE(ready());
    const auto all = on_.take_attentions();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].kind, attention_kind::luns_changed);
    EXPECT_EQ(all[1].kind, attention_kind::reservations_released);
    EXPECT_EQ(all[2].kind, attention_kind::registrations_preempted);
    EXPECT_TRUE(on_.attentions().empty());
}

TEST_F(Path, EndsAfterUnitAttentionsWithoutEnd) {
    disk_.inject(nexus_,
                 {.kind = fault_kind::unit_attention, .times = 1000, .sense = {.code = 0x29}});
    const auto got = ready();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::aborted);
    EXPECT_EQ(disk_.commands_seen(nexus_), 1U + path::max_attentions);
}

TEST_F(Path, KeepsTheNewestAttentions) {
    for (int i = 0; i < 40; ++i) {
        disk_.queue_attention(nexus_, 0x29, static_cast<std::uint8_t>(i));
        ASSERT_TRUE(ready());
    }
    const auto all = on_.take_attentions();
    ASSERT_EQ(all.size(), path::attentions_kept);
    EXPECT_EQ(all.back().sense.qualifier, 39);
}

TEST_F(Path, TellsOfAPreemptedRegistrationInsteadOfGoingOn) {
    disk_.queue_attention(nexus_, 0x2a, 0x03);
    disk_.queue_attention(nexus_, 0x2a, 0x05);
    const auto got = on_.execute(test_unit_ready_command(), when_preempted::fail);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::registrations_preempted);
    EXPECT_EQ(on_.take_attentions().size(), 2U);
    EXPECT_TRUE(on_.execute(test_unit_ready_command(), when_preempted::fail));
}

TEST_F(Path, WaitsForABusyDevice) {
    disk_.inject(nexus_, {.kind = fault_kind::busy, .times = 2});
    disk_.inject(nexus_, {.kind = fault_kind::task_set_full});
    const auto start = time_.now();
    EXPECT_TRUE(ready());
    EXPECT_EQ(time_.now() - start, std::chrono::milliseconds(20 + 40 + 80));
}

TEST_F(Path, GivesUpOnADeviceThatStaysBusy) {
    disk_.inject(nexus_, {.kind = fault_kind::busy, .times = 1000});
    const auto start = time_.now();
    const auto got = ready();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::busy);
    EXPECT_EQ(disk_.commands_seen(nexus_), 1U + path::max_busy_retries);
    EXPECT_EQ(time_.now() - start, std::chrono::milliseconds(2540));
}

TEST_F(Path, NeverWaitsLongerThanTheCommandMayTake) {
    disk_.inject(nexus_, {.kind = fault_kind::busy, .times = 1000});
    auto what = test_unit_ready_command();
    what.timeout = std::chrono::milliseconds(100);
    const auto start = time_.now();
    EXPECT_EQ(on_.execute(what).error().code, errc::busy);
    EXPECT_EQ(time_.now() - start, std::chrono::milliseconds(60));
}

TEST_F(Path, WaitsForAUnitThatBecomesReady) {
    disk_.inject(nexus_, {.kind = fault_kind::sense,
                          .times = 2,
                          .sense = {.key = sense_key::not_ready, .code = 0x04, .qualifier = 0x0a}});
    EXPECT_TRUE(ready());
    disk_.inject(nexus_, {.kind = fault_kind::sense,
                          .sense = {.key = sense_key::not_ready, .code = 0x04, .qualifier = 0x03}});
    EXPECT_EQ(ready().error().code, errc::not_ready);
}

TEST_F(Path, SendsNothingTwiceWhoseFateIsUnknown) {
    for (const auto kind : {fault_kind::timeout, fault_kind::unreachable, fault_kind::gone}) {
        const auto before = disk_.commands_seen(nexus_);
        disk_.inject(nexus_, {.kind = kind});
        EXPECT_FALSE(ready());
        EXPECT_EQ(disk_.commands_seen(nexus_), before + 1);
    }
}

TEST_F(Path, RefusesDataInBothDirections) {
    auto what = read_10_command(0, 1, 512);
    what.data_out = bytes(512);
    EXPECT_EQ(on_.execute(what).error().code, errc::invalid);
    EXPECT_EQ(disk_.commands_seen(nexus_), 0U);
}

TEST_F(Path, KeepsTheSenseOfAFailure) {
    disk_.inject(nexus_,
                 {.kind = fault_kind::sense,
                  .sense = {.key = sense_key::medium_error, .code = 0x11, .information = 77}});
    const auto got = ready();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::medium);
    EXPECT_EQ(got.error().sense.information, 77U);
}

TEST_F(Path, AShortAnswerIsNotABlock) {
    const capacity size{.blocks = 2048, .block_size = 512};
    disk_.inject(nexus_, {.kind = fault_kind::short_data, .keep = 100});
    EXPECT_EQ(read_blocks(on_, size, 0, 1).error().code, errc::malformed);
    EXPECT_TRUE(read_blocks(on_, size, 0, 1));
}

TEST_F(Path, SendsNoBlocksOutsideTheUnit) {
    const capacity size{.blocks = 2048, .block_size = 512};
    EXPECT_EQ(read_blocks(on_, size, 2048, 1).error().code, errc::invalid);
    EXPECT_EQ(read_blocks(on_, size, 2047, 2).error().code, errc::invalid);
    EXPECT_EQ(read_blocks(on_, size, UINT64_MAX, 2).error().code, errc::invalid);
    EXPECT_EQ(read_blocks(on_, size, 0, 0).error().code, errc::invalid);
    EXPECT_EQ(write_blocks(on_, size, 0, bytes(100)).error().code, errc::invalid);
    EXPECT_EQ(read_blocks(on_, {.blocks = 9, .block_size = 0}, 0, 1).error().code, errc::invalid);
    EXPECT_EQ(disk_.commands_seen(nexus_), 0U);
}

TEST_F(Path, TellsAFullUnitFromAProtectedOne) {
    const capacity size{.blocks = 2048, .block_size = 512};
    disk_.set_full(true);
    EXPECT_EQ(write_blocks(on_, size, 0, bytes(512)).error().code, errc::no_space);
    disk_.set_full(false);
    disk_.set_write_protected(true);
    EXPECT_EQ(write_blocks(on_, size, 0, bytes(512)).error().code, errc::write_protected);
}

TEST_F(Path, FaultsOfOneCommandLeaveOthersAlone) {
    disk_.inject(nexus_, {.kind = fault_kind::conflict, .after = 1, .operation_code = 0x28});
    const capacity size{.blocks = 2048, .block_size = 512};
    EXPECT_TRUE(ready());
    EXPECT_TRUE(read_blocks(on_, size, 0, 1));
    EXPECT_TRUE(ready());
    EXPECT_EQ(read_blocks(on_, size, 0, 1).error().code, errc::reservation_conflict);
    EXPECT_TRUE(read_blocks(on_, size, 0, 1));
}

TEST(Outcome, OfEveryStatusHasAMeaning) {
    const auto of = [](scsi_status status) {
        outcome got;
        got.status = status;
        return failure_of(got);
    };
    EXPECT_FALSE(of(scsi_status::good));
    EXPECT_FALSE(of(scsi_status::condition_met));
    EXPECT_EQ(of(scsi_status::busy)->code, errc::busy);
    EXPECT_EQ(of(scsi_status::task_set_full)->code, errc::busy);
    EXPECT_EQ(of(scsi_status::reservation_conflict)->code, errc::reservation_conflict);
    EXPECT_EQ(of(scsi_status::task_aborted)->code, errc::aborted);
    EXPECT_EQ(of(scsi_status::check_condition)->code, errc::malformed) << "no sense data";
    EXPECT_EQ(of(scsi_status{0x55})->code, errc::malformed);
}

TEST(Outcome, OfEverySenseKeyHasAMeaning) {
    const auto of = [](const sense_data& sense) {
        outcome got;
        got.status = scsi_status::check_condition;
        got.sense = encode_sense(sense);
        return failure_of(got);
    };
    EXPECT_FALSE(of({.key = sense_key::recovered_error, .code = 0x17}));
    EXPECT_FALSE(of({.key = sense_key::no_sense}));
    EXPECT_EQ(of({.key = sense_key::illegal_request, .code = 0x20})->code, errc::unsupported);
    EXPECT_EQ(of({.key = sense_key::illegal_request, .code = 0x25})->code, errc::gone);
    EXPECT_EQ(of({.key = sense_key::illegal_request, .code = 0x24})->code, errc::invalid);
    EXPECT_EQ(of({.key = sense_key::hardware_error})->code, errc::hardware);
    EXPECT_EQ(of({.key = sense_key::aborted_command})->code, errc::aborted);
    EXPECT_EQ(of({.key = sense_key::data_protect, .code = 0x27, .qualifier = 7})->code,
              errc::no_space);
    EXPECT_EQ(of({.key = sense_key::volume_overflow})->code, errc::system);
}

} // namespace
