// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/der.hpp"
#include "bridge/auth/ntlm_initiator.hpp"
#include "bridge/auth/ntlm_session.hpp"
#include "bridge/auth/security_initiator.hpp"
#include "bridge/auth/spnego_initiator.hpp"
#include "tests/unit/auth/bytes.hpp"
#include "tests/unit/auth/crafted_ntlm_client.hpp"
#include "tests/unit/auth/gss_initiator.hpp"
#include "tests/unit/auth/ntlm_fixture.hpp"
#include "tests/unit/auth/test_pdu.hpp"

#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using outcome = step_result::outcome;
using spnego::negotiation_state;
using spnego::oid_kerberos;
using spnego::oid_kerberos_microsoft;
using spnego::oid_ntlm;
using test::crafted_ntlm_client;
using test::gss_initiator;
using test::gss_mechanism;
using test::test_pdu;

const byte_string negoex_oid = test::unhex("2b06010401823702021e");

TEST(Der, LengthsAreTheShortest) {
    for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
        const byte_string wrapped = der::wrap(der::octet_string, byte_string(size));
        const auto content = der::only(wrapped, der::octet_string);
        ASSERT_TRUE(content) << size;
        EXPECT_EQ(content->size(), size);
    }
    for (const char* bad : {"", "04", "0480", "0401", "048100", "04817f", "04820001", "0482007f00",
                            "0484000000010", "0483000100", "1f0100", "0485ffffffffff"}) {
        byte_string bytes = test::unhex(bad);
        bytes.resize(bytes.size() + (bytes.size() > 2 ? 300 : 0));
        bytes_view rest = bytes;
        EXPECT_FALSE(der::take(rest)) << bad;
        EXPECT_EQ(rest.size(), bytes.size());
    }
}

TEST(SpnegoTokens, InitIsParsedAsItWasEncoded) {
    const std::vector<bytes_view> offered{negoex_oid, oid_kerberos_microsoft(), oid_ntlm()};
    const byte_string list = spnego::encode_mechanism_list(offered);
    const byte_string token = test::bytes_of("token");
    const byte_string encoded = spnego::encode_init(list, token);
    const auto parsed = spnego::parse_init(encoded);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(std::ranges::equal(parsed->mechanism_list, list));
    ASSERT_EQ(parsed->mechanisms.size(), 3U);
    EXPECT_TRUE(spnego::same_oid(parsed->mechanisms[2], oid_ntlm()));
    EXPECT_TRUE(std::ranges::equal(*parsed->token, token));
    EXPECT_FALSE(parsed->mic);
}

TEST(SpnegoTokens, TruncatedAndPaddedTokensAreRefused) {
    const std::vector<bytes_view> offered{oid_ntlm()};
    const byte_string list = spnego::encode_mechanism_list(offered);
    byte_string init = spnego::encode_init(list, byte_string(200));
    byte_string response = spnego::encode_response(
        {negotiation_state::incomplete, oid_ntlm(), bytes_view(list), bytes_view(list)});
    for (std::size_t size = 0; size < init.size(); ++size)
        EXPECT_FALSE(spnego::parse_init(bytes_view(init).first(size))) << size;
    for (std::size_t size = 0; size < response.size(); ++size)
        EXPECT_FALSE(spnego::parse_response(bytes_view(response).first(size))) << size;
    EXPECT_TRUE(spnego::parse_init(init));
    EXPECT_TRUE(spnego::parse_response(response));
    init.push_back({});
    response.push_back({});
    EXPECT_FALSE(spnego::parse_init(init));
    EXPECT_FALSE(spnego::parse_response(response));
}

TEST(SpnegoTokens, ListsAreBounded) {
    const std::vector<bytes_view> many(spnego::max_mechanisms + 1, oid_ntlm());
    EXPECT_FALSE(spnego::parse_init(
        spnego::encode_init(spnego::encode_mechanism_list(many), byte_string(4))));
    EXPECT_FALSE(
        spnego::parse_init(spnego::encode_init(spnego::encode_mechanism_list({}), byte_string(4))));
    const std::vector<bytes_view> one{oid_ntlm()};
    EXPECT_FALSE(spnego::parse_init(spnego::encode_init(spnego::encode_mechanism_list(one),
                                                        byte_string(spnego::max_token_size))));
}

