// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/acceptor.hpp"
#include "bridge/auth/der.hpp"
#include "bridge/auth/kerberos_initiator.hpp"
#include "bridge/auth/local_rights.hpp"
#include "bridge/auth/security_initiator.hpp"
#include "bridge/auth/spnego_initiator.hpp"
#include "tests/unit/auth/bytes.hpp"
#include "tests/unit/auth/gss_initiator.hpp"
#include "tests/unit/auth/private_realm.hpp"
#include "tests/unit/auth/test_pdu.hpp"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using outcome = step_result::outcome;
using test::gss_initiator;
using test::gss_mechanism;
using test::test_pdu;

class Kerberos : public ::testing::Test {
protected:
    static void SetUpTestSuite() { realm_ = std::make_unique<test::private_realm>(); }
    static void TearDownTestSuite() { realm_.reset(); }

    void SetUp() override {
        if (!realm_->missing().empty())
            GTEST_SKIP() << "NO KERBEROS TESTS: " << realm_->missing();
        config_.keytab = realm_->keytab();
        config_.replay_cache = "file2:" + directory_.file("rcache").string();
        acceptor_ = make_acceptor(config_);
    }

    std::unique_ptr<security_context> server(mechanism type = mechanism::kerberos) {
        return acceptor_->accept(type);
    }

    /// Both sides of a complete exchange.
    struct pair {
        std::unique_ptr<gss_initiator> client;
        std::unique_ptr<security_context> server;
        bool is_complete = false;
        std::string reason;
    };
    pair connect(gss_mechanism client_mechanism, mechanism type) {
        pair out{std::make_unique<gss_initiator>(client_mechanism, "", "host@node1"),
                 server(type),
                 false,
                 {}};
        out.is_complete = run_exchange(*out.client, *out.server, &out.reason);
        return out;
    }

    static std::unique_ptr<test::private_realm> realm_;
    test::temporary_directory directory_;
    acceptor_config config_;
    std::unique_ptr<acceptor> acceptor_;
};

std::unique_ptr<test::private_realm> Kerberos::realm_;

TEST_F(Kerberos, MitClientLogsOnRawAndInSpnego) {
    for (const bool spnego : {false, true}) {
        const pair both = spnego ? connect(gss_mechanism::spnego_kerberos, mechanism::spnego)
                                 : connect(gss_mechanism::kerberos, mechanism::kerberos);
        ASSERT_TRUE(both.is_complete) << both.reason;
        const identity& who = both.server->who();
        EXPECT_EQ(who.account, "alice");
        EXPECT_EQ(who.domain, "AUTH.TEST");
        EXPECT_EQ(who.proved_by, mechanism::kerberos);
        EXPECT_EQ(who.sids.size(), 3U) << "a ticket without logon information gives no groups";
    }
}

TEST_F(Kerberos, SealedPdusGoBothWays) {
    for (const bool header_signing : {false, true}) {
        const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
        ASSERT_TRUE(both.is_complete) << both.reason;
        const std::size_t size = both.server->token_size(protection_level::privacy);
        EXPECT_EQ(size, both.client->wrap_token_size());
        for (int round = 0; round < 3; ++round) {
            test_pdu pdu(64, size, protection_level::privacy, header_signing);
            ASSERT_TRUE(both.client->wrap_pdu(pdu.view()));
            EXPECT_FALSE(pdu.is_body_plain());
            ASSERT_TRUE(both.server->unprotect(pdu.view()));
            EXPECT_TRUE(pdu.is_plain());
            ASSERT_TRUE(both.server->protect(pdu.view()));
            EXPECT_FALSE(pdu.is_body_plain());
            ASSERT_TRUE(both.client->unwrap_pdu(pdu.view()));
            EXPECT_TRUE(pdu.is_plain());
        }
    }
}

