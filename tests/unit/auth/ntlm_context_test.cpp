// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_session.hpp"
#include "tests/unit/auth/bytes.hpp"
#include "tests/unit/auth/crafted_ntlm_client.hpp"
#include "tests/unit/auth/gss_initiator.hpp"
#include "tests/unit/auth/ntlm_fixture.hpp"
#include "tests/unit/auth/test_pdu.hpp"

#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using outcome = step_result::outcome;
using test::crafted_ntlm_client;
using test::gss_initiator;
using test::gss_mechanism;
using test::test_pdu;

class NtlmInterop : public test::ntlm_fixture {
protected:
    NtlmInterop() { client_password("Password"); }
};

TEST_F(NtlmInterop, GssClientLogsOn) {
    gss_initiator client(gss_mechanism::ntlm, "DOM\\User", "host@node1");
    ASSERT_FALSE(client.has_failed()) << client.error();
    const auto context = server();
    std::string reason;
    ASSERT_TRUE(run_exchange(client, *context, &reason)) << reason;
    EXPECT_EQ(display_name(context->who()), "NODE1\\User");
    EXPECT_EQ(context->who().proved_by, mechanism::ntlm);
    ASSERT_GE(context->who().sids.size(), 2U);
    EXPECT_EQ(context->who().sids[1], builtin_administrators());
}

