// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_initiator.hpp"

#include "bridge/auth/ntlm_session.hpp"

#include <algorithm>
#include <utility>

namespace bridge::auth::ntlm {

namespace {

using outcome = step_result::outcome;

constexpr std::uint32_t offered_flags = flag::required | flag::sealing | flag::request_target |
                                        flag::ntlm | flag::always_sign | flag::target_info;

key16 random_key() {
    key16 out;
    fill_random(std::as_writable_bytes(std::span(out.data(), key16::length)));
    return out;
}

} // namespace

initiator::initiator(std::u16string user, std::u16string domain, const key16& nt_hash)
    : user_(std::move(user)), domain_(std::move(domain)), hash_(nt_hash) {}

step_result initiator::refuse(std::string reason) {
    state_ = state::dead;
    protect_with(nullptr);
    return {outcome::refused, {}, "NTLM: " + std::move(reason)};
}

step_result initiator::step(bytes_view token) {
    if (state_ == state::wants_challenge)
        return answer(token);
    if (state_ != state::start)
        return refuse("a token after the end of the exchange");
    negotiate_ = encode_negotiate(offered_flags);
    state_ = state::wants_challenge;
    return {outcome::more, negotiate_, {}};
}

step_result initiator::answer(bytes_view token) {
    const auto challenge = parse_challenge(token);
    if (!challenge)
        return refuse("malformed CHALLENGE");
    constexpr std::uint32_t needed = flag::required | flag::sealing;
    if ((challenge->flags & needed) != needed)
        return refuse("the server does not offer sealing with key exchange and 128-bit keys");
    std::array<std::byte, challenge_size> own_challenge{};
    fill_random(own_challenge);
    const auto blob = encode_v2_blob(challenge->target_pairs, own_challenge, true);
    if (!blob)
        return refuse("malformed target information");
    const key16 ntowf = ntowf_v2(hash_, user_, domain_);
    const key16 proof = nt_proof(ntowf, challenge->challenge, *blob);
    const key16 exported = random_key();
    const key16 encrypted = rc4_key(session_base_key(ntowf, proof), exported.bytes());
    outgoing_authenticate message;
    message.lm_response.resize(v1_response_size); // zeros: MS-NLMP 3.1.5.1.2
    message.nt_response.assign(proof.bytes().begin(), proof.bytes().end());
    append(message.nt_response, *blob);
    message.domain = domain_;
    message.user = user_;
    message.encrypted_session_key.assign(encrypted.bytes().begin(), encrypted.bytes().end());
    message.flags = challenge->flags & offered_flags;
    byte_string out = encode_authenticate(message);
    const key16 mic = hmac_md5(exported, {negotiate_, token, out});
    std::ranges::copy(mic.bytes(), out.begin() + mic_offset);
    protect_with(std::make_unique<session>(exported, side::initiator));
    state_ = state::done;
    return {outcome::done, std::move(out), {}};
}

} // namespace bridge::auth::ntlm
