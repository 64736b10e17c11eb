// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dcerpc/machine_fixture.hpp"

namespace bridge::dcerpc::test {
namespace {

bytes numbered(std::size_t count) {
    bytes all(count);
    for (std::size_t i = 0; i < count; ++i) {
        all[i] = static_cast<std::byte>(i * 7);
    }
    return all;
}

TEST(Request, IsAnsweredWithItsCallId) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.call_id = 77;
    o.stub = numbered(10);
    const auto sent = client.say(make_request(o));
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].type(), pdu_type::response);
    EXPECT_EQ(sent[0].header.call_id, 77U);
    EXPECT_EQ(sent[0].header.flags, pfc::first | pfc::last);
    EXPECT_EQ(sent[0].stub(), o.stub);
    EXPECT_EQ(sent[0].u32(16), 10U);
}

TEST(Request, SeveralInOneReadAreAllAnswered) {
    machine_world world;
    driver client(world);
    client.bind();
    bytes stream;
    for (std::uint32_t i = 0; i < 5; ++i) {
        request_options o;
        o.call_id = i;
        o.stub = numbered(i);
        const auto pdu = make_request(o);
        stream.insert(stream.end(), pdu.begin(), pdu.end());
    }
    // In two reads that cut the third request.
    auto sent = client.say(std::span(stream).first(60));
    const auto rest = client.say(std::span(stream).subspan(60));
    sent.insert(sent.end(), rest.begin(), rest.end());
    ASSERT_EQ(sent.size(), 5U);
    for (std::uint32_t i = 0; i < 5; ++i) {
        EXPECT_EQ(sent[i].header.call_id, i);
        EXPECT_EQ(sent[i].stub(), numbered(i));
    }
}

TEST(Request, WithObjectUuidReachesTheMethod) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    o.object = win32::guid{1, 2, 3, {4}};
    o.stub = numbered(4);
    client.say(make_request(o));
    ASSERT_EQ(client.suspended.size(), 1U);
    EXPECT_EQ(client.suspended[0].context->object, o.object);
    EXPECT_EQ(client.suspended[0].stub.size(), 4U);
}

TEST(Request, InFragmentsIsReassembledAndALongAnswerIsCut) {
    machine_world world;
    driver client(world);
    client.bind();
    const auto stub = numbered(20000);
    bytes stream;
    for (std::size_t at = 0; at < stub.size(); at += 3000) {
        request_options o;
        const std::size_t part = std::min<std::size_t>(3000, stub.size() - at);
        o.flags = static_cast<std::uint8_t>((at == 0 ? pfc::first : 0U) |
                                            (at + part == stub.size() ? pfc::last : 0U));
        o.stub.assign(stub.begin() + static_cast<std::ptrdiff_t>(at),
                      stub.begin() + static_cast<std::ptrdiff_t>(at + part));
        const auto pdu = make_request(o);
        stream.insert(stream.end(), pdu.begin(), pdu.end());
    }
    const auto sent = client.say(stream);
    ASSERT_EQ(sent.size(), 4U);
    bytes got;
    for (const auto& part : sent) {
        EXPECT_LE(part.pdu.size(), 5840U);
        EXPECT_EQ(part.u32(16), stub.size() - got.size());
        const auto chunk = part.stub();
        got.insert(got.end(), chunk.begin(), chunk.end());
    }
    EXPECT_EQ(got, stub);
    EXPECT_EQ(sent.front().header.flags, pfc::first);
    EXPECT_EQ(sent.back().header.flags, pfc::last);
    EXPECT_EQ(world.memory->requests.used(), 0U);
}

TEST(Request, OfUnknownContextOrOpnumLeavesTheConnectionAlive) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.context_id = 9;
    const auto unknown = client.say(make_request(o));
    EXPECT_EQ(unknown.at(0).status(), fault::unknown_interface);
    EXPECT_EQ(unknown.at(0).u16(20), 0);
    o.context_id = 0;
    for (const std::uint16_t opnum : {std::uint16_t{1}, std::uint16_t{500}}) {
        o.opnum = opnum;
        const auto sent = client.say(make_request(o));
        EXPECT_EQ(sent.at(0).status(), fault::op_range);
        EXPECT_TRUE(sent.at(0).header.has(pfc::did_not_execute));
    }
    o.opnum = 0;
    EXPECT_EQ(client.say(make_request(o)).at(0).type(), pdu_type::response);
}

