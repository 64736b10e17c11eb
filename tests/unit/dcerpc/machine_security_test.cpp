// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dcerpc/machine_fixture.hpp"

#include <set>

namespace bridge::dcerpc::test {
namespace {

using auth::protection_level;

answer_trailer word(const bytes& token, protection_level level, std::uint32_t id = 7,
                    std::uint8_t type = 10) {
    return {type, static_cast<std::uint8_t>(level), id, token};
}
const bytes hello = to_bytes("hello");
const bytes proof = to_bytes("proof");
const bytes wrong = to_bytes("wrong");

bytes alter_with(const answer_trailer& trailer, std::vector<context_item> items = {ndr_item(0)},
                 std::uint8_t flags = whole) {
    bind_options o;
    o.type = pdu_type::alter_context;
    o.contexts = std::move(items);
    o.trailer = trailer;
    o.flags = flags;
    o.call_id = 40;
    return make_bind(o);
}

class ProtectedCall : public testing::TestWithParam<protection_level> {};
TEST_P(ProtectedCall, IsOpenedAndTheAnswerIsProtected) {
    machine_world world;
    driver client(world);
    client.login(GetParam());
    EXPECT_EQ(world.events.logins, 1);
    fake_client security{{}, GetParam()};
    for (std::size_t size : {0U, 1U, 16U, 20000U}) {
        request_options o;
        bytes stub(size, std::byte{0x42});
        bytes stream;
        std::size_t at = 0;
        do {
            const std::size_t part = std::min<std::size_t>(2000, size - at);
            o.flags = static_cast<std::uint8_t>((at == 0 ? pfc::first : 0U) |
                                                (at + part == size ? pfc::last : 0U));
            o.stub.assign(stub.begin(), stub.begin() + static_cast<std::ptrdiff_t>(part));
            o.pad = 0;
            const auto pdu = security.request(o);
            stream.insert(stream.end(), pdu.begin(), pdu.end());
            at += part;
        } while (at < size);
        auto sent = client.say(stream);
        ASSERT_FALSE(sent.empty());
        bytes got;
        for (auto& part : sent) {
            ASSERT_EQ(part.type(), pdu_type::response);
            EXPECT_LE(part.pdu.size(), 5840U);
            const auto opened = security.open(part);
            got.insert(got.end(), opened.begin(), opened.end());
        }
        EXPECT_EQ(got, stub);
    }
}
INSTANTIATE_TEST_SUITE_P(Levels, ProtectedCall,
                         testing::Values(protection_level::packet, protection_level::integrity,
                                         protection_level::privacy));

TEST(Security, ASealedCallPassesTheMinimumLevel) {
    machine_world world;
    driver client(world);
    client.login(protection_level::privacy, secret_syntax);
    fake_client security{{}, protection_level::privacy};
    auto sent = client.say(security.request({}));
    EXPECT_EQ(sent.at(0).type(), pdu_type::response);
}

TEST(Security, ASignedCallDoesNotPassIt) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity, secret_syntax);
    fake_client security{{}, protection_level::integrity};
    EXPECT_EQ(client.say(security.request({})).at(0).status(), fault::access_denied);
    EXPECT_EQ(client.machine.state(), connection_state::ready);
}

TEST(Security, ABadSignatureEndsTheConnection) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity);
    fake_client security{{}, protection_level::integrity};
    auto pdu = security.request({});
    pdu.back() ^= std::byte{1};
    const auto sent = client.say(pdu);
    EXPECT_EQ(sent.at(0).status(), fault::sec_pkg_error);
    EXPECT_FALSE(sent.at(0).header.has(pfc::did_not_execute));
    EXPECT_TRUE(client.machine.finished());
}

TEST(Security, AReplayedRequestEndsTheConnection) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity);
    fake_client security{{}, protection_level::integrity};
    const auto pdu = security.request({});
    EXPECT_EQ(client.say(pdu).at(0).type(), pdu_type::response);
    EXPECT_EQ(client.say(pdu).at(0).status(), fault::sec_pkg_error);
}

TEST(Security, ARequestWithoutTokenIsRefusedWhereTokensAreDue) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity);
    EXPECT_EQ(client.say(make_request({})).at(0).status(), fault::access_denied);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Security, AtLevelConnectTokensAreNeitherDueNorChecked) {
    machine_world world;
    driver client(world);
    client.login(protection_level::connect);
    EXPECT_EQ(client.say(make_request({})).at(0).type(), pdu_type::response);
    request_options o;
    const bytes dummy(16);
    o.trailer = word(dummy, protection_level::connect);
    const auto sent = client.say(make_request(o));
    EXPECT_EQ(sent.at(0).type(), pdu_type::response);
    EXPECT_EQ(sent.at(0).header.auth_length, 0);
}

TEST(Security, ATrailerMustMatchItsContext) {
    const bytes dummy(16);
    const std::vector<answer_trailer> mismatches{
        word(dummy, protection_level::packet), word(dummy, protection_level::connect, 8),
        word(dummy, protection_level::connect, 7, 9), word(dummy, protection_level::connect, 7, 0)};
    for (const auto& trailer : mismatches) {
        machine_world world;
        driver client(world);
        client.login(protection_level::connect);
        request_options o;
        o.trailer = trailer;
        EXPECT_EQ(client.say(make_request(o)).at(0).status(), fault::access_denied);
        EXPECT_TRUE(client.machine.finished());
    }
}

