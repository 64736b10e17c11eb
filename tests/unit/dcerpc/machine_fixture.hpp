// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/connection_machine.hpp"
#include "tests/unit/dcerpc/client_pdus.hpp"
#include "tests/unit/dcerpc/fake_security.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace bridge::dcerpc::test {

inline constexpr syntax_id echo_syntax{
    {0x11111111, 0x2222, 0x3333, {1, 2, 3, 4, 5, 6, 7, 8}}, 1, 0};
inline constexpr syntax_id secret_syntax{
    {0x44444444, 0x5555, 0x6666, {1, 2, 3, 4, 5, 6, 7, 8}}, 3, 0};
inline constexpr syntax_id unknown_syntax{{0x99999999, 0, 0, {}}, 1, 0};

inline void echo(void*, call&, std::span<const std::byte> stub, response& out) {
    out.stub.assign(stub.begin(), stub.end());
}
inline void refuse(void*, call&, std::span<const std::byte>, response& out) {
    out.status = fault::bad_stub_data;
}
inline void dismiss(void*, call& c, std::span<const std::byte> stub, response& out) {
    echo(nullptr, c, stub, out);
    c.close_after_response = true;
}

// Opnum 0 echoes, 1 is unsupported, 2 faults, 3 is answered by the test, 4 closes the connection.
inline constexpr std::array<method, 5> echo_methods{{{"echo", immediate_method{echo}},
                                                     {"none", std::monostate{}},
                                                     {"refuse", immediate_method{refuse}},
                                                     {"later", suspended_method{nullptr}},
                                                     {"dismiss", immediate_method{dismiss}}}};

inline context_item ndr_item(std::uint16_t id, const syntax_id& abstract = echo_syntax) {
    return {id, abstract, {ndr_syntax}};
}
inline syntax_id features(std::uint8_t mask) {
    return {{0x6cb71c2c, 0x9812, 0x4540, {mask, 0, 0, 0, 0, 0, 0, 0}}, 1, 0};
}

struct recording_observer final : observer {
    void authenticated(const connection_info&, const auth::identity&,
                       auth::protection_level) override {
        ++logins;
    }
    void authentication_failed(const connection_info&, auth::mechanism, std::string_view) override {
        ++failures;
    }
    void call_refused(const connection_info&, const interface&, std::uint16_t, fault f) override {
        refused.push_back(f);
    }
    void limit_hit(const connection_info&, std::string_view name) override {
        limits_hit.emplace_back(name);
    }
    int logins = 0;
    int failures = 0;
    std::vector<fault> refused;
    std::vector<std::string> limits_hit;
};

/// Server-wide parts that outlive the machines of a test.
struct machine_world {
    limits bounds;
    interface echo_interface {
        echo_syntax, "echo", "", auth::protection_level::none, echo_methods, nullptr
    };
    interface secret_interface {
        secret_syntax, "secret", "", auth::protection_level::privacy, echo_methods, nullptr
    };
    std::array<const interface*, 2> offered{&echo_interface, &secret_interface};
    association_registry associations{bounds};
    std::unique_ptr<memory_budgets> memory;
    fake_acceptor acceptor;
    recording_observer events;
    traffic counted;
    connection_info info{1, "10.0.0.2:4000", "10.0.0.2", "10.0.0.1", 135};
    std::unique_ptr<connection_environment> environment;

    connection_environment& ready() {
        if (!environment) {
            memory = std::make_unique<memory_budgets>(bounds);
            environment = std::make_unique<connection_environment>(connection_environment{
                bounds, offered, associations, *memory, acceptor, events, counted, true});
        }
        return *environment;
    }
};

/// A driver without sockets: runs legs and immediate calls at once, keeps suspended calls for the
/// test.
class driver {
public:
    using time_point = connection_machine::time_point;

    explicit driver(machine_world& world)
        : world_(world), machine(world.ready(), world.info, time_point{}) {}

    /// Feeds and returns every PDU sent in answer.
    std::vector<answer> say(std::span<const std::byte> input) {
        buffer_.assign(input.begin(), input.end());
        machine.feed(buffer_, now);
        return run();
    }