TEST(Request, BelowTheMinimumLevelIsRefusedUndecoded) {
    machine_world world;
    driver client(world);
    client.bind({ndr_item(0, secret_syntax)});
    const auto sent = client.say(make_request({}));
    EXPECT_EQ(sent.at(0).status(), fault::access_denied);
    EXPECT_TRUE(sent.at(0).header.has(pfc::did_not_execute));
    EXPECT_EQ(world.events.refused.size(), 1U);
    // In fragments nothing of it is kept.
    request_options o;
    o.flags = pfc::first;
    o.stub = numbered(1000);
    EXPECT_TRUE(client.say(make_request(o)).empty());
    EXPECT_EQ(world.memory->requests.used(), 0U);
    o.flags = pfc::last;
    EXPECT_EQ(client.say(make_request(o)).at(0).status(), fault::access_denied);
}

TEST(Request, TooLargeIsRefusedAtTheHintAndAtTheByte) {
    machine_world world;
    world.bounds.reassembly_call = 4000;
    request_options o;
    o.flags = pfc::first;
    o.stub = numbered(1000);
    o.alloc_hint = 4001;
    driver first(world);
    first.bind();
    EXPECT_EQ(first.say(make_request(o)).at(0).status(), fault::access_denied);
    EXPECT_TRUE(first.machine.finished());
    driver second(world);
    second.bind();
    o.alloc_hint = 1;
    EXPECT_TRUE(second.say(make_request(o)).empty());
    o.flags = 0;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(second.say(make_request(o)).empty());
    }
    EXPECT_EQ(second.say(make_request(o)).at(0).status(), fault::access_denied);
    EXPECT_TRUE(second.machine.finished());
    EXPECT_EQ(world.memory->requests.used(), 0U);
}

TEST(Request, SharesTheReassemblyBudgetOfTheProcess) {
    machine_world world;
    world.bounds.reassembly_process = 6000; // a quarter of it for callers without identity
    driver first(world);
    driver second(world);
    first.bind();
    second.bind();
    request_options o;
    o.flags = pfc::first;
    o.stub = numbered(1000);
    EXPECT_TRUE(first.say(make_request(o)).empty());
    EXPECT_EQ(second.say(make_request(o)).at(0).status(), fault::remote_no_memory);
    EXPECT_TRUE(second.machine.finished());
    first.machine.abandon("test");
    EXPECT_EQ(world.memory->requests.used(), 0U);
}

TEST(Request, OneFragmentedCallAtATime) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.flags = pfc::first;
    o.call_id = 50;
    client.say(make_request(o));
    o.call_id = 51;
    const auto sent = client.say(make_request(o));
    EXPECT_EQ(sent.at(0).status(), fault::protocol_error);
    EXPECT_EQ(sent.at(0).header.call_id, 50U);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Request, WithALargerFragmentThanAllowedIsRefusedAtItsHeader) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.stub = numbered(5841 - 24);
    const auto pdu = make_request(o);
    EXPECT_EQ(client.say(std::span(pdu).first(16)).at(0).status(), fault::protocol_error);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Request, ThatIsCancelledBeforeItBeginsIsNotActive) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.flags = pfc::first | pfc::pending_cancel;
    EXPECT_EQ(client.say(make_request(o)).at(0).status(), fault::no_call_active);
}

TEST(SuspendedCall, AnswersInTheOrderOfCompletion) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    o.call_id = 1;
    client.say(make_request(o));
    o.call_id = 2;
    client.say(make_request(o));
    ASSERT_EQ(client.suspended.size(), 2U);
    EXPECT_EQ(client.complete(1, numbered(3)).at(0).header.call_id, 2U);
    EXPECT_EQ(client.complete(0, numbered(3)).at(0).header.call_id, 1U);
}