TEST(Security, ARefusedBindIsSaidSo) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(wrong, protection_level::privacy);
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).type(), pdu_type::bind_nak);
    EXPECT_EQ(world.events.failures, 1);
    EXPECT_TRUE(client.machine.finished());
}

struct bind_refusal {
    std::uint8_t type, level;
    reject_reason reason;
};
class BindSecurity : public testing::TestWithParam<bind_refusal> {};
TEST_P(BindSecurity, IsRefusedWithItsReason) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = answer_trailer{GetParam().type, GetParam().level, 0, hello};
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).type(), pdu_type::bind_nak);
    EXPECT_EQ(sent.at(0).reason(), GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(Security, BindSecurity,
                         testing::Values(bind_refusal{0, 1, reject_reason::not_specified},
                                         bind_refusal{0, 6, reject_reason::authentication_type},
                                         bind_refusal{99, 6, reject_reason::authentication_type},
                                         bind_refusal{9, 3, reject_reason::invalid_checksum},
                                         bind_refusal{9, 0, reject_reason::not_specified},
                                         bind_refusal{9, 7, reject_reason::not_specified},
                                         bind_refusal{9, 255, reject_reason::not_specified}));

TEST(Security, AFailedAuth3IsSilentUntilTheFirstRequest) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(hello, protection_level::connect);
    client.say(make_bind(o));
    EXPECT_TRUE(client.say(make_auth3(1, word(wrong, protection_level::connect))).empty());
    EXPECT_EQ(world.events.failures, 1);
    EXPECT_EQ(client.say(make_request({})).at(0).status(), fault::access_denied);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Security, ARequestBeforeTheLastLegIsAProtocolError) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(hello, protection_level::connect);
    client.say(make_bind(o));
    const auto sent = client.say(make_request({}));
    EXPECT_EQ(sent.at(0).status(), fault::protocol_error);
    EXPECT_TRUE(sent.at(0).header.has(pfc::did_not_execute));
}

TEST(Security, TheThirdLegMayComeInAlterContext) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(hello, protection_level::integrity);
    client.say(make_bind(o));
    const bytes last = to_bytes("proof+");
    const auto sent = client.say(alter_with(word(last, protection_level::integrity)));
    EXPECT_EQ(sent.at(0).type(), pdu_type::alter_context_response);
    EXPECT_EQ(sent.at(0).header.auth_length, 5);
    EXPECT_TRUE(client.machine.authenticated());
}

TEST(Security, ALastTokenCannotAnswerAnAuth3) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(hello, protection_level::connect);
    client.say(make_bind(o));
    const bytes last = to_bytes("proof+");
    EXPECT_TRUE(client.say(make_auth3(1, word(last, protection_level::connect))).empty());
    EXPECT_EQ(client.say(make_request({})).at(0).status(), fault::access_denied);
}

TEST(Security, LevelAndTypeStayAsTheyBegan) {
    const std::vector<std::pair<answer_trailer, fault>> changes{
        {word(proof, protection_level::privacy), fault::access_denied},
        {word(proof, protection_level::integrity, 7, 9), fault::sec_pkg_error},
        {word(proof, protection_level::integrity, 7, 0), fault::access_denied}};
    for (const auto& [trailer, expected] : changes) {
        machine_world world;
        driver client(world);
        bind_options o;
        o.contexts = {ndr_item(0)};
        o.trailer = word(hello, protection_level::integrity);
        client.say(make_bind(o));
        EXPECT_EQ(client.say(alter_with(trailer)).at(0).status(), expected);
        EXPECT_TRUE(client.machine.finished());
    }
}

TEST(Security, ACompletedContextIsNotOpenedAgain) {
    machine_world world;
    driver first(world);
    first.login(protection_level::connect);
    EXPECT_EQ(first.say(alter_with(word(hello, protection_level::connect))).at(0).status(),
              fault::access_denied);
    driver second(world);
    second.login(protection_level::connect);
    EXPECT_EQ(second.say(make_auth3(1, word(hello, protection_level::connect))).at(0).status(),
              fault::protocol_error);
}

TEST(Security, SeveralContextsLiveOnOneConnection) {
    machine_world world;
    driver client(world);
    client.bind();
    for (std::uint32_t id = 100; id < 103; ++id) {
        const bytes now = to_bytes("now");
        const auto sent = client.say(alter_with(word(now, protection_level::connect, id)));
        EXPECT_EQ(sent.at(0).type(), pdu_type::alter_context_response);
    }
    // A bind without authentication: calls without a trailer stay possible.
    EXPECT_EQ(client.say(make_request({})).at(0).type(), pdu_type::response);
    request_options o;
    const bytes dummy(16);
    o.opnum = 3;
    o.trailer = word(dummy, protection_level::connect, 101);
    client.say(make_request(o));
    EXPECT_EQ(client.suspended.at(0).context->caller->account, "tester");
}

