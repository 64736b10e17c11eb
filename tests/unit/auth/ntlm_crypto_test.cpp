// SPDX-License-Identifier: Apache-2.0
// The published values of MS-NLMP 4.2.4 (NTLMv2 authentication).
#include "bridge/auth/ntlm_crypto.hpp"
#include "bridge/auth/ntlm_messages.hpp"
#include "bridge/auth/ntlm_session.hpp"
#include "tests/unit/auth/bytes.hpp"

#include <gtest/gtest.h>

namespace bridge::auth::ntlm {
namespace {

using test::hex;
using test::key_of;
using test::unhex;

constexpr auto blob_hex = "0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000"
                          "02000c00 44006f006d00610069006e00 01000c00 530065007200760065007200"
                          "00000000 00000000";
constexpr auto authenticate_hex =
    "4e544c4d53535000 03000000 18001800 6c000000 54005400 84000000 0c000c00 48000000"
    "08000800 54000000 10001000 5c000000 10001000 d8000000 358288e2 0501280a0000000f"
    "44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200"
    "86c35097ac9cec102554764a57cccc19 aaaaaaaaaaaaaaaa 68cd0ab851e51c96aabc927bebef6a1c"
    "0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000"
    "02000c00 44006f006d00610069006e00 01000c00 530065007200760065007200 00000000 00000000"
    "c5dad2544fc9799094ce1ce90bc9d03e";

TEST(NtlmVectors, NtHashIsMd4OfTheUtf16Password) {
    EXPECT_EQ(hex(nt_hash(u"Password")), "a4f49c406510bdcab6824ee7c30fd852");
    EXPECT_EQ(hex(*nt_hash_utf8("Password")), "a4f49c406510bdcab6824ee7c30fd852");
    EXPECT_FALSE(nt_hash_utf8("\xff"));
}

TEST(NtlmVectors, OneWayFunctionFoldsTheUserOnly) {
    const key16 ntowf = ntowf_v2(nt_hash(u"Password"), u"User", u"Domain");
    EXPECT_EQ(hex(ntowf), "0c868a403bfd7a93a3001ef22ef02e3f");
    EXPECT_EQ(hex(ntowf_v2(nt_hash(u"Password"), u"uSER", u"Domain")), hex(ntowf));
    EXPECT_NE(hex(ntowf_v2(nt_hash(u"Password"), u"User", u"DOMAIN")), hex(ntowf));
}

TEST(NtlmVectors, ProofAndKeysAreThePublishedOnes) {
    const key16 ntowf = key_of("0c868a403bfd7a93a3001ef22ef02e3f");
    const key16 proof = nt_proof(ntowf, unhex("0123456789abcdef"), unhex(blob_hex));
    EXPECT_EQ(hex(proof), "68cd0ab851e51c96aabc927bebef6a1c");
    const key16 base = session_base_key(ntowf, proof);
    EXPECT_EQ(hex(base), "8de40ccadbc14a82f15cb0ad0de95ca3");
    const byte_string encrypted = unhex("c5dad2544fc9799094ce1ce90bc9d03e");
    EXPECT_EQ(hex(rc4_key(base, bytes_view(encrypted).first<16>())),
              "55555555555555555555555555555555");
}

TEST(NtlmVectors, AuthenticateMessageIsParsed) {
    const byte_string message = unhex(authenticate_hex);
    const auto parsed = parse_authenticate(message);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->user == u"User");
    EXPECT_TRUE(parsed->domain == u"Domain");
    EXPECT_TRUE(parsed->workstation == u"COMPUTER");
    EXPECT_EQ(parsed->lm_response.size(), v1_response_size);
    EXPECT_EQ(parsed->encrypted_session_key.size(), 16U);
    EXPECT_FALSE(parsed->has_room_for_mic);
    const auto response = parse_v2_response(parsed->nt_response);
    ASSERT_TRUE(response);
    EXPECT_EQ(hex(response->blob), hex(unhex(blob_hex)));
    EXPECT_TRUE(response->target.netbios_computer == u"Server");
    EXPECT_TRUE(response->target.netbios_domain == u"Domain");
}

TEST(NtlmVectors, SignAndSealKeysAreThePublishedOnes) {
    const key16 exported = key_of("55555555555555555555555555555555");
    EXPECT_EQ(
        hex(derive_key(exported, "session key to client-to-server sealing key magic constant")),
        "59f600973cc4960a25480a7c196e4c58");
    EXPECT_EQ(
        hex(derive_key(exported, "session key to client-to-server signing key magic constant")),
        "4788dc861b4782f35d43fd98fe1a2d39");
}

TEST(NtlmVectors, SealedTextIsThePublishedOne) {
    session client(key_of("55555555555555555555555555555555"), side::initiator);
    byte_string pdu = unhex("50006c00610069006e007400650078007400");
    const std::size_t body = pdu.size();
    pdu.resize(body + protected_pdu::trailer_size + session::token_length);
    ASSERT_TRUE(client.protect({pdu, 0, body, true, protection_level::privacy}));
    EXPECT_EQ(hex(bytes_view(pdu).first(body)), "54e50165bf1936dc996020c1811b0f06fb5f");
    EXPECT_EQ(hex(bytes_view(pdu).last(session::token_length).first(4)), "01000000");
    EXPECT_EQ(hex(bytes_view(pdu).last(4)), "00000000");
}

} // namespace
} // namespace bridge::auth::ntlm
