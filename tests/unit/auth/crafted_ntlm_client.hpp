// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/ntlm_client_messages.hpp"
#include "bridge/auth/ntlm_crypto.hpp"
#include "bridge/auth/security_context.hpp"

#include <algorithm>
#include <functional>
#include <string>

namespace bridge::auth::test {

/// An NTLM client that can be made to misbehave in every way the acceptor has to notice.
struct crafted_ntlm_client {
    std::u16string user = u"User";
    std::u16string domain = u"ANY";
    std::u16string password = u"Password";
    std::uint32_t negotiate_flags = ntlm::flag::required | ntlm::flag::sealing | ntlm::flag::ntlm;
    std::uint32_t authenticate_flags =
        ntlm::flag::required | ntlm::flag::sealing | ntlm::flag::ntlm;
    bool announce_mic = true;
    bool write_mic = true;
    std::function<void(byte_string&)> change_pairs = [](byte_string&) {};
    std::function<void(ntlm::outgoing_authenticate&)> change_fields =
        [](ntlm::outgoing_authenticate&) {};
    std::function<void(byte_string&)> change_message = [](byte_string&) {};

    key16 exported;

    byte_string negotiate() const { return ntlm::encode_negotiate(negotiate_flags); }

    byte_string authenticate(bytes_view challenge_message) {
        const auto challenge = ntlm::parse_challenge(challenge_message);
        if (!challenge)
            return {};
        byte_string pairs(challenge->target_pairs.begin(), challenge->target_pairs.end());
        change_pairs(pairs);
        const byte_string own(8, std::byte{0xaa});
        const byte_string blob =
            ntlm::encode_v2_blob(pairs, own, announce_mic).value_or(byte_string(44));
        const key16 ntowf = ntlm::ntowf_v2(ntlm::nt_hash(password), user, domain);
        const key16 proof = ntlm::nt_proof(ntowf, challenge->challenge, blob);
        const key16 encrypted =
            ntlm::rc4_key(ntlm::session_base_key(ntowf, proof), exported.bytes());
        ntlm::outgoing_authenticate message;
        message.lm_response.resize(24);
        message.nt_response.assign(proof.bytes().begin(), proof.bytes().end());
        append(message.nt_response, blob);
        message.domain = domain;
        message.user = user;
        message.workstation = u"CLIENT";
        message.encrypted_session_key.assign(encrypted.bytes().begin(), encrypted.bytes().end());
        message.flags = authenticate_flags;
        change_fields(message);
        byte_string out = ntlm::encode_authenticate(message);
        if (write_mic) {
            const key16 mic = ntlm::hmac_md5(exported, {negotiate(), challenge_message, out});
            std::ranges::copy(mic.bytes(), out.begin() + ntlm::mic_offset);
        }
        change_message(out);
        return out;
    }

    /// The acceptor's last answer.
    step_result log_on(security_context& server) {
        const step_result challenge = server.step(negotiate());
        if (challenge.state != step_result::outcome::more)
            return challenge;
        return server.step(authenticate(challenge.token));
    }
};

} // namespace bridge::auth::test
