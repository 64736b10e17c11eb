// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dcerpc/machine_fixture.hpp"

namespace bridge::dcerpc::test {
namespace {

using verdict = context_result::verdict;

TEST(Bind, IsAcknowledgedWithPortAndGroup) {
    machine_world world;
    driver client(world);
    const auto sent = client.bind();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].type(), pdu_type::bind_ack);
    EXPECT_EQ(sent[0].u16(16), 5840);
    EXPECT_EQ(sent[0].u16(18), 5840);
    EXPECT_NE(sent[0].association(), 0U);
    EXPECT_EQ(sent[0].u16(24), 4); // "135" and its NUL
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(&sent[0].pdu[26])), "135");
    EXPECT_EQ(sent[0].result(0), 0);
    EXPECT_EQ(client.machine.state(), connection_state::ready);
}

struct fragment_case {
    std::uint16_t transmit, receive, agreed;
};
class FragmentSize : public testing::TestWithParam<fragment_case> {};
TEST_P(FragmentSize, IsTheSmallerOneWithinBoundsAndAMultipleOfEight) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.transmit = GetParam().transmit;
    o.receive = GetParam().receive;
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).u16(16), GetParam().agreed);
    EXPECT_EQ(sent.at(0).u16(18), GetParam().agreed);
}
INSTANTIATE_TEST_SUITE_P(Bind, FragmentSize,
                         testing::Values(fragment_case{0xffff, 0xffff, 5840},
                                         fragment_case{0, 0xffff, 2048},
                                         fragment_case{3199, 0xffff, 3192},
                                         fragment_case{4280, 4280, 4280}));

TEST(Bind, InBigEndianIsUnderstood) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(3)};
    o.big_endian = true;
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).type(), pdu_type::bind_ack);
    EXPECT_EQ(sent.at(0).result(0), 0);
}

TEST(Bind, WithoutContextIsRefusedAndCloses) {
    machine_world world;
    driver client(world);
    const auto sent = client.bind({});
    EXPECT_EQ(sent.at(0).type(), pdu_type::bind_nak);
    EXPECT_EQ(sent.at(0).reason(), reject_reason::not_specified);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Bind, OfAnotherRpcVersionIsRefused) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    auto pdu = make_bind(o);
    pdu[0] = std::byte{4};
    const auto sent = client.say(pdu);
    EXPECT_EQ(sent.at(0).reason(), reject_reason::protocol_version);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Bind, ComesOnceOnly) {
    machine_world world;
    driver client(world);
    client.bind();
    const auto sent = client.bind();
    EXPECT_EQ(sent.at(0).type(), pdu_type::bind_nak);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Bind, ByteByByteIsTheSame) {
    machine_world world;
    driver client(world);
    bind_options o;
    o.contexts = {ndr_item(0)};
    const auto pdu = make_bind(o);
    for (std::size_t i = 0; i + 1 < pdu.size(); ++i) {
        ASSERT_TRUE(client.say(std::span(pdu).subspan(i, 1)).empty());
    }
    EXPECT_EQ(client.say(std::span(pdu).last(1)).at(0).type(), pdu_type::bind_ack);
}

TEST(Bind, PrefersNdr64AmongItemsForTheSameInterface) {
    machine_world world;
    driver client(world);
    const auto sent = client.bind(
        {ndr_item(0), {1, echo_syntax, {ndr64_syntax}}, {2, echo_syntax, {features(3)}}});
    EXPECT_EQ(sent.at(0).result(0), 2);
    EXPECT_EQ(sent.at(0).result_reason(0), 2);
    EXPECT_EQ(sent.at(0).result(1), 0);
    EXPECT_EQ(sent.at(0).result(2), 3);
    EXPECT_EQ(sent.at(0).result_reason(2), 3);
}

TEST(Bind, RejectsUnknownInterfacesAndSyntaxes) {
    machine_world world;
    driver client(world);
    const auto sent =
        client.bind({ndr_item(0, unknown_syntax), {1, echo_syntax, {unknown_syntax}}});
    EXPECT_EQ(sent.at(0).result(0), 2);
    EXPECT_EQ(sent.at(0).result_reason(0), 1);
    EXPECT_EQ(sent.at(0).result(1), 2);
    EXPECT_EQ(sent.at(0).result_reason(1), 2);
}

TEST(Bind, WithTwoFeatureItemsIsRefused) {
    machine_world world;
    driver client(world);
    const auto sent =
        client.bind({{0, unknown_syntax, {features(1)}}, {1, unknown_syntax, {features(2)}}});
    EXPECT_EQ(sent.at(0).type(), pdu_type::bind_nak);
}

