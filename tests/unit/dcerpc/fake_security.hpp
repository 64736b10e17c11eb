// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bridge::dcerpc::test {

/// A mechanism for tests: "hello" is answered with "challenge", then "proof" completes (with
/// "final" in answer to "proof+"), "now" completes at once, anything else is refused. Its tokens
/// hold a running number and a sum over the PDU; sealing inverts the body.
class fake_context final : public auth::security_context {
public:
    static constexpr std::size_t tag_size = 16;

    auth::step_result step(std::span<const std::byte> token) override {
        const std::string text(reinterpret_cast<const char*>(token.data()), token.size());
        if (text == "hello" || text == "again") {
            return {auth::step_result::outcome::more, word("challenge"), {}};
        }
        if (text == "proof" || text == "now") {
            return {auth::step_result::outcome::done, {}, {}};
        }
        if (text == "proof+") {
            return {auth::step_result::outcome::done, word("final"), {}};
        }
        return {auth::step_result::outcome::refused, {}, "wrong word"};
    }

    [[nodiscard]] std::size_t token_size(auth::protection_level) const override { return tag_size; }

    bool protect(const auth::protected_pdu& m) override {
        tag(m, sent_++);
        seal(m);
        return true;
    }

    bool unprotect(const auth::protected_pdu& m) override {
        if (m.pdu.size() < tag_size) {
            return false;
        }
        seal(m);
        std::vector<std::byte> got(m.pdu.end() - tag_size, m.pdu.end());
        tag(m, received_++);
        return std::equal(got.begin(), got.end(), m.pdu.end() - tag_size);
    }

    [[nodiscard]] const auth::identity& who() const override { return who_; }

private:
    static std::vector<std::byte> word(std::string_view text) {
        const auto view = std::as_bytes(std::span(text));
        return {view.begin(), view.end()};
    }
    static void seal(const auth::protected_pdu& m) {
        if (m.level == auth::protection_level::privacy) {
            for (auto& octet : m.pdu.subspan(m.body_offset, m.body_length)) {
                octet ^= std::byte{0xff};
            }
        }
    }
    static void tag(const auth::protected_pdu& m, std::uint32_t number) {
        std::uint32_t sum = m.header_signing ? 1 : 0;
        for (const auto octet : m.pdu.first(m.pdu.size() - tag_size)) {
            sum = sum * 31 + std::to_integer<std::uint32_t>(octet);
        }
        const auto at = m.pdu.last(tag_size);
        std::fill(at.begin(), at.end(), std::byte{0});
        for (std::size_t i = 0; i < 4; ++i) {
            at[i] = static_cast<std::byte>(number >> (8 * i));
            at[4 + i] = static_cast<std::byte>(sum >> (8 * i));
        }
    }

    auth::identity who_{"tester", "DOM", auth::mechanism::ntlm, {}};
    std::uint32_t sent_ = 0;
    std::uint32_t received_ = 0;
};

class fake_acceptor final : public auth::acceptor {
public:
    std::unique_ptr<auth::security_context> accept(auth::mechanism type) override {
        if (type != auth::mechanism::ntlm && type != auth::mechanism::spnego) {
            return nullptr;
        }
        return std::make_unique<fake_context>();
    }
};

} // namespace bridge::dcerpc::test
