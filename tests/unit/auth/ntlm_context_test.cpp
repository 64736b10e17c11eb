// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/acceptor.hpp"
#include "bridge/auth/local_rights.hpp"
#include "bridge/auth/ntlm_session.hpp"
#include "tests/unit/auth/bytes.hpp"
#include "tests/unit/auth/gss_initiator.hpp"
#include "tests/unit/auth/temporary_directory.hpp"

#include <cstdlib>
#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using test::gss_initiator;
using test::gss_mechanism;

/// An acceptor for User with password "Password", and the same credentials for a GSSAPI client.
class NtlmInterop : public ::testing::Test {
protected:
    NtlmInterop() {
        config_.accounts_file =
            directory_.write("accounts", "User:*:a4f49c406510bdcab6824ee7c30fd852:1000:admin\n");
        config_.netbios_computer = "NODE1";
        config_.dns_computer = "node1.example.org";
        config_.machine_sid = derive_machine_sid("cluster");
        credentials("Password");
        acceptor_ = make_acceptor(config_);
    }

    void credentials(const std::string& password) {
        const auto path = directory_.write("client", "DOM:User:" + password + "\n");
        setenv("NTLM_USER_FILE", path.c_str(), 1);
    }

    test::temporary_directory directory_;
    acceptor_config config_;
    std::unique_ptr<acceptor> acceptor_;
};

TEST_F(NtlmInterop, GssClientLogsOn) {
    gss_initiator client(gss_mechanism::ntlm, "DOM\\User", "host@node1");
    ASSERT_FALSE(client.has_failed()) << client.error();
    const auto server = acceptor_->accept(mechanism::ntlm);
    std::string reason;
    ASSERT_TRUE(run_exchange(client, *server, &reason)) << reason;
    EXPECT_EQ(display_name(server->who()), "DOM\\User");
    ASSERT_GE(server->who().sids.size(), 2U);
    EXPECT_EQ(server->who().sids[1], builtin_administrators());
}

TEST_F(NtlmInterop, SignedPdusGoBothWays) {
    gss_initiator client(gss_mechanism::ntlm, "DOM\\User", "host@node1");
    const auto server = acceptor_->accept(mechanism::ntlm);
    ASSERT_TRUE(run_exchange(client, *server));
    for (int round = 0; round < 3; ++round) {
        byte_string pdu(24 + 32 + 8 + 16, std::byte{7});
        const protected_pdu message{pdu, 24, 32, true, protection_level::integrity};
        const byte_string mic = client.get_mic(bytes_view(pdu).first(64));
        ASSERT_EQ(mic.size(), 16U);
        std::copy(mic.begin(), mic.end(), pdu.begin() + 64);
        EXPECT_TRUE(server->unprotect(message));
        EXPECT_TRUE(server->protect(message));
        EXPECT_TRUE(client.verify_mic(bytes_view(pdu).first(64), bytes_view(pdu).subspan(64)));
    }
}

TEST_F(NtlmInterop, WrongPasswordIsRefused) {
    credentials("password");
    gss_initiator client(gss_mechanism::ntlm, "DOM\\User", "host@node1");
    const auto server = acceptor_->accept(mechanism::ntlm);
    std::string reason;
    EXPECT_FALSE(run_exchange(client, *server, &reason));
    EXPECT_NE(reason.find("wrong password"), std::string::npos) << reason;
}

} // namespace
} // namespace bridge::auth