TEST(SuspendedCall, DoesNotHoldUpOthers) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    o.call_id = 1;
    client.say(make_request(o));
    o.opnum = 0;
    o.call_id = 2;
    EXPECT_EQ(client.say(make_request(o)).at(0).header.call_id, 2U);
}

TEST(SuspendedCall, CanBeCancelledOrOrphaned) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    o.call_id = 1;
    client.say(make_request(o));
    client.say(make_plain(pdu_type::co_cancel, 1));
    ASSERT_EQ(client.cancelled.size(), 1U);
    EXPECT_EQ(client.complete(0, {}, fault::cancelled).at(0).status(), fault::cancelled);
    client.say(make_request(o));
    client.say(make_plain(pdu_type::orphaned, 1));
    EXPECT_EQ(client.cancelled.size(), 2U);
    EXPECT_TRUE(client.complete(0, numbered(4)).empty());
    client.say(make_plain(pdu_type::orphaned, 12345));
    EXPECT_EQ(client.machine.state(), connection_state::ready);
}

TEST(SuspendedCall, CountsAgainstTheLimit) {
    machine_world world;
    world.bounds.waiting_calls = 2;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    for (o.call_id = 1; o.call_id <= 2; ++o.call_id) {
        EXPECT_TRUE(client.say(make_request(o)).empty());
    }
    EXPECT_EQ(client.say(make_request(o)).at(0).status(), fault::server_too_busy);
    EXPECT_EQ(client.machine.state(), connection_state::ready);
}

TEST(SuspendedCall, CannotShareItsCallId) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    client.say(make_request(o));
    EXPECT_EQ(client.say(make_request(o)).at(0).status(), fault::protocol_error);
}

TEST(SuspendedCall, MayEndAfterTheConnection) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    client.say(make_request(o));
    client.machine.abandon("test");
    EXPECT_TRUE(client.complete(0, numbered(4)).empty());
}

TEST(Method, CanFaultAndCanEndTheConnection) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 2;
    const auto refused = client.say(make_request(o));
    EXPECT_EQ(refused.at(0).status(), fault::bad_stub_data);
    EXPECT_TRUE(refused.at(0).header.has(pfc::did_not_execute));
    o.opnum = 4;
    EXPECT_EQ(client.say(make_request(o)).at(0).type(), pdu_type::response);
    EXPECT_TRUE(client.machine.finished());
}

TEST(Output, StopsTheInputWhileThePeerDoesNotRead) {
    machine_world world;
    driver client(world);
    client.bind();
    request_options o;
    o.opnum = 3;
    client.say(make_request(o));
    auto pending = std::move(client.suspended.at(0));
    response large{numbered(1U << 20), fault::none};
    client.machine.call_completed(pending.key, large, client.now);
    const auto sealed = client.machine.output().size();
    EXPECT_GE(sealed, 64U << 10);
    EXPECT_LT(sealed, 128U << 10);
    EXPECT_FALSE(client.machine.wants_input());
    o.opnum = 0;
    o.call_id = 9;
    auto late = make_request(o);
    client.machine.feed(late, client.now);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(client.machine.next()));
    const auto sent = client.run();
    EXPECT_EQ(sent.back().header.call_id, 9U);
    EXPECT_EQ(client.machine.deadline(), driver::time_point::max());
}

TEST(Output, IsGivenUpWhenNothingIsTaken) {
    machine_world world;
    driver client(world);
    client.bind();
    auto pdu = make_request({});
    client.machine.feed(pdu, client.now);
    auto action = client.machine.next();
    response reply{numbered(4), fault::none};
    client.machine.call_completed(std::get<run_call>(action).key, reply, client.now);
    EXPECT_FALSE(client.machine.output().empty());
    client.machine.tick(client.now + world.bounds.write_time);
    EXPECT_TRUE(client.machine.finished());
}

} // namespace
} // namespace bridge::dcerpc::test