TEST(SpnegoTokens, FramingOfKerberosIsTakenOff) {
    const byte_string inner = test::unhex("6e03020105");
    for (const bytes_view oid : {oid_kerberos(), oid_kerberos_microsoft(), oid_ntlm()}) {
        byte_string framed = der::wrap(der::object_identifier, oid);
        append(framed, test::unhex("0100"));
        append(framed, inner);
        framed = der::wrap(der::application_0, framed);
        const bytes_view expected =
            spnego::same_oid(oid, oid_ntlm()) ? bytes_view(framed) : bytes_view(inner);
        EXPECT_TRUE(std::ranges::equal(spnego::without_framing(framed), expected));
    }
    EXPECT_TRUE(std::ranges::equal(spnego::without_framing(inner), inner));
    EXPECT_TRUE(spnego::without_framing({}).empty());
}

class Spnego : public test::ntlm_fixture {
protected:
    static std::unique_ptr<mechanism_initiator> ntlm_client(std::u16string_view password) {
        return std::make_unique<ntlm::initiator>(u"User", u"DOM", ntlm::nt_hash(password));
    }

    static byte_string init_of(const std::vector<bytes_view>& offered, bytes_view token) {
        return spnego::encode_init(spnego::encode_mechanism_list(offered), token);
    }

    static byte_string response_of(bytes_view token,
                                   const std::optional<bytes_view>& mic = std::nullopt) {
        return spnego::encode_response({negotiation_state::incomplete, std::nullopt, token, mic});
    }
};

TEST_F(Spnego, GssClientLogsOnWithNtlmAndSignsBothWays) {
    client_password("Password");
    gss_initiator client(gss_mechanism::spnego_ntlm, "DOM\\User", "host@node1");
    ASSERT_FALSE(client.has_failed()) << client.error();
    const auto context = server(mechanism::spnego);
    std::string reason;
    ASSERT_TRUE(run_exchange(client, *context, &reason)) << reason;
    EXPECT_EQ(display_name(context->who()), "NODE1\\User");
    EXPECT_EQ(context->who().proved_by, mechanism::ntlm);
    for (int round = 0; round < 3; ++round) {
        test_pdu pdu(32, 16, protection_level::integrity);
        const byte_string mic = client.get_mic(pdu.plain);
        ASSERT_EQ(mic.size(), 16U);
        std::copy(mic.begin(), mic.end(), pdu.bytes.end() - 16);
        EXPECT_TRUE(context->unprotect(pdu.view()));
        EXPECT_TRUE(context->protect(pdu.view()));
        EXPECT_TRUE(client.verify_mic(pdu.plain, bytes_view(pdu.bytes).last(16)));
    }
}

TEST_F(Spnego, GssClientWithWrongPasswordIsRefused) {
    client_password("wrong");
    gss_initiator client(gss_mechanism::spnego_ntlm, "DOM\\User", "host@node1");
    EXPECT_FALSE(run_exchange(client, *server(mechanism::spnego)));
}

TEST_F(Spnego, OwnClientLogsOnAndSeals) {
    const auto client = make_initiator(mechanism::spnego, {"User", "DOM", "Password", ""});
    ASSERT_TRUE(client);
    const auto context = server(mechanism::spnego);
    std::string reason;
    ASSERT_TRUE(test::run(*client, *context, &reason)) << reason;
    test_pdu pdu(48, context->token_size(protection_level::privacy), protection_level::privacy);
    ASSERT_TRUE(client->protect(pdu.view()));
    EXPECT_EQ(test::hex(bytes_view(pdu.bytes).last(4)), "01000000") << "the MIC was number 0";
    ASSERT_TRUE(context->unprotect(pdu.view()));
    ASSERT_TRUE(context->protect(pdu.view()));
    ASSERT_TRUE(client->unprotect(pdu.view()));
    EXPECT_TRUE(pdu.is_plain());
}

TEST_F(Spnego, ClientWithoutMicStartsAtMessageZero) {
    crafted_ntlm_client client;
    const auto context = server(mechanism::spnego);
    const auto first = context->step(init_of({oid_ntlm()}, client.negotiate()));
    ASSERT_EQ(first.state, outcome::more);
    const auto answer = spnego::parse_response(first.token);
    ASSERT_TRUE(answer && answer->token);
    EXPECT_EQ(answer->state, negotiation_state::incomplete);
    EXPECT_TRUE(spnego::same_oid(*answer->mechanism, oid_ntlm()));
    const auto second = context->step(response_of(client.authenticate(*answer->token)));
    ASSERT_EQ(second.state, outcome::done) << second.reason;
    const auto end = spnego::parse_response(second.token);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->state, negotiation_state::completed);
    EXPECT_FALSE(end->mic);
    ntlm::session session(client.exported, ntlm::side::initiator);
    test_pdu pdu(16, 16, protection_level::privacy);
    ASSERT_TRUE(session.protect(pdu.view()));
    EXPECT_TRUE(context->unprotect(pdu.view()));
}