TEST_F(Kerberos, SignaturesCoverTheHeaderOnlyWhenNegotiated) {
    for (const bool header_signing : {false, true}) {
        const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
        ASSERT_TRUE(both.is_complete) << both.reason;
        const std::size_t size = both.server->token_size(protection_level::integrity);
        test_pdu pdu(64, size, protection_level::integrity, header_signing);
        const bytes_view covered =
            header_signing ? bytes_view(pdu.plain) : bytes_view(pdu.plain).subspan(24, 64);
        const byte_string mic = both.client->get_mic(covered);
        ASSERT_EQ(mic.size(), size);
        std::copy(mic.begin(), mic.end(), pdu.bytes.end() - static_cast<std::ptrdiff_t>(size));
        ASSERT_TRUE(both.server->unprotect(pdu.view()));
        ASSERT_TRUE(both.server->protect(pdu.view()));
        EXPECT_TRUE(both.client->verify_mic(covered, bytes_view(pdu.bytes).last(size)));
    }
}

TEST_F(Kerberos, OwnClientLogsOnRawAndInSpnego) {
    for (const mechanism type : {mechanism::kerberos, mechanism::spnego}) {
        const auto client = make_initiator(type, {"", "", "", "host@node1"}, mechanism::kerberos);
        ASSERT_TRUE(client);
        const auto context = server(type);
        std::string reason;
        ASSERT_TRUE(test::run(*client, *context, &reason)) << reason;
        for (const auto level : {protection_level::privacy, protection_level::integrity}) {
            test_pdu pdu(32, client->token_size(level), level);
            ASSERT_TRUE(client->protect(pdu.view()));
            ASSERT_TRUE(context->unprotect(pdu.view()));
            ASSERT_TRUE(context->protect(pdu.view()));
            ASSERT_TRUE(client->unprotect(pdu.view()));
            EXPECT_TRUE(pdu.is_plain());
        }
    }
}

TEST_F(Kerberos, TakesAFramedRequestAndMicrosoftsOid) {
    kerberos::initiator client("host@node1");
    const step_result request = client.step({});
    byte_string framed = der::wrap(der::object_identifier, spnego::oid_kerberos());
    append(framed, test::unhex("0100"));
    append(framed, request.token);
    framed = der::wrap(der::application_0, framed);
    const byte_string list = spnego::encode_mechanism_list(
        std::vector<bytes_view>{spnego::oid_kerberos_microsoft(), spnego::oid_ntlm()});
    const auto context = server(mechanism::spnego);
    const step_result first = context->step(spnego::encode_init(list, framed));
    ASSERT_EQ(first.state, outcome::more) << first.reason;
    const auto answer = spnego::parse_response(first.token);
    ASSERT_TRUE(answer && answer->mechanism && answer->token);
    EXPECT_TRUE(spnego::same_oid(*answer->mechanism, spnego::oid_kerberos_microsoft()));
    const step_result last = client.step(*answer->token);
    ASSERT_EQ(last.state, outcome::done) << last.reason;
    const step_result end =
        context->step(spnego::encode_response({spnego::negotiation_state::incomplete, std::nullopt,
                                               bytes_view(last.token), std::nullopt}));
    EXPECT_EQ(end.state, outcome::done) << end.reason;
}

TEST_F(Kerberos, MechanismAfterAnotherNeedsAMic) {
    const byte_string negoex_oid = test::unhex("2b06010401823702021e");
    spnego::initiator client(spnego::oid_kerberos(),
                             std::make_unique<kerberos::initiator>("host@node1"), {negoex_oid});
    const auto context = server(mechanism::spnego);
    std::string reason;
    EXPECT_TRUE(test::run(client, *context, &reason)) << reason;
}

TEST_F(Kerberos, GroupsComeOutOfTheLogonInformation) {
    const auto cache = realm_->forge_ticket();
    if (cache.empty())
        GTEST_SKIP() << "NO TICKET WITH LOGON INFORMATION: impacket is missing";
    const std::string own_cache = std::getenv("KRB5CCNAME");
    setenv("KRB5CCNAME", ("FILE:" + cache.string()).c_str(), 1);
    config_.administrators = {*win32::parse_sid("S-1-5-21-10-20-30-512")};
    acceptor_ = make_acceptor(config_);
    const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
    setenv("KRB5CCNAME", own_cache.c_str(), 1);
    ASSERT_TRUE(both.is_complete) << both.reason;
    EXPECT_EQ(both.server->who().account, "bob");
    std::vector<std::string> sids;
    for (const win32::sid& each : both.server->who().sids)
        sids.push_back(to_string(each));
    const std::vector<std::string> expected{"S-1-5-21-10-20-30-1107",
                                            "S-1-5-21-10-20-30-513",
                                            "S-1-5-21-10-20-30-512",
                                            "S-1-5-21-7-7-7-519",
                                            "S-1-5-32-544",
                                            "S-1-1-0",
                                            "S-1-5-11",
                                            "S-1-5-2"};
    EXPECT_EQ(sids, expected) << "544 by configuration, not by the ticket: see the next";
}

