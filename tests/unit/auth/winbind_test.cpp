// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/winbind_source.hpp"
#include "tests/unit/auth/crafted_ntlm_client.hpp"
#include "tests/unit/auth/ntlm_fixture.hpp"

#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using test::crafted_ntlm_client;

/// These hold with a winbindd that knows no "User" of "ANY", and without any.
class Winbind : public test::ntlm_fixture {
protected:
    void SetUp() override {
        config_.winbind = true;
        acceptor_ = make_acceptor(config_);
    }
};

TEST_F(Winbind, IsAskedAboutUnknownAccountsOnly) {
    crafted_ntlm_client unknown;
    unknown.user = u"no-such-user";
    const step_result refused = unknown.log_on(*server());
    EXPECT_EQ(refused.state, step_result::outcome::refused);
    EXPECT_NE(refused.reason.find("winbind"), std::string::npos) << refused.reason;
    crafted_ntlm_client known;
    EXPECT_EQ(known.log_on(*server()).state, step_result::outcome::done);
    known.password = u"wrong";
    const step_result wrong = known.log_on(*server());
    EXPECT_EQ(wrong.state, step_result::outcome::refused);
    EXPECT_EQ(wrong.reason.find("winbind"), std::string::npos) << wrong.reason;
}

TEST_F(Winbind, IsNotAskedWhileTheFileIsUnsafe) {
    chmod(config_.accounts_file->c_str(), 0640);
    const step_result refused = crafted_ntlm_client{}.log_on(*server());
    EXPECT_EQ(refused.state, step_result::outcome::refused);
    EXPECT_EQ(refused.reason.find("winbind"), std::string::npos) << refused.reason;
}

TEST_F(Winbind, ServesAloneWithoutAFile) {
    config_.accounts_file.reset();
    acceptor_ = make_acceptor(config_);
    const step_result refused = crafted_ntlm_client{}.log_on(*server());
    EXPECT_EQ(refused.state, step_result::outcome::refused);
    EXPECT_NE(refused.reason.find("winbind"), std::string::npos) << refused.reason;
}

TEST_F(Winbind, AddsNoAliasesToNobody) {
    std::vector<win32::sid> nobody;
    add_builtin_aliases(nobody);
    EXPECT_TRUE(nobody.empty());
}

} // namespace
} // namespace bridge::auth