TEST(Bind, JoinsAKnownGroupAndNoOther) {
    machine_world world;
    driver first(world);
    const auto group = first.bind().at(0).association();
    bind_options o;
    o.contexts = {ndr_item(0)};
    o.association = group;
    driver second(world);
    EXPECT_EQ(second.say(make_bind(o)).at(0).association(), group);
    o.association = group ^ 1U;
    driver third(world);
    EXPECT_EQ(third.say(make_bind(o)).at(0).type(), pdu_type::bind_nak);
    first.machine.abandon("test");
    second.machine.abandon("test");
    o.association = group;
    driver late(world);
    EXPECT_EQ(late.say(make_bind(o)).at(0).type(), pdu_type::bind_nak);
    EXPECT_EQ(world.associations.size(), 0U);
}

TEST(Bind, CarriesTheNegotiatedFlags) {
    machine_world world;
    driver client(world);
    const auto sent = client.bind({ndr_item(0)}, 0xff);
    EXPECT_EQ(sent.at(0).header.flags, pfc::first | pfc::last | pfc::header_sign | pfc::conc_mpx);
}

TEST(AlterContext, AddsAContext) {
    machine_world world;
    driver client(world);
    client.bind();
    bind_options o;
    o.type = pdu_type::alter_context;
    o.contexts = {ndr_item(5, secret_syntax)};
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).type(), pdu_type::alter_context_response);
    EXPECT_EQ(sent.at(0).u16(24), 0);
    EXPECT_EQ(sent.at(0).result(0), 0);
}

TEST(AlterContext, CannotChangeWhatAnIdMeans) {
    machine_world world;
    driver client(world);
    client.bind();
    bind_options o;
    o.type = pdu_type::alter_context;
    o.contexts = {ndr_item(0, secret_syntax)};
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).type(), pdu_type::fault);
    EXPECT_EQ(sent.at(0).status(), fault::protocol_error);
    EXPECT_TRUE(sent.at(0).header.has(pfc::did_not_execute));
    EXPECT_TRUE(client.machine.finished());
}

TEST(AlterContext, BeyondTheLimitIsRejectedItemByItem) {
    machine_world world;
    world.bounds.presentation_contexts = 1;
    driver client(world);
    client.bind();
    bind_options o;
    o.type = pdu_type::alter_context;
    o.contexts = {ndr_item(1, secret_syntax)};
    const auto sent = client.say(make_bind(o));
    EXPECT_EQ(sent.at(0).result(0), 2);
    EXPECT_EQ(sent.at(0).result_reason(0), 3);
}

TEST(Garbage, BeforeTheBindEndsTheConnection) {
    for (const auto type :
         {pdu_type::request, pdu_type::alter_context, pdu_type::auth3, pdu_type::co_cancel,
          pdu_type::orphaned, pdu_type::response, pdu_type::shutdown, static_cast<pdu_type>(99)}) {
        machine_world world;
        driver client(world);
        const auto sent = client.say(make_plain(type, 9));
        ASSERT_EQ(sent.size(), 1U);
        EXPECT_EQ(sent[0].status(), fault::protocol_error);
        EXPECT_TRUE(client.machine.finished());
    }
}

TEST(Garbage, ThatOnlyServersSendEndsTheConnection) {
    for (const auto type :
         {pdu_type::response, pdu_type::fault, pdu_type::bind_ack, pdu_type::bind_nak,
          pdu_type::alter_context_response, pdu_type::shutdown, static_cast<pdu_type>(99)}) {
        machine_world world;
        driver client(world);
        client.bind();
        EXPECT_EQ(client.say(make_plain(type, 9)).at(0).status(), fault::protocol_error);
        EXPECT_TRUE(client.machine.finished());
        EXPECT_TRUE(client.say(make_plain(type, 10)).empty());
    }
}

TEST(Deadline, EndsABindThatDoesNotCome) {
    machine_world world;
    driver client(world);
    client.machine.tick(client.now + world.bounds.bind_time);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Deadline, EndsAPduThatDoesNotEnd) {
    machine_world world;
    driver client(world);
    client.bind();
    EXPECT_EQ(client.machine.deadline(), driver::time_point::max());
    const auto pdu = make_request({});
    client.say(std::span(pdu).first(20));
    EXPECT_EQ(client.machine.deadline(), client.now + world.bounds.pdu_time);
    client.machine.tick(client.machine.deadline());
    EXPECT_TRUE(client.machine.finished());
}

TEST(Deadline, EndsAConnectionWithoutCalls) {
    machine_world world;
    world.bounds.idle_time = std::chrono::seconds(60);
    driver client(world);
    client.bind();
    EXPECT_EQ(client.machine.deadline(), client.now + world.bounds.idle_time);
    client.now += std::chrono::seconds(50);
    client.say(make_request({}));
    EXPECT_EQ(client.machine.deadline(), client.now + world.bounds.idle_time);
    client.now += std::chrono::seconds(50);
    client.say(make_plain(pdu_type::co_cancel, 9));
    EXPECT_EQ(client.machine.deadline(), client.now + std::chrono::seconds(10));
    client.machine.tick(client.machine.deadline());
    EXPECT_TRUE(client.machine.finished());
}

} // namespace
} // namespace bridge::dcerpc::test
