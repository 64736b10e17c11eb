// SPDX-License-Identifier: Apache-2.0
// Input: tokens for one NTLM context, each behind its length in two bytes, little-endian. The
// account source believes everybody, so that MIC and key exchange are reached; nobody without a
// response of the second version may get through all the same.
#include "bridge/auth/ntlm_client_messages.hpp"
#include "bridge/auth/ntlm_context.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace bridge::auth;

class credulous_source final : public account_source {
public:
    attempt_result verify(const ntlm_attempt& attempt) const override {
        if (attempt.nt_response.size() <= ntlm::v1_response_size || attempt.user.empty())
            std::abort();
        attempt_result out;
        out.is = attempt_result::verdict::accepted;
        out.who.account = "anybody";
        return out;
    }
};

const ntlm::acceptor_settings& settings() {
    static const auto value = [] {
        ntlm::acceptor_settings out;
        out.netbios_computer = u"NODE1";
        out.sources.push_back(std::make_unique<credulous_source>());
        return out;
    }();
    return value;
}

void parse_all(bytes_view token) {
    ntlm::parse_negotiate(token);
    ntlm::parse_authenticate(token);
    ntlm::parse_v2_response(token);
    ntlm::parse_target_information(token);
    if (const auto challenge = ntlm::parse_challenge(token))
        ntlm::encode_v2_blob(challenge->target_pairs, challenge->challenge, true);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    bytes_view in = std::as_bytes(std::span(data, size));
    ntlm::context context(settings());
    bool is_over = false;
    while (in.size() >= 2) {
        const std::size_t length =
            std::min(static_cast<std::size_t>(load_le(in, 0, 2)), in.size() - 2);
        const bytes_view token = in.subspan(2, length);
        in = in.subspan(2 + length);
        parse_all(token);
        const step_result result = context.step(token);
        if (is_over && result.state != step_result::outcome::refused)
            std::abort();
        is_over = is_over || result.state != step_result::outcome::more;
    }
    return 0;
}