TEST_F(NtlmInterop, SignedPdusOfGssClientGoBothWays) {
    gss_initiator client(gss_mechanism::ntlm, "DOM\\User", "host@node1");
    const auto context = server();
    ASSERT_TRUE(run_exchange(client, *context));
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

TEST_F(NtlmInterop, GssClientWithWrongPasswordIsRefused) {
    client_password("password");
    gss_initiator client(gss_mechanism::ntlm, "DOM\\User", "host@node1");
    std::string reason;
    EXPECT_FALSE(run_exchange(client, *server(), &reason));
    EXPECT_NE(reason.find("wrong password"), std::string::npos) << reason;
}

class NtlmAcceptor : public test::ntlm_fixture {
protected:
    step_result log_on(crafted_ntlm_client client) {
        const auto context = server();
        step_result result = client.log_on(*context);
        if (result.state != outcome::done) {
            EXPECT_TRUE(result.token.empty()) << "the peer learns nothing";
            EXPECT_TRUE(context->who().sids.empty());
            test_pdu pdu(16, 16, protection_level::integrity);
            EXPECT_FALSE(context->protect(pdu.view()));
            EXPECT_EQ(context->step({}).state, outcome::refused);
        }
        return result;
    }

    void expect_refused(const crafted_ntlm_client& client, const std::string& why) {
        const step_result result = log_on(client);
        EXPECT_EQ(result.state, outcome::refused) << why;
        EXPECT_NE(result.reason.find(why), std::string::npos) << result.reason;
    }
};

TEST_F(NtlmAcceptor, TakesAGoodClientOfAnyDomain) {
    for (const char16_t* domain : {u"", u"ANY", u"host-1", u"\u00e4"}) {
        crafted_ntlm_client client;
        client.domain = domain;
        EXPECT_EQ(log_on(client).state, outcome::done);
    }
}

TEST_F(NtlmAcceptor, NamesTheAuthorityOfAnAccount) {
    crafted_ntlm_client client;
    client.domain = u"CLAIMED";
    const auto local = server();
    ASSERT_EQ(client.log_on(*local).state, outcome::done);
    EXPECT_EQ(display_name(local->who()), "NODE1\\User") << "not what the client calls it";
    client.user = u"reader";
    client.domain = u"home";
    const auto other = server();
    ASSERT_EQ(client.log_on(*other).state, outcome::done);
    EXPECT_EQ(display_name(other->who()), "HOME\\Reader");
}

TEST_F(NtlmAcceptor, RefusesNamesThatAreTooLong) {
    const std::u16string name(ntlm::max_name_units + 1, u'n');
    crafted_ntlm_client user;
    user.user = name;
    expect_refused(user, "too long");
    crafted_ntlm_client domain;
    domain.domain = name;
    expect_refused(domain, "too long");
    domain.domain.pop_back();
    EXPECT_EQ(log_on(domain).state, outcome::done);
}

TEST_F(NtlmAcceptor, SaysNothingUnprintableToTheLog) {
    crafted_ntlm_client client;
    client.user = u"a\r\nroot logged on\u001b[31m";
    client.domain = u"\u007f";
    const std::string reason = log_on(client).reason;
    EXPECT_NE(reason.find("a??root logged on?[31m"), std::string::npos) << reason;
    for (const char each : reason)
        EXPECT_TRUE(static_cast<unsigned char>(each) >= 0x20 && each != 0x7f);
}

TEST_F(NtlmAcceptor, FoldsUserNames) {
    crafted_ntlm_client client;
    client.user = u"uSER";
    EXPECT_EQ(log_on(client).state, outcome::done);
}

TEST_F(NtlmAcceptor, TakesAnEntryOfADomainForThatDomainOnly) {
    crafted_ntlm_client client;
    client.user = u"Reader";
    client.domain = u"home";
    EXPECT_EQ(log_on(client).state, outcome::done);
    client.domain = u"other";
    expect_refused(client, "no such account");
    client.domain = u"*";
    expect_refused(client, "no such account");
}

TEST_F(NtlmAcceptor, TakesAClientWithoutMicThatDidNotAnnounceOne) {
    crafted_ntlm_client client;
    client.announce_mic = false;
    client.write_mic = false;
    EXPECT_EQ(log_on(client).state, outcome::done);
}

TEST_F(NtlmAcceptor, RefusesAWrongPassword) {
    crafted_ntlm_client client;
    client.password = u"password";
    expect_refused(client, "wrong password");
    client.password = u"";
    expect_refused(client, "wrong password");
}

TEST_F(NtlmAcceptor, RefusesAnUnknownUser) {
    crafted_ntlm_client client;
    client.user = u"Nobody";
    expect_refused(client, "no such account");
}

TEST_F(NtlmAcceptor, RefusesAnonymousLogon) {
    crafted_ntlm_client client;
    client.user = u"";
    expect_refused(client, "anonymous");
    crafted_ntlm_client flagged;
    flagged.authenticate_flags |= ntlm::flag::anonymous;
    expect_refused(flagged, "anonymous");
}

TEST_F(NtlmAcceptor, LetsNobodyInOnlyWhereThatIsAllowed) {
    crafted_ntlm_client nobody;
    nobody.user = nobody.domain = u"";
    nobody.change_fields = [](auto& fields) { fields.nt_response.clear(); };
    expect_refused(nobody, "anonymous");
    config_.allow_anonymous = true;
    acceptor_ = make_acceptor(config_);
    const auto context = server();
    ASSERT_EQ(nobody.log_on(*context).state, outcome::done);
    EXPECT_TRUE(context->who().account.empty());
    ASSERT_EQ(context->who().sids.size(), 1U);
    EXPECT_EQ(to_string(context->who().sids[0]), "S-1-5-7");
    crafted_ntlm_client named;
    named.change_fields = [](auto& fields) { fields.nt_response.clear(); };
    expect_refused(named, "LM only");
}

TEST_F(NtlmAcceptor, RefusesOldResponses) {
    crafted_ntlm_client v1;
    v1.change_fields = [](auto& fields) { fields.nt_response.resize(24); };
    expect_refused(v1, "NTLMv1");
    crafted_ntlm_client lm_only;
    lm_only.change_fields = [](auto& fields) { fields.nt_response.clear(); };
    expect_refused(lm_only, "LM only");
    crafted_ntlm_client cut;
    cut.change_fields = [](auto& fields) { fields.nt_response.resize(40); };
    expect_refused(cut, "malformed NTLMv2");
}

TEST_F(NtlmAcceptor, HasNoSealForAClientThatDidNotAskForIt) {
    crafted_ntlm_client client;
    client.authenticate_flags &= ~ntlm::flag::seal;
    const auto context = server();
    ASSERT_EQ(client.log_on(*context).state, step_result::outcome::done);
    EXPECT_EQ(context->token_size(protection_level::privacy), 0U);
    EXPECT_NE(context->token_size(protection_level::integrity), 0U);
    std::array<std::byte, 64> pdu{};
    EXPECT_TRUE(context->protect({pdu, 24, 16, false, protection_level::integrity}));
    EXPECT_FALSE(context->protect({pdu, 24, 16, false, protection_level::privacy}));
}

TEST_F(NtlmAcceptor, RefusesEveryMissingFlag) {
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((ntlm::flag::required & bit) == 0)
            continue;
        crafted_ntlm_client client;
        client.authenticate_flags &= ~bit;
        expect_refused(client, "did not agree");
    }
    crafted_ntlm_client datagram;
    datagram.authenticate_flags |= ntlm::flag::datagram;
    expect_refused(datagram, "datagram");
}

TEST_F(NtlmAcceptor, ProtectsAtTheAgreedLevelsOnly) {
    struct row {
        std::uint32_t missing;
        protection_level strongest;
    };
    for (const row& each :
         {row{0, protection_level::privacy}, row{ntlm::flag::seal, protection_level::integrity},
          row{ntlm::flag::sign, protection_level::connect},
          row{ntlm::flag::sealing, protection_level::connect}}) {
        for (const auto level : {protection_level::connect, protection_level::packet,
                                 protection_level::integrity, protection_level::privacy}) {
            crafted_ntlm_client client;
            client.authenticate_flags &= ~each.missing;
            const auto context = server();
            ASSERT_EQ(client.log_on(*context).state, outcome::done);
            if (level == protection_level::privacy && context->token_size(level) == 0) {
                EXPECT_LT(each.strongest, level);
                continue;
            }
            ntlm::session peer(client.exported, ntlm::side::initiator);
            test_pdu pdu(16, context->token_size(level), level);
            ASSERT_TRUE(peer.protect(pdu.view()));
            EXPECT_EQ(context->unprotect(pdu.view()), level <= each.strongest);
            EXPECT_EQ(context->protect(pdu.view()), level <= each.strongest);
        }
    }
}

