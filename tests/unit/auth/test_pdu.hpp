// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/auth/wire_bytes.hpp"

#include <algorithm>

namespace bridge::auth::test {

/// Header, body and trailer with a recognisable pattern, and room for a token.
struct test_pdu {
    static constexpr std::size_t header_size = 24;

    test_pdu(std::size_t body_size, std::size_t token_size, protection_level at,
             bool with_header_signing = true)
        : bytes(header_size + body_size + protected_pdu::trailer_size + token_size),
          body(body_size), level(at), header_signing(with_header_signing) {
        for (std::size_t i = 0; i < bytes.size() - token_size; ++i)
            bytes[i] = static_cast<std::byte>(i * 7 + 1);
        plain = {bytes.begin(), bytes.end() - static_cast<std::ptrdiff_t>(token_size)};
    }

    protected_pdu view() { return {bytes, header_size, body, header_signing, level}; }

    /// True when everything before the token is as it was made.
    [[nodiscard]] bool is_plain() const {
        return std::equal(plain.begin(), plain.end(), bytes.begin());
    }
    [[nodiscard]] bool is_body_plain() const {
        return std::equal(plain.begin() + header_size,
                          plain.begin() + static_cast<std::ptrdiff_t>(header_size + body),
                          bytes.begin() + header_size);
    }

    byte_string bytes;
    byte_string plain;
    std::size_t body;
    protection_level level;
    bool header_signing;
};

/// Runs an initiator against an acceptor; true when both are done.
template <typename Initiator>
bool run(Initiator& client, security_context& server, std::string* reason = nullptr) {
    using outcome = step_result::outcome;
    step_result from_client = client.step({});
    for (int leg = 0; leg < 10 && from_client.state != outcome::refused; ++leg) {
        const step_result answer = server.step(from_client.token);
        if (reason != nullptr)
            *reason = answer.reason;
        if (answer.state == outcome::refused)
            return false;
        const bool client_done = from_client.state == outcome::done;
        if (client_done && answer.state == outcome::done)
            return true;
        from_client = client.step(answer.token);
        if (answer.state == outcome::done)
            return from_client.state == outcome::done;
    }
    if (reason != nullptr)
        *reason = from_client.reason;
    return false;
}

} // namespace bridge::auth::test
