// SPDX-License-Identifier: Apache-2.0
// PERSISTENT RESERVE IN's answers and OUT's parameter lists as bytes.
#include "sgpr/path.hpp"
#include "sgpr/persistent_reservation.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace {

using namespace sgpr;

/// Answers what it is given and keeps what it was sent.
class scripted final : public transport {
public:
    outcome submit(const command& what) override {
        sent.push_back(what);
        outcome next;
        if (!answers.empty()) {
            next.data = answers.front();
            answers.pop_front();
        }
        return next;
    }
    std::string name() const override { return "scripted"; }
    std::optional<transport_id> initiator() const override { return std::nullopt; }

    std::deque<bytes> answers;
    std::vector<command> sent;
};

class ReservationBytes : public ::testing::Test {
protected:
    scripted* device_ = new scripted; // the path's
    virtual_clock time_;
    path on_{std::unique_ptr<transport>(device_), time_};

    bytes cdb() const {
        const auto view = device_->sent.back().cdb.view();
        return {view.begin(), view.end()};
    }
    const bytes& list() const { return device_->sent.back().data_out; }
};

TEST(RegisteredKeys, AreReadAndCounted) {
    const auto got = parse_registered_keys(
        bytes{0, 0, 0, 7, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0, 0, 0, 0, 0, 0, 0, 0xaa});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->generation, 7U);
    EXPECT_EQ(got->count(key(0xaa)), 2U);
    EXPECT_EQ(got->count(key(0xbb)), 0U);
}

TEST(RegisteredKeys, ThatContradictTheirLengthAreRefused) {
    EXPECT_FALSE(parse_registered_keys(bytes{0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_FALSE(parse_registered_keys(bytes{0, 0, 0, 7, 0, 0, 0, 4, 0, 0, 0, 0}));
    EXPECT_FALSE(parse_registered_keys(bytes{0, 0, 0, 7, 0, 0, 0}));
    EXPECT_FALSE(parse_registered_keys(bytes{0, 0, 0, 7, 0xff, 0xff, 0xff, 0xf8}));
    bytes many(8 + 8 * (max_registrations + 1));
    many[5] = 0;
    many[6] = 0xff;
    many[7] = 0xf8;
    EXPECT_FALSE(parse_registered_keys(many));
}

TEST(ReservationState, IsReadOrNone) {
    EXPECT_FALSE(parse_reservation(bytes{0, 0, 0, 1, 0, 0, 0, 0})->held);
    const auto got = parse_reservation(
        bytes{0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0, 0, 0, 0, 0, 0x05, 0, 0});
    ASSERT_TRUE(got && got->held);
    EXPECT_EQ(got->held->holder, key(0xaa));
    EXPECT_EQ(got->held->type, reservation_type::write_exclusive_registrants_only);
}

TEST(ReservationState, OfAnotherScopeOrLengthIsRefused) {
    EXPECT_FALSE(parse_reservation(
        bytes{0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0, 0, 0, 0, 0, 0x15, 0, 0}));
    EXPECT_FALSE(parse_reservation(bytes{0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0xaa}));
    EXPECT_FALSE(parse_reservation(bytes{0, 0, 0, 1, 0, 0, 0, 16, 0, 0}));
}

TEST(Capabilities, AreThoseThatLioSends) {
    const auto got = parse_reservation_capabilities(bytes{0, 8, 0x1d, 0x81, 0xea, 0x01, 0, 0});
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->replaces_reserve_release && got->specify_initiators && got->all_target_ports);
    EXPECT_TRUE(got->persists && got->persistence_active && got->types_told);
    for (const auto type : all_reservation_types) {
        EXPECT_TRUE(got->supports(type));
    }
    EXPECT_FALSE(got->supports(reservation_type{2}));
    EXPECT_FALSE(parse_reservation_capabilities(bytes{0, 7, 0, 0, 0, 0, 0, 0}));
    EXPECT_FALSE(parse_reservation_capabilities(bytes{0, 8, 0, 0, 0, 0, 0}));
}

TEST(Capabilities, WithoutTypesSupportAll) {
    const auto got = parse_reservation_capabilities(bytes{0, 8, 0, 0, 0, 0, 0, 0});
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->supports(reservation_type::write_exclusive));
}

bytes one_registration() {
    bytes raw{0, 0, 0, 3, 0, 0, 0, 48};
    raw.resize(8 + 48);
    raw[8 + 7] = 0xaa;
    raw[8 + 12] = 0x01;
    raw[8 + 13] = 0x05;
    raw[8 + 19] = 2;
    raw[8 + 23] = 24;
    raw[8 + 24] = 0x06;
    raw[8 + 28] = 0x60;
    return raw;
}

TEST(FullStatus, NamesHolderPortAndInitiator) {
    const auto got = parse_full_status(one_registration());
    ASSERT_TRUE(got);
    ASSERT_EQ(got->registrations.size(), 1U);
    const auto& one = got->registrations[0];
    EXPECT_EQ(one.registered, key(0xaa));
    EXPECT_EQ(one.holds, reservation_type::write_exclusive_registrants_only);
    EXPECT_EQ(one.relative_target_port, 2);
    EXPECT_EQ(one.initiator, sas_transport_id(0x6000000000000000));
}

TEST(FullStatus, OfNobodyIsEmpty) {
    EXPECT_TRUE(parse_full_status(bytes{0, 0, 0, 3, 0, 0, 0, 0})->registrations.empty());
}

TEST(FullStatus, ThatIsCutOffAnywhereIsRefused) {
    const auto whole = one_registration();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_full_status(byte_view(whole).first(size))) << size;
    }
}