TEST_F(NtlmAcceptor, RefusesAMissingSessionKey) {
    crafted_ntlm_client client;
    client.change_fields = [](auto& fields) { fields.encrypted_session_key.clear(); };
    expect_refused(client, "no session key");
}

TEST_F(NtlmAcceptor, RefusesAMicThatWasCut) {
    crafted_ntlm_client client;
    client.write_mic = false;
    expect_refused(client, "wrong MIC");
}

TEST_F(NtlmAcceptor, RefusesAMicThatDoesNotCoverNegotiate) {
    const auto context = server();
    crafted_ntlm_client client;
    const step_result challenge = context->step(client.negotiate());
    client.negotiate_flags |= ntlm::flag::request_target; // the MIC now covers another NEGOTIATE
    EXPECT_EQ(context->step(client.authenticate(challenge.token)).state, outcome::refused);
}

TEST_F(NtlmAcceptor, RefusesAnAnnouncementThatWasCut) {
    crafted_ntlm_client client;
    // The bit is inside the signed blob, so taking it away breaks the proof.
    client.change_message = [](byte_string& message) {
        const byte_string mark = test::unhex("0600040002000000");
        const auto at = std::search(message.begin(), message.end(), mark.begin(), mark.end());
        ASSERT_NE(at, message.end());
        *(at + 4) = std::byte{0};
    };
    expect_refused(client, "wrong password");
}

TEST_F(NtlmAcceptor, RefusesAResponseMadeForAnotherServer) {
    crafted_ntlm_client client;
    client.change_pairs = [](byte_string& pairs) {
        const byte_string name = test::unhex("4e004f004400450031");
        const byte_string mark = test::unhex("01000a00");
        auto at = std::search(pairs.begin(), pairs.end(), mark.begin(), mark.end());
        ASSERT_NE(at, pairs.end());
        *(at + 4 + 8) = std::byte{'2'}; // NODE2
    };
    expect_refused(client, "another server");
}

TEST_F(NtlmAcceptor, RefusesAReplayedAuthenticate) {
    crafted_ntlm_client client;
    const auto first = server();
    const step_result challenge = first->step(client.negotiate());
    const byte_string authenticate = client.authenticate(challenge.token);
    EXPECT_EQ(first->step(authenticate).state, outcome::done);
    EXPECT_EQ(first->step(authenticate).state, outcome::refused) << "in the same context";
    const auto second = server();
    second->step(client.negotiate());
    EXPECT_EQ(second->step(authenticate).state, outcome::refused) << "in another context";
}

TEST_F(NtlmAcceptor, RefusesEveryTruncation) {
    crafted_ntlm_client client;
    const byte_string negotiate = client.negotiate();
    for (std::size_t size = 0; size < 32; ++size)
        EXPECT_EQ(server()->step(bytes_view(negotiate).first(size)).state, outcome::refused);
    const auto probe = server();
    const std::size_t whole = client.authenticate(probe->step(negotiate).token).size();
    for (std::size_t size = 0; size < whole; ++size) {
        crafted_ntlm_client cut;
        cut.change_message = [size](byte_string& message) { message.resize(size); };
        EXPECT_EQ(log_on(cut).state, outcome::refused) << size;
    }
}

TEST_F(NtlmAcceptor, RefusesEveryChangedBitOfTheFieldsThatCount) {
    crafted_ntlm_client client;
    const auto probe = server();
    const std::size_t whole = client.authenticate(probe->step(client.negotiate()).token).size();
    for (std::size_t at = 0; at < whole; ++at) {
        crafted_ntlm_client changed;
        changed.change_message = [at](byte_string& message) { message[at] ^= std::byte{0x10}; };
        EXPECT_EQ(log_on(changed).state, outcome::refused) << at;
    }
}

TEST_F(NtlmAcceptor, RefusesMessagesOutOfOrder) {
    crafted_ntlm_client client;
    EXPECT_EQ(server()->step({}).state, outcome::refused);
    const auto context = server();
    const step_result challenge = context->step(client.negotiate());
    EXPECT_EQ(context->step(client.negotiate()).state, outcome::refused);
    EXPECT_EQ(context->step(client.authenticate(challenge.token)).state, outcome::refused);
    EXPECT_EQ(server()->step(client.authenticate(challenge.token)).state, outcome::refused);
}

TEST_F(NtlmAcceptor, RefusesEverybodyWhileTheFileIsUnsafe) {
    chmod(config_.accounts_file->c_str(), 0644);
    expect_refused({}, "mode must be 0600");
    chmod(config_.accounts_file->c_str(), 0600);
    EXPECT_EQ(log_on({}).state, outcome::done);
    std::filesystem::remove(*config_.accounts_file);
    expect_refused({}, "no such file");
}

} // namespace
} // namespace bridge::auth