TEST(Security, ContextsAreCountedAndSoAreLegs) {
    machine_world world;
    world.bounds.security_contexts = 2;
    world.bounds.auth_legs = 3;
    driver client(world);
    client.bind();
    const bytes now = to_bytes("now");
    client.say(alter_with(word(now, protection_level::connect, 1)));
    client.say(alter_with(word(now, protection_level::connect, 2)));
    EXPECT_EQ(client.say(alter_with(word(now, protection_level::connect, 3))).at(0).status(),
              fault::protocol_error);
    driver slow(world);
    slow.bind();
    for (int leg = 0; leg < 2; ++leg) {
        EXPECT_EQ(slow.say(alter_with(word(hello, protection_level::connect, 1))).at(0).type(),
                  pdu_type::alter_context_response);
    }
    EXPECT_EQ(slow.say(alter_with(word(hello, protection_level::connect, 1))).at(0).status(),
              fault::access_denied);
}

TEST(Security, InputWaitsWhileALegRuns) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(hello, protection_level::connect);
    client.say(make_bind(o));
    client.hold_legs = true;
    auto stream = make_auth3(1, word(proof, protection_level::connect));
    const auto request = make_request({});
    stream.insert(stream.end(), request.begin(), request.end());
    EXPECT_TRUE(client.say(stream).empty());
    EXPECT_EQ(client.machine.state(), connection_state::authenticating);
    EXPECT_FALSE(client.machine.wants_input());
    ASSERT_EQ(client.legs.size(), 1U);
    client.machine.auth_completed(client.legs[0].context->step(client.legs[0].token), client.now);
    EXPECT_EQ(client.run().at(0).type(), pdu_type::response);
}

TEST(Security, ALegMayEndAfterTheConnection) {
    machine_world world;
    driver client(world);
    client.hold_legs = true;
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.trailer = word(hello, protection_level::connect);
    client.say(make_bind(o));
    client.machine.tick(client.now + world.bounds.bind_time);
    EXPECT_TRUE(client.machine.finished());
    client.machine.auth_completed({auth::step_result::outcome::done, {}, {}}, client.now);
    EXPECT_TRUE(client.run().empty());
}

TEST(Security, LaterFragmentsCountOnlyByTheirToken) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity);
    fake_client security{{}, protection_level::integrity};
    request_options o;
    o.flags = pfc::first;
    o.stub = bytes(16);
    EXPECT_TRUE(client.say(security.request(o)).empty());
    o.flags = pfc::last;
    o.context_id = 111;
    o.opnum = 111;
    EXPECT_EQ(client.say(security.request(o)).at(0).type(), pdu_type::response);
}

TEST(Security, AFragmentWithoutTokenEndsAProtectedCall) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity);
    fake_client security{{}, protection_level::integrity};
    request_options o;
    o.flags = pfc::first;
    o.stub = bytes(16);
    client.say(security.request(o));
    o.flags = pfc::last;
    EXPECT_EQ(client.say(make_request(o)).at(0).status(), fault::protocol_error);
}

TEST(Security, HeaderSigningMayBeOfferedLate) {
    machine_world world;
    driver client(world);
    client.login(protection_level::integrity);
    fake_client security{{}, protection_level::integrity};
    auto sent = client.say(security.request({}));
    EXPECT_EQ(sent.at(0).type(), pdu_type::response);
    security.open(sent[0]);
    bind_options o;
    o.type = pdu_type::alter_context;
    o.contexts = {ndr_item(0)};
    o.flags = whole | pfc::header_sign;
    EXPECT_TRUE(client.say(make_bind(o)).at(0).header.has(pfc::header_sign));
    security.header_signing = true;
    EXPECT_EQ(client.say(security.request({})).at(0).type(), pdu_type::response);
}

TEST(VerificationTrailer, IsStrippedWhenItAgreesAndRefusedWhenNot) {
    const bytes magic = {std::byte{0x8a}, std::byte{0xe3}, std::byte{0x13}, std::byte{0x71},
                         std::byte{0x02}, std::byte{0xf4}, std::byte{0x36}, std::byte{0x71}};
    for (const bool header_signing : {true, false}) {
        machine_world world;
        driver client(world);
        client.login(protection_level::privacy, echo_syntax,
                     header_signing ? whole | pfc::header_sign : whole);
        fake_client security{{}, protection_level::privacy, header_signing};
        request_options o;
        o.stub = to_bytes("data");
        o.stub.insert(o.stub.end(), magic.begin(), magic.end());
        // Bitmask: the client can sign headers; the last command.
        for (const int v : {0x01, 0x40, 4, 0, 1, 0, 0, 0}) {
            o.stub.push_back(static_cast<std::byte>(v));
        }
        auto sent = client.say(security.request(o));
        if (header_signing) {
            EXPECT_EQ(security.open(sent.at(0)), to_bytes("data"));
        } else {
            EXPECT_EQ(sent.at(0).status(), fault::access_denied);
            EXPECT_TRUE(client.machine.finished());
        }
    }
}

} // namespace
} // namespace bridge::dcerpc::test