TEST_F(Kerberos, TicketsCannotMakeAdministratorsOfThisMachine) {
    const auto cache = realm_->forge_ticket();
    if (cache.empty())
        GTEST_SKIP() << "NO TICKET WITH LOGON INFORMATION: impacket is missing";
    const std::string own_cache = std::getenv("KRB5CCNAME");
    setenv("KRB5CCNAME", ("FILE:" + cache.string()).c_str(), 1);
    const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
    setenv("KRB5CCNAME", own_cache.c_str(), 1);
    ASSERT_TRUE(both.is_complete) << both.reason;
    const auto& sids = both.server->who().sids;
    EXPECT_EQ(std::find(sids.begin(), sids.end(), builtin_administrators()), sids.end());
}

TEST_F(Kerberos, MappedPrincipalGetsTheGroupsOfItsEntry) {
    config_.accounts_file =
        directory_.write("accounts", "alice:@AUTH.TEST:-:1005:admin\nalice:@OTHER:-::backup\n");
    config_.machine_sid = derive_machine_sid("cluster");
    acceptor_ = make_acceptor(config_);
    const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
    ASSERT_TRUE(both.is_complete) << both.reason;
    const auto& sids = both.server->who().sids;
    ASSERT_EQ(sids.size(), 5U);
    EXPECT_EQ(sids[0].sub_authorities.back(), 1005U);
    EXPECT_EQ(sids[1], builtin_administrators());
}

TEST_F(Kerberos, LoginOfTheSameNameIsNotMapped) {
    config_.admin_unix_groups = {"root"};
    config_.accounts_file =
        directory_.write("accounts", "alice:*:a4f49c406510bdcab6824ee7c30fd852::admin,unix=root\n");
    acceptor_ = make_acceptor(config_);
    const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
    ASSERT_TRUE(both.is_complete) << both.reason;
    EXPECT_EQ(both.server->who().sids.size(), 3U);
}

TEST_F(Kerberos, ReplayedRequestIsRefused) {
    kerberos::initiator client("host@node1");
    const step_result request = client.step({});
    EXPECT_EQ(server()->step(request.token).state, outcome::more);
    EXPECT_EQ(server()->step(request.token).state, outcome::refused);
}

TEST_F(Kerberos, RequestForOtherKeysIsRefused) {
    config_.keytab = realm_->wrong_keytab();
    EXPECT_FALSE(std::filesystem::is_empty(*config_.keytab));
    acceptor_ = make_acceptor(config_);
    const pair both = connect(gss_mechanism::kerberos, mechanism::kerberos);
    EXPECT_FALSE(both.is_complete);
    config_.keytab = directory_.file("none");
    acceptor_ = make_acceptor(config_);
    EXPECT_FALSE(connect(gss_mechanism::kerberos, mechanism::kerberos).is_complete);
}

TEST_F(Kerberos, TruncatedAndChangedRequestsAreRefused) {
    kerberos::initiator client("host@node1");
    const byte_string request = client.step({}).token;
    for (std::size_t size = 0; size < request.size(); size += 7)
        EXPECT_EQ(server()->step(bytes_view(request).first(size)).state, outcome::refused) << size;
    byte_string changed = request;
    changed[changed.size() - 20] ^= std::byte{1};
    EXPECT_EQ(server()->step(changed).state, outcome::refused);
    changed = request;
    changed[changed.size() / 2] ^= std::byte{1};
    EXPECT_EQ(server()->step(changed).state, outcome::refused);
}

TEST_F(Kerberos, WrongLastLegIsRefused) {
    kerberos::initiator client("host@node1");
    const auto context = server();
    const step_result reply = context->step(client.step({}).token);
    ASSERT_EQ(reply.state, outcome::more);
    step_result last = client.step(reply.token);
    ASSERT_EQ(last.state, outcome::done);
    last.token.back() ^= std::byte{1};
    EXPECT_EQ(context->step(last.token).state, outcome::refused);
    EXPECT_TRUE(context->who().account.empty());
    last.token.back() ^= std::byte{1};
    EXPECT_EQ(context->step(last.token).state, outcome::refused) << "the context is dead";
}