TEST_F(Spnego, DropsTheOptimisticTokenOfAnotherMechanism) {
    crafted_ntlm_client client;
    const byte_string list = spnego::encode_mechanism_list(
        std::vector<bytes_view>{negoex_oid, oid_kerberos(), oid_ntlm()});
    const auto context = server(mechanism::spnego);
    // The optimistic token is even a good one; it was not made for the chosen mechanism.
    const auto first = context->step(spnego::encode_init(list, client.negotiate()));
    ASSERT_EQ(first.state, outcome::more);
    const auto answer = spnego::parse_response(first.token);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->state, negotiation_state::request_mic);
    EXPECT_TRUE(spnego::same_oid(*answer->mechanism, oid_ntlm()));
    EXPECT_FALSE(answer->token);
    const auto second = context->step(response_of(client.negotiate()));
    ASSERT_EQ(second.state, outcome::more) << second.reason;
}

TEST_F(Spnego, ReorderedListNeedsAMic) {
    for (const bool with_mic : {false, true}) {
        spnego::initiator client(oid_ntlm(), ntlm_client(u"Password"), {negoex_oid});
        const auto context = server(mechanism::spnego);
        std::string reason;
        if (with_mic) {
            EXPECT_TRUE(test::run(client, *context, &reason)) << reason;
            continue;
        }
        crafted_ntlm_client bare;
        context->step(init_of({negoex_oid, oid_ntlm()}, {}));
        const auto challenge = context->step(response_of(bare.negotiate()));
        const auto answer = spnego::parse_response(challenge.token);
        ASSERT_TRUE(answer && answer->token);
        const auto end = context->step(response_of(bare.authenticate(*answer->token)));
        EXPECT_EQ(end.state, outcome::refused);
        EXPECT_NE(end.reason.find("no MIC"), std::string::npos) << end.reason;
    }
}

TEST_F(Spnego, ListThatWasChangedOnTheWayIsRefused) {
    // The client offered Kerberos first; somebody took it out.
    spnego::initiator client(oid_ntlm(), ntlm_client(u"Password"), {oid_kerberos_microsoft()});
    const auto context = server(mechanism::spnego);
    client.step({});
    const auto first = context->step(init_of({oid_ntlm()}, {}));
    ASSERT_EQ(first.state, outcome::more);
    const auto negotiate = client.step(first.token);
    const auto challenge = context->step(negotiate.token);
    const auto authenticate = client.step(challenge.token);
    const auto end = context->step(authenticate.token);
    EXPECT_EQ(end.state, outcome::refused);
    EXPECT_NE(end.reason.find("wrong MIC"), std::string::npos) << end.reason;
}

TEST_F(Spnego, RefusesWhatIsNoNegotiation) {
    crafted_ntlm_client client;
    EXPECT_EQ(server(mechanism::spnego)->step({}).state, outcome::refused);
    EXPECT_EQ(server(mechanism::spnego)->step(client.negotiate()).state, outcome::refused);
    EXPECT_EQ(server(mechanism::spnego)->step(init_of({negoex_oid}, {})).state, outcome::refused);
    EXPECT_EQ(server(mechanism::spnego)->step(init_of({oid_kerberos()}, {})).state,
              outcome::refused)
        << "Kerberos is off without a keytab";
}

TEST_F(Spnego, RefusesAChangeOfMechanismAndAnEarlyMic) {
    crafted_ntlm_client client;
    const auto start = [&] {
        auto context = server(mechanism::spnego);
        context->step(init_of({oid_ntlm()}, {}));
        return context;
    };
    const byte_string token = client.negotiate();
    EXPECT_EQ(start()->step(response_of(token)).state, outcome::more);
    EXPECT_EQ(start()->step(response_of(token, bytes_view(token))).state, outcome::refused);
    EXPECT_EQ(start()
                  ->step(spnego::encode_response({negotiation_state::incomplete, oid_kerberos(),
                                                  bytes_view(token), std::nullopt}))
                  .state,
              outcome::refused);
    EXPECT_EQ(start()
                  ->step(spnego::encode_response(
                      {negotiation_state::reject, std::nullopt, std::nullopt, std::nullopt}))
                  .state,
              outcome::refused);
    EXPECT_EQ(start()->step(init_of({oid_ntlm()}, {})).state, outcome::refused);
}

TEST_F(Spnego, NothingIsProvedBeforeTheEnd) {
    const auto context = server(mechanism::spnego);
    test_pdu pdu(16, 16, protection_level::integrity);
    EXPECT_FALSE(context->protect(pdu.view()));
    EXPECT_FALSE(context->unprotect(pdu.view()));
    EXPECT_TRUE(context->who().account.empty());
    EXPECT_EQ(context->token_size(protection_level::privacy), 0U);
}

} // namespace
} // namespace bridge::auth