TEST(FullStatus, WithALengthThatIsNotThereIsRefused) {
    auto raw = one_registration();
    raw[8 + 23] = 25;
    EXPECT_FALSE(parse_full_status(raw));
    raw[8 + 23] = 23;
    EXPECT_FALSE(parse_full_status(raw)) << "a TransportID of 23 bytes";
    raw[8 + 20] = 0xff;
    EXPECT_FALSE(parse_full_status(raw));
}

TEST_F(ReservationBytes, ASecondReadHasRoomForAll) {
    bytes cut{0, 0, 0, 1, 0, 0, 0x20, 0x00};
    cut.resize(8192);
    bytes whole = cut;
    whole.resize(8 + 0x2000);
    device_->answers = {cut, whole};
    const auto got = read_keys(on_);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->keys.size(), 1024U);
    EXPECT_EQ(device_->sent.size(), 2U);
    EXPECT_GT(device_->sent[1].data_in_length, 8 + 0x2000U);
}

TEST_F(ReservationBytes, AnEndlessListIsRefused) {
    bytes endless{0, 0, 0, 1, 0x7f, 0, 0, 0};
    endless.resize(8192);
    device_->answers = {endless, endless};
    EXPECT_EQ(read_keys(on_).error().code, errc::malformed);
    EXPECT_EQ(device_->sent.size(), 2U);
}

TEST_F(ReservationBytes, RegisterSendsBothKeysAndItsFlags) {
    ASSERT_TRUE(register_key(on_, key(0x1122334455667788), key(0xaa),
                             {.persist = true, .all_target_ports = true}));
    EXPECT_EQ(cdb(), (bytes{0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0}));
    EXPECT_EQ(list(), (bytes{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0,    0, 0, 0,
                             0,    0,    0,    0xaa, 0,    0,    0,    0,    0x05, 0, 0, 0}));
}

TEST_F(ReservationBytes, RegisterNamesOtherInitiators) {
    ASSERT_TRUE(register_key(on_, no_key, key(0xaa),
                             {.initiators = {sas_transport_id(1), sas_transport_id(2)}}));
    ASSERT_EQ(list().size(), 24U + 4 + 48);
    EXPECT_EQ(list()[20], 0x08);
    EXPECT_EQ(list()[27], 48);
    EXPECT_EQ(cdb()[8], 76);
}

TEST_F(ReservationBytes, IgnoringTheOldKeyNamesNoOthers) {
    const auto got = register_and_ignore(on_, key(1), {.initiators = {sas_transport_id(1)}});
    EXPECT_EQ(got.error().code, errc::invalid);
    EXPECT_TRUE(device_->sent.empty());
}

TEST_F(ReservationBytes, EachServiceActionHasItsNumberAndType) {
    const auto type = reservation_type::exclusive_access_registrants_only;
    const auto sent = [&] { return std::pair(cdb()[1], cdb()[2]); };
    static_cast<void>(reserve(on_, key(1), type));
    EXPECT_EQ(sent(), (std::pair<std::uint8_t, std::uint8_t>(1, 6)));
    static_cast<void>(release(on_, key(1), type));
    EXPECT_EQ(sent(), (std::pair<std::uint8_t, std::uint8_t>(2, 6)));
    static_cast<void>(clear(on_, key(1)));
    EXPECT_EQ(sent(), (std::pair<std::uint8_t, std::uint8_t>(3, 0)));
    static_cast<void>(preempt(on_, key(1), key(2), type));
    EXPECT_EQ(sent(), (std::pair<std::uint8_t, std::uint8_t>(4, 6)));
    static_cast<void>(preempt_and_abort(on_, key(1), key(2), type));
    EXPECT_EQ(sent(), (std::pair<std::uint8_t, std::uint8_t>(5, 6)));
    EXPECT_EQ(list()[7], 1);
    EXPECT_EQ(list()[15], 2);
    static_cast<void>(register_and_ignore(on_, key(1)));
    EXPECT_EQ(cdb()[1], 6);
}

TEST_F(ReservationBytes, MoveSendsTheDestination) {
    static_cast<void>(register_and_move(on_, key(1), key(2), sas_transport_id(9), 0x0304,
                                        {.unregister = true, .persist = true}));
    EXPECT_EQ(cdb()[1], 7);
    ASSERT_EQ(list().size(), 48U);
    EXPECT_EQ(list()[17], 0x03);
    EXPECT_EQ(list()[18], 3);
    EXPECT_EQ(list()[19], 4);
    EXPECT_EQ(list()[23], 24);
    EXPECT_EQ(list()[24], 0x06);
}

} // namespace