TEST_F(Kerberos, ReflectedReplyIsRefused) {
    kerberos::initiator client("host@node1");
    const auto context = server();
    const step_result reply = context->step(client.step({}).token);
    EXPECT_EQ(context->step(reply.token).state, outcome::refused);
}

TEST_F(Kerberos, ClientWithoutDceStyleIsRefused) {
    for (const OM_uint32 flag : {GSS_C_DCE_STYLE, GSS_C_DCE_STYLE | GSS_C_MUTUAL_FLAG}) {
        gss_initiator client(gss_mechanism::kerberos, "", "host@node1", flag);
        EXPECT_FALSE(run_exchange(client, *server()));
    }
}

TEST_F(Kerberos, ProtectsAtTheAgreedLevelsOnly) {
    struct row {
        OM_uint32 missing;
        protection_level strongest;
    };
    for (const row& each :
         {row{0, protection_level::privacy}, row{GSS_C_REPLAY_FLAG, protection_level::connect},
          row{GSS_C_SEQUENCE_FLAG, protection_level::connect}}) {
        gss_initiator client(gss_mechanism::kerberos, "", "host@node1", each.missing);
        const auto context = server();
        ASSERT_TRUE(run_exchange(client, *context)) << client.error();
        for (const auto level : {protection_level::connect, protection_level::packet,
                                 protection_level::integrity, protection_level::privacy}) {
            const bool is_agreed = level <= each.strongest;
            test_pdu pdu(16, context->token_size(level), level);
            EXPECT_EQ(context->protect(pdu.view()), is_agreed);
        }
    }
}

TEST_F(Kerberos, NtlmTokenIsRefused) {
    EXPECT_EQ(server()->step(test::unhex("4e544c4d5353500001000000")).state, outcome::refused);
    EXPECT_EQ(server()->step({}).state, outcome::refused);
}

TEST_F(Kerberos, ChangedReplayedAndReorderedPdusAreRefused) {
    for (const auto level : {protection_level::privacy, protection_level::integrity}) {
        const auto fresh = [&](const auto& tamper) {
            const auto client = make_initiator(mechanism::kerberos, {"", "", "", "host@node1"});
            const auto context = server();
            EXPECT_TRUE(test::run(*client, *context));
            return tamper(*client, *context);
        };
        const std::size_t size = fresh([&](security_initiator& client, security_context&) {
            return client.token_size(level);
        });
        for (const std::size_t at : {0UL, 23UL, 24UL, 55UL, 56UL, 63UL, 64UL, 64 + size - 1}) {
            EXPECT_FALSE(fresh([&](security_initiator& client, security_context& context) {
                test_pdu pdu(32, size, level);
                EXPECT_TRUE(client.protect(pdu.view()));
                pdu.bytes[at] ^= std::byte{1};
                return context.unprotect(pdu.view());
            })) << at;
        }
        EXPECT_FALSE(fresh([&](security_initiator& client, security_context& context) {
            test_pdu pdu(32, size, level);
            EXPECT_TRUE(client.protect(pdu.view()));
            test_pdu copy = pdu;
            EXPECT_TRUE(context.unprotect(pdu.view()));
            return context.unprotect(copy.view());
        })) << "replayed";
        EXPECT_FALSE(fresh([&](security_initiator& client, security_context& context) {
            test_pdu first(32, size, level);
            test_pdu second(32, size, level);
            EXPECT_TRUE(client.protect(first.view()) && client.protect(second.view()));
            return context.unprotect(second.view());
        })) << "reordered";
        EXPECT_FALSE(fresh([&](security_initiator& client, security_context& context) {
            test_pdu pdu(32, size, level);
            EXPECT_TRUE(client.protect(pdu.view()));
            protected_pdu cut = pdu.view();
            cut.pdu = cut.pdu.first(64);
            return context.unprotect(cut);
        })) << "without token";
    }
}

} // namespace
} // namespace bridge::auth
