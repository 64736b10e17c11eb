// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/auth/temporary_directory.hpp"

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace bridge::auth::test {

/// An MIT realm AUTH.TEST of its own: a KDC on a loopback port, service keys for host/node1 in a
/// keytab, and a ticket for alice in the default credential cache of this process.
class private_realm {
public:
    private_realm();
    private_realm(const private_realm&) = delete;
    private_realm& operator=(const private_realm&) = delete;
    ~private_realm();

    /// Why there is no realm; empty when there is.
    [[nodiscard]] const std::string& missing() const { return missing_; }
    [[nodiscard]] std::filesystem::path keytab() const { return directory_.file("keytab"); }

    /// A cache with a ticket of bob for host/node1 that carries logon information, made out of the
    /// service's key by impacket: user 1107 of S-1-5-21-10-20-30, groups 513 and 512, extra SIDs
    /// S-1-5-21-7-7-7-519 and S-1-5-32-544. Empty when impacket's ticketer is not installed.
    [[nodiscard]] std::filesystem::path forge_ticket() const;

    /// Keys of the same principals that do not belong to this realm's tickets.
    [[nodiscard]] std::filesystem::path wrong_keytab() const { return directory_.file("wrong"); }

private:
    void write_configuration(std::uint16_t port) const;
    bool run(const std::string& command) const;
    bool start_kdc(std::uint16_t port);
    bool make_principals() const;
    bool fetch_tickets() const;
    std::string log() const;

    temporary_directory directory_;
    pid_t kdc_ = -1;
    std::string missing_;
};

} // namespace bridge::auth::test
