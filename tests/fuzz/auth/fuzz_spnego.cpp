// SPDX-License-Identifier: Apache-2.0
// Input: tokens for one SPNEGO context, each behind its length in two bytes, little-endian.
#include "bridge/auth/spnego_context.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace bridge::auth;

/// Its MIC is the first bytes of what it signs.
class easy_protection final : public message_protection {
public:
    byte_string make_mic(bytes_view data) override {
        return {data.begin(),
                data.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(4, data.size()))};
    }

private:
    [[nodiscard]] std::size_t size_at(protection_level) const override { return 16; }
    bool write(const protected_pdu&) override { return true; }
    bool read(const protected_pdu&) override { return true; }
    bool verify_mic(bytes_view data, bytes_view mic) override {
        return std::ranges::equal(mic, make_mic(data));
    }
};

/// A mechanism of two legs that takes any token.
class easy_mechanism final : public mechanism_context {
public:
    explicit easy_mechanism(mechanism type) : type_(type) {}

    step_result step(bytes_view token) override {
        if (token.empty())
            return {step_result::outcome::refused, {}, "empty"};
        const bool is_last = ++legs_ == 2 || token.front() == std::byte{1};
        const byte_string answer(token.size() % 7, std::byte{2});
        if (is_last) {
            bridge::auth::identity who;
            who.proved_by = type_;
            admit(std::move(who), std::make_unique<easy_protection>(), protection_level::privacy);
        }
        return {is_last ? step_result::outcome::done : step_result::outcome::more, answer, {}};
    }

private:
    mechanism type_;
    int legs_ = 0;
};

class easy_factory final : public spnego::mechanism_factory {
public:
    std::unique_ptr<mechanism_context> make(mechanism type) override {
        return std::make_unique<easy_mechanism>(type);
    }
};

void check_reencoding(bytes_view token) {
    const auto parsed = spnego::parse_response(token);
    if (!parsed)
        return;
    const byte_string again = spnego::encode_response(*parsed);
    if (!std::ranges::equal(again, token))
        std::abort(); // strict DER has one encoding only
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bytes_view in = std::as_bytes(std::span(data, size));
    easy_factory factory;
    spnego::context context(factory);
    while (in.size() >= 2) {
        const std::size_t length =
            std::min(static_cast<std::size_t>(load_le(in, 0, 2)), in.size() - 2);
        const bytes_view token = in.subspan(2, length);
        in = in.subspan(2 + length);
        check_reencoding(token);
        spnego::without_framing(token);
        const step_result result = context.step(token);
        const bool is_done = result.state == step_result::outcome::done;
        if (is_done != (context.who().proved_by != mechanism::none))
            std::abort();
    }
    return 0;
}
