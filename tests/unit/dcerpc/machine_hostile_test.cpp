// SPDX-License-Identifier: Apache-2.0
// Peers that announce much, send little, never end or do not read.
#include "tests/unit/dcerpc/machine_fixture.hpp"

namespace bridge::dcerpc::test {
namespace {

using auth::protection_level;

bytes some(std::size_t count) {
    return bytes(count, std::byte{0x42});
}

bytes fragment(std::uint8_t flags, std::size_t size, std::uint16_t opnum = 0,
               std::uint32_t call_id = 2) {
    request_options o;
    o.flags = flags;
    o.stub = some(size);
    o.opnum = opnum;
    o.call_id = call_id;
    return make_request(o);
}

/// Logs on at level connect, where requests need no token.
void log_on(driver& client) {
    client.login(protection_level::connect);
}

TEST(Memory, OfStrangersIsAQuarterOfAll) {
    machine_world world;
    world.bounds.reassembly_process = 4000;
    driver stranger(world);
    driver other_stranger(world);
    driver known(world);
    stranger.bind();
    other_stranger.bind();
    log_on(known);
    EXPECT_TRUE(stranger.say(fragment(pfc::first, 900)).empty());
    EXPECT_EQ(other_stranger.say(fragment(pfc::first, 200)).at(0).status(),
              fault::remote_no_memory);
    EXPECT_EQ(world.events.limits_hit, std::vector<std::string>{"reassembly_process"});
    EXPECT_TRUE(known.say(fragment(pfc::first, 3000)).empty());
    EXPECT_EQ(world.memory->requests.used(), 3900U);
    EXPECT_EQ(world.memory->requests_of_strangers.used(), 900U);
    known.machine.abandon("test");
    stranger.machine.abandon("test");
    EXPECT_EQ(world.memory->requests.used(), 0U);
    EXPECT_EQ(world.memory->requests_of_strangers.used(), 0U);
}

TEST(Memory, OfARequestInFragmentsCountsUntilItsCallEnds) {
    machine_world world;
    world.bounds.reassembly_process = 5000;
    driver client(world);
    log_on(client);
    constexpr std::uint16_t later = 3;
    for (std::uint32_t call = 1; call <= 2; ++call) {
        client.say(fragment(pfc::first, 1000, later, call));
        client.say(fragment(pfc::last, 1000, later, call));
    }
    ASSERT_EQ(client.suspended.size(), 2U);
    EXPECT_EQ(world.memory->requests.used(), 4000U);
    client.complete(0, {});
    EXPECT_EQ(world.memory->requests.used(), 2000U);
    client.say(fragment(pfc::first, 3000, later, 3));
    EXPECT_EQ(client.say(fragment(pfc::last, 1, later, 3)).at(0).status(), fault::remote_no_memory);
    // The call that still runs keeps what it took, though its connection is gone.
    client.machine.abandon("test");
    EXPECT_EQ(world.memory->requests.used(), 2000U);
    client.complete(0, {});
    EXPECT_EQ(world.memory->requests.used(), 0U);
}

TEST(Memory, OfAnswersThatNobodyReadsIsBoundedForAConnection) {
    machine_world world;
    world.bounds.answers_connection = 100000;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    for (o.call_id = 1; o.call_id <= 4; ++o.call_id) {
        client.say(make_request(o));
    }
    ASSERT_EQ(client.suspended.size(), 4U);
    // A large one, however large; two that find room or not; one that does.
    for (const std::size_t size : {90000U, 20000U, 9000U, 2000U}) {
        response reply{some(size), fault::none};
        const auto key = client.suspended.front().key;
        client.suspended.erase(client.suspended.begin());
        client.machine.call_completed(key, reply, client.now);
    }
    EXPECT_EQ(world.events.limits_hit,
              (std::vector<std::string>{"answers_connection", "answers_connection"}));
    EXPECT_EQ(world.memory->answers.used(), 99000U);
    std::size_t faults = 0;
    std::size_t stubs = 0;
    for (const auto& sent : client.run()) {
        if (sent.type() == pdu_type::fault) {
            EXPECT_EQ(sent.status(), fault::remote_no_memory);
            ++faults;
        } else {
            stubs += sent.stub().size();
        }
    }
    EXPECT_EQ(faults, 2U);
    EXPECT_EQ(stubs, 99000U);
    EXPECT_EQ(world.memory->answers.used(), 0U);
    EXPECT_EQ(client.machine.state(), connection_state::ready);
}

TEST(Memory, OfAnswersThatNobodyReadsIsBoundedForAll) {
    machine_world world;
    world.bounds.answers_process = 100000;
    driver idle(world);
    driver client(world);
    request_options o;
    o.opnum = 3;
    for (driver* each : {&idle, &client}) {
        each->bind();
        each->say(make_request(o));
    }
    response held{some(60000), fault::none};
    idle.machine.call_completed(idle.suspended.at(0).key, held, idle.now);
    EXPECT_EQ(client.complete(0, some(60000)).at(0).status(), fault::remote_no_memory);
    EXPECT_EQ(world.events.limits_hit, std::vector<std::string>{"answers_process"});
    // Who gives up gives back.
    idle.machine.tick(idle.now + world.bounds.write_time);
    EXPECT_EQ(world.memory->answers.used(), 0U);
    client.say(make_request(o));
    EXPECT_GT(client.complete(0, some(60000)).size(), 10U);
}

TEST(Deadline, EndsACallWhoseFragmentsTrickle) {
    machine_world world;
    driver client(world);
    client.bind();
    EXPECT_TRUE(client.say(fragment(pfc::first, 8)).empty());
    const auto due = client.now + world.bounds.pdu_time;
    for (int i = 0; i < 3; ++i) {
        client.now += world.bounds.pdu_time / 4;
        EXPECT_TRUE(client.say(fragment(0, 8)).empty());
        EXPECT_EQ(client.machine.deadline(), due);
    }
    // Half a PDU has a deadline of its own, and does not put off the call's.
    const auto pdu = fragment(0, 8);
    client.say(std::span(pdu).first(5));
    EXPECT_EQ(client.machine.deadline(), due);
    client.machine.tick(due);
    EXPECT_TRUE(client.machine.finished());
    EXPECT_EQ(world.memory->requests.used(), 0U);
}

TEST(Deadline, OfACallInFragmentsGoesWithTheCall) {
    machine_world world;
    driver client(world);
    client.bind();
    client.say(fragment(pfc::first, 8));
    EXPECT_EQ(client.say(fragment(pfc::last, 8)).at(0).type(), pdu_type::response);
    EXPECT_EQ(client.machine.deadline(), driver::time_point::max());
}

/// One field of a sound PDU set to what no client sends.
struct bad_field {
    std::size_t at;
    std::uint8_t value;
};

TEST(Header, OfAnUnknownRepresentationVersionOrLengthEndsTheConnection) {
    // Octets 4 and 5: EBCDIC, an integer representation that does not exist, VAX floats; version 4;
    // minor version 2; shorter than its own header.
    for (const auto& [at, value] : {bad_field{4, 0x11}, bad_field{4, 0x20}, bad_field{5, 1},
                                    bad_field{0, 4}, bad_field{1, 2}, bad_field{8, 15}}) {
        machine_world world;
        driver client(world);
        client.bind();
        auto pdu = make_request({});
        pdu[at] = std::byte{value};
        const auto sent = client.say(pdu);
        ASSERT_EQ(sent.size(), 1U) << at;
        EXPECT_EQ(sent[0].status(), fault::protocol_error) << at;
        EXPECT_TRUE(client.machine.finished()) << at;
    }
}

TEST(Trailer, ThatDoesNotFitItsRequestIsAProtocolError) {
    const bytes token(16);
    const auto spoil = [&](std::size_t stub, std::uint8_t pad, std::uint16_t auth_length) {
        request_options o;
        o.stub = some(stub);
        o.pad = pad;
        o.trailer =
            answer_trailer{10, static_cast<std::uint8_t>(protection_level::connect), 7, token};
        auto pdu = make_request(o);
        pdu[10] = static_cast<std::byte>(auth_length & 0xffU);
        pdu[11] = static_cast<std::byte>(auth_length >> 8U);
        return pdu;
    };
    // More padding than stub; a trailer at an odd place; longer than its PDU, by much and by one.
    for (const auto& pdu :
         {spoil(8, 9, 16), spoil(6, 0, 16), spoil(8, 0, 0xffff), spoil(8, 0, 25)}) {
        machine_world world;
        driver client(world);
        log_on(client);
        EXPECT_EQ(client.say(pdu).at(0).status(), fault::protocol_error);
        EXPECT_TRUE(client.machine.finished());
    }
    machine_world world;
    driver client(world);
    log_on(client);
    EXPECT_EQ(client.say(spoil(8, 8, 16)).at(0).type(), pdu_type::response);
}

TEST(Bind, ThatAnnouncesMoreContextsThanItHasIsRefused) {
    for (const std::size_t announced : {2U, 255U}) {
        machine_world world;
        driver client(world);
        bind_options o;
        o.contexts = {ndr_item(0)};
        auto pdu = make_bind(o);
        pdu[24] = static_cast<std::byte>(announced);
        EXPECT_EQ(client.say(pdu).at(0).type(), pdu_type::bind_nak);
        EXPECT_TRUE(client.machine.finished());
    }
}

} // namespace
} // namespace bridge::dcerpc::test
