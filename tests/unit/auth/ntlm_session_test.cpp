// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_session.hpp"
#include "tests/unit/auth/bytes.hpp"
#include "tests/unit/auth/test_pdu.hpp"

#include <gtest/gtest.h>

namespace bridge::auth::ntlm {
namespace {

using test::test_pdu;

class NtlmSession : public ::testing::Test {
protected:
    static key16 key() { return test::key_of("0123456789abcdef0123456789abcdef"); }

    static test_pdu fresh(protection_level level = protection_level::privacy) {
        return {64, session::token_length, level};
    }

    session client_{key(), side::initiator};
    session server_{key(), side::acceptor};
};

TEST_F(NtlmSession, SealsAndOpensBothWays) {
    for (int round = 0; round < 5; ++round) {
        test_pdu pdu = fresh();
        ASSERT_TRUE(client_.protect(pdu.view()));
        EXPECT_FALSE(pdu.is_body_plain());
        ASSERT_TRUE(server_.unprotect(pdu.view()));
        EXPECT_TRUE(pdu.is_plain());
        ASSERT_TRUE(server_.protect(pdu.view()));
        ASSERT_TRUE(client_.unprotect(pdu.view()));
        EXPECT_TRUE(pdu.is_plain());
    }
}

TEST_F(NtlmSession, LevelsMayChangeOnTheWay) {
    for (const auto level : {protection_level::integrity, protection_level::privacy,
                             protection_level::packet, protection_level::privacy}) {
        test_pdu pdu = fresh(level);
        ASSERT_TRUE(client_.protect(pdu.view()));
        EXPECT_EQ(pdu.is_body_plain(), level != protection_level::privacy);
        ASSERT_TRUE(server_.unprotect(pdu.view()));
        EXPECT_TRUE(pdu.is_plain());
    }
}

TEST_F(NtlmSession, SignsTheHeaderWhateverWasNegotiated) {
    for (const bool header_signing : {false, true}) {
        session client(key(), side::initiator);
        session server(key(), side::acceptor);
        test_pdu pdu(64, session::token_length, protection_level::privacy, header_signing);
        ASSERT_TRUE(client.protect(pdu.view()));
        pdu.bytes[2] ^= std::byte{1};
        EXPECT_FALSE(server.unprotect(pdu.view()));
    }
}

TEST_F(NtlmSession, NoticesEveryChangedByte) {
    const std::size_t size = fresh().bytes.size();
    for (const auto level : {protection_level::privacy, protection_level::integrity}) {
        for (std::size_t at = 0; at < size; ++at) {
            session client(key(), side::initiator);
            session server(key(), side::acceptor);
            test_pdu pdu = fresh(level);
            ASSERT_TRUE(client.protect(pdu.view()));
            pdu.bytes[at] ^= std::byte{0x80};
            EXPECT_FALSE(server.unprotect(pdu.view())) << at;
        }
    }
}

TEST_F(NtlmSession, RefusesAReplay) {
    test_pdu pdu = fresh(protection_level::integrity);
    ASSERT_TRUE(client_.protect(pdu.view()));
    ASSERT_TRUE(server_.unprotect(pdu.view()));
    EXPECT_FALSE(server_.unprotect(pdu.view()));
}

TEST_F(NtlmSession, RefusesAnotherOrder) {
    test_pdu first = fresh();
    test_pdu second = fresh();
    ASSERT_TRUE(client_.protect(first.view()));
    ASSERT_TRUE(client_.protect(second.view()));
    EXPECT_FALSE(server_.unprotect(second.view()));
}

TEST_F(NtlmSession, RefusesAReflection) {
    test_pdu pdu = fresh();
    ASSERT_TRUE(client_.protect(pdu.view()));
    EXPECT_FALSE(client_.unprotect(pdu.view()));
}

TEST_F(NtlmSession, IsOverAfterAFailure) {
    test_pdu bad = fresh();
    EXPECT_FALSE(server_.unprotect(bad.view()));
    test_pdu good = fresh();
    ASSERT_TRUE(client_.protect(good.view()));
    EXPECT_FALSE(server_.unprotect(good.view()));
    EXPECT_FALSE(server_.protect(good.view()));
}

TEST_F(NtlmSession, RefusesLayoutsThatDoNotAddUp) {
    byte_string bytes(64);
    const auto tried = [&](std::size_t size, std::size_t offset, std::size_t length) {
        session server(key(), side::acceptor);
        return server.protect(
            {std::span(bytes).first(size), offset, length, true, protection_level::privacy});
    };
    EXPECT_TRUE(tried(64, 24, 16));
    EXPECT_FALSE(tried(64, 24, 17));
    EXPECT_FALSE(tried(64, 24, 15));
    EXPECT_FALSE(tried(64, 65, 0));
    EXPECT_FALSE(tried(64, 0, SIZE_MAX));
    EXPECT_FALSE(tried(64, SIZE_MAX, 17));
    EXPECT_FALSE(tried(23, 0, 0));
    EXPECT_FALSE(tried(0, 0, 0));
    EXPECT_TRUE(tried(24, 0, 0));
}

TEST_F(NtlmSession, CountsAMechanismListMicAsMessageZero) {
    const byte_string list = test::bytes_of("mechanisms");
    const byte_string mic = client_.make_mic(list);
    EXPECT_EQ(test::hex(bytes_view(mic).last(4)), "00000000");
    ASSERT_TRUE(server_.check_mic(list, mic));
    test_pdu pdu = fresh();
    ASSERT_TRUE(client_.protect(pdu.view()));
    EXPECT_EQ(test::hex(bytes_view(pdu.bytes).last(4)), "01000000");
    EXPECT_TRUE(server_.unprotect(pdu.view()));
    ASSERT_TRUE(server_.protect(pdu.view()));
    EXPECT_EQ(test::hex(bytes_view(pdu.bytes).last(4)), "00000000") << "the other direction";
    EXPECT_TRUE(client_.unprotect(pdu.view()));
}

TEST_F(NtlmSession, StartsTheCipherAfreshAfterAMic) {
    // Same key, same text, one side with a MIC before it: the encrypted bodies are the same.
    session other(key(), side::initiator);
    client_.make_mic(test::bytes_of("mechanisms"));
    test_pdu a = fresh();
    test_pdu b = fresh();
    ASSERT_TRUE(client_.protect(a.view()));
    ASSERT_TRUE(other.protect(b.view()));
    EXPECT_TRUE(std::equal(a.bytes.begin(), a.bytes.begin() + 96, b.bytes.begin()));
}

TEST_F(NtlmSession, RefusesAWrongMic) {
    const byte_string list = test::bytes_of("mechanisms");
    EXPECT_FALSE(session(key(), side::acceptor).check_mic(list, {}));
    EXPECT_FALSE(session(key(), side::acceptor).check_mic(list, byte_string(16)));
    const byte_string mic = client_.make_mic(list);
    EXPECT_FALSE(server_.check_mic(test::bytes_of("mechanismS"), mic));
    EXPECT_FALSE(server_.check_mic(list, mic)) << "the first failure ends it";
}

TEST_F(NtlmSession, LeavesConnectLevelAlone) {
    test_pdu pdu = fresh(protection_level::connect);
    EXPECT_TRUE(client_.protect(pdu.view()));
    EXPECT_TRUE(pdu.is_plain());
    EXPECT_TRUE(server_.unprotect(pdu.view()));
}

} // namespace
} // namespace bridge::auth::ntlm