    std::vector<answer> run() {
        bytes sent;
        for (;;) {
            perform();
            const auto out = machine.output();
            if (out.empty()) {
                break;
            }
            sent.insert(sent.end(), out.begin(), out.end());
            machine.consume(out.size(), now);
        }
        return split(sent);
    }

    /// Answers the oldest suspended call.
    std::vector<answer> complete(std::size_t index, bytes stub, fault status = fault::none) {
        auto pending = std::move(suspended.at(index));
        suspended.erase(suspended.begin() + static_cast<std::ptrdiff_t>(index));
        response reply{std::move(stub), status};
        pending.context.reset();
        machine.call_completed(pending.key, reply, now);
        return run();
    }

    std::vector<answer> bind(std::vector<context_item> items = {ndr_item(0)},
                             std::uint8_t flags = whole) {
        bind_options o;
        o.contexts = std::move(items);
        o.flags = flags;
        return say(make_bind(o));
    }

    /// A bind and auth3 at `level` under security context 7.
    void login(auth::protection_level level, const syntax_id& abstract = echo_syntax,
               std::uint8_t flags = whole) {
        const auto hello = to_bytes("hello");
        bind_options o;
        o.flags = flags;
        o.contexts = {ndr_item(0, abstract)};
        o.trailer = answer_trailer{10, static_cast<std::uint8_t>(level), 7, hello};
        const auto ack = say(make_bind(o));
        ASSERT_EQ(ack.size(), 1U);
        ASSERT_EQ(ack[0].type(), pdu_type::bind_ack);
        const auto proof = to_bytes("proof");
        ASSERT_TRUE(
            say(make_auth3(1, answer_trailer{10, static_cast<std::uint8_t>(level), 7, proof}))
                .empty());
    }

    machine_world& world_;
    connection_machine machine;
    time_point now{};
    std::vector<run_call> suspended;
    std::vector<std::uint32_t> cancelled;
    bool hold_legs = false;
    std::deque<start_auth> legs;

private:
    void perform() {
        for (;;) {
            auto& action = machine.next();
            if (auto* leg = std::get_if<start_auth>(&action)) {
                if (hold_legs) {
                    legs.push_back(std::move(*leg));
                } else {
                    machine.auth_completed(leg->context->step(leg->token), now);
                }
            } else if (auto* what = std::get_if<run_call>(&action)) {
                perform_call(*what);
            } else if (const auto* gone = std::get_if<cancel_call>(&action)) {
                cancelled.push_back(gone->key);
            } else {
                return;
            }
        }
    }
    void perform_call(run_call& what) {
        if (const auto* immediate = std::get_if<immediate_method>(&what.target->run)) {
            response reply;
            (*immediate)(nullptr, *what.context, what.stub, reply);
            what.context.reset();
            machine.call_completed(what.key, reply, now);
        } else {
            suspended.push_back(std::move(what));
        }
    }
    bytes buffer_;
};

/// Seals requests and opens responses as the client of a fake_context at `level`.
struct fake_client {
    fake_context security;
    auth::protection_level level;
    bool header_signing = false;

    bytes request(request_options o) {
        while (o.stub.size() % 4 != 0) {
            o.stub.push_back(std::byte{0});
            ++o.pad;
        }
        static const bytes blank(fake_context::tag_size);
        o.trailer = answer_trailer{10, static_cast<std::uint8_t>(level), 7, blank};
        const std::size_t head = o.object ? 40 : 24;
        const std::size_t body = o.stub.size();
        auto pdu = make_request(o);
        security.protect({pdu, head, body, header_signing, level});
        return pdu;
    }
    /// Stub of a protected response; fails the test when the token does not match.
    bytes open(answer& a) {
        header_error error{};
        const auto header = read_header(a.pdu, error);
        const auto trailer = read_trailer(a.pdu, header, 24);
        EXPECT_TRUE(trailer.has_value());
        if (!trailer) {
            return {};
        }
        EXPECT_TRUE(security.unprotect({a.pdu, 24, trailer->offset - 24, header_signing, level}));
        return {a.pdu.begin() + 24,
                a.pdu.begin() + static_cast<std::ptrdiff_t>(trailer->offset - trailer->pad_length)};
    }
};

} // namespace bridge::dcerpc::test
