// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/acceptor.hpp"
#include "bridge/auth/local_rights.hpp"
#include "tests/unit/auth/temporary_directory.hpp"

#include <cstdlib>
#include <gtest/gtest.h>

namespace bridge::auth::test {

/// An acceptor that knows User (any domain) and Reader (domain HOME), both with the password
/// "Password".
class ntlm_fixture : public ::testing::Test {
protected:
    ntlm_fixture() {
        config_.accounts_file =
            directory_.write("accounts", "User:*:a4f49c406510bdcab6824ee7c30fd852:1000:admin\n"
                                         "Reader:HOME:a4f49c406510bdcab6824ee7c30fd852::read\n");
        config_.netbios_computer = "NODE1";
        config_.dns_computer = "node1.example.org";
        config_.machine_sid = derive_machine_sid("cluster");
        acceptor_ = make_acceptor(config_);
    }

    std::unique_ptr<security_context> server(mechanism type = mechanism::ntlm) {
        return acceptor_->accept(type);
    }

    /// Credentials of the system's NTLM client.
    void client_password(const std::string& password) const {
        const auto path = directory_.write("client", "DOM:User:" + password + "\n");
        setenv("NTLM_USER_FILE", path.c_str(), 1);
    }

    temporary_directory directory_;
    acceptor_config config_;
    std::unique_ptr<acceptor> acceptor_;
};

} // namespace bridge::auth::test
