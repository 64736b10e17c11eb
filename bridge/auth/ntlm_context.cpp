// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_context.hpp"

#include "bridge/auth/ntlm_session.hpp"
#include "bridge/win32/upcase.hpp"
#include "bridge/win32/utf16.hpp"

#include <utility>

namespace bridge::auth::ntlm {

namespace {

/// Bits of the client's offer that are granted as they are.
constexpr std::uint32_t grantable = flag::required | flag::sealing | flag::request_target |
                                    flag::ntlm | flag::always_sign | flag::version;

bool is_anonymous(const authenticate_message& message) {
    return (message.flags & flag::anonymous) != 0 || message.user.empty();
}

/// The highest level that the flags of an AUTHENTICATE allow. A client that means to send at a
/// lower level asks for less; the level of a call is checked against its interface elsewhere.
protection_level strongest_level(std::uint32_t flags) {
    if ((flags & flag::required) != flag::required)
        return protection_level::connect;
    if ((flags & flag::sealing) == flag::sealing)
        return protection_level::privacy;
    return (flags & flag::sign) != 0 ? protection_level::integrity : protection_level::connect;
}

/// Text for the log why the flags of an AUTHENTICATE cannot be accepted; null when they can.
const char* objection_to_flags(std::uint32_t flags) {
    // Keys do not matter to a client that wants no protection: it only says who it is.
    const std::uint32_t needed = (flags & flag::sealing) != 0 ? flag::required : flag::basic;
    if ((flags & needed) != needed)
        return "the client did not agree to session security, key exchange and 128-bit keys";
    if ((flags & flag::datagram) != 0)
        return "datagram NTLM";
    return nullptr;
}

/// The key of the session: the client's choice, or the one that both derive.
key16 exported_key(const authenticate_message& message, const key16& derived) {
    if ((message.flags & flag::key_exchange) == 0)
        return derived;
    return rc4_key(derived, message.encrypted_session_key.first<key16::length>());
}

/// Text for the log why an AUTHENTICATE cannot be considered; null when it can.
const char* objection(const authenticate_message& message) {
    if (const char* why = objection_to_flags(message.flags))
        return why;
    if (is_anonymous(message))
        return "anonymous logon";
    if (message.user.size() > max_name_units || message.domain.size() > max_name_units ||
        message.workstation.size() > max_name_units)
        return "a name that is too long";
    if (message.nt_response.empty())
        return "no NT response (LM only or anonymous)";
    if (message.nt_response.size() <= v1_response_size)
        return "NTLMv1 response";
    if ((message.flags & flag::key_exchange) != 0 &&
        message.encrypted_session_key.size() != key16::length)
        return "no session key";
    return nullptr;
}

} // namespace

context::context(const acceptor_settings& settings) : settings_(settings) {}

step_result context::step(bytes_view token) {
    switch (state_) {
    case state::wants_negotiate:
        return negotiate(token);
    case state::wants_authenticate:
        return authenticate(token);
    case state::done:
    case state::dead:
        break;
    }
    return refuse("a token after the end of the exchange");
}

step_result context::refuse(std::string reason) {
    state_ = state::dead;
    forget();
    return {step_result::outcome::refused, {}, "NTLM: " + std::move(reason)};
}

step_result context::negotiate(bytes_view token) {
    const auto offered = parse_negotiate(token);
    if (!offered)
        return refuse("malformed NEGOTIATE");
    if ((*offered & flag::datagram) != 0)
        return refuse("datagram NTLM");
    challenge_message message;
    const bool in_domain =
        !settings_.netbios_domain.empty() &&
        !win32::equal_names(settings_.netbios_domain, settings_.netbios_computer);
    message.flags = (*offered & grantable) | flag::target_info | flag::ntlm |
                    (in_domain ? flag::target_is_domain : flag::target_is_server);
    fill_random(challenge_);
    message.challenge = challenge_;
    message.target = in_domain ? settings_.netbios_domain : settings_.netbios_computer;
    message.netbios_computer = settings_.netbios_computer;
    message.netbios_domain = message.target;
    message.dns_computer = settings_.dns_computer;
    message.dns_domain = settings_.dns_domain;
    message.timestamp = file_time_now();
    negotiate_.assign(token.begin(), token.end());
    challenge_message_ = encode_challenge(message);
    state_ = state::wants_authenticate;
    return {step_result::outcome::more, challenge_message_, {}};
}

step_result context::authenticate(bytes_view token) {
    const auto message = parse_authenticate(token);
    if (!message)
        return refuse("malformed AUTHENTICATE");
    if (settings_.allow_anonymous && is_anonymous(*message) && message->nt_response.empty())
        return log_on_nobody(*message);
    if (const char* why = objection(*message))
        return refuse(why);
    const auto response = parse_v2_response(message->nt_response);
    if (!response)
        return refuse("malformed NTLMv2 response");
    if (!is_own_target(response->target))
        return refuse("the response was made for another server");
    return log_on(*message, *response, token);
}

/// A response relayed from elsewhere carries the name of the server that the client talked to
/// (MS-NLMP 5.1). A client that leaves the name out is not refused.
bool context::is_own_target(const target_information& target) const {
    return !target.netbios_computer || target.netbios_computer->empty() ||
           win32::equal_names(*target.netbios_computer, settings_.netbios_computer);
}

attempt_result context::ask_sources(const authenticate_message& message) const {
    const ntlm_attempt attempt{message.user, message.domain,      message.workstation,
                               challenge_,   message.lm_response, message.nt_response};
    attempt_result last;
    last.reason = "no account source";
    for (const auto& source : settings_.sources) {
        last = source->verify(attempt);
        if (last.is != attempt_result::verdict::not_mine)
            break;
    }
    return last;
}

step_result context::log_on(const authenticate_message& message, const v2_response& response,
                            bytes_view token) {
    attempt_result result = ask_sources(message);
    if (result.is != attempt_result::verdict::accepted) {
        const std::string name = printable(win32::to_utf8(message.domain)) + '\\' +
                                 printable(win32::to_utf8(message.user));
        return refuse(name + ": " + result.reason);
    }
    const key16 exported = exported_key(message, result.session_key);
    const bool mic_announced = (response.target.flags & target_information::mic_present) != 0;
    if (mic_announced && (!message.has_room_for_mic || !has_valid_mic(exported, token)))
        return refuse("wrong MIC");
    complete(result.who.sids, settings_.rights);
    return finish(message, exported, std::move(result.who));
}

/// A client without an account (MS-NLMP 3.2.5.1.2): its key is known to everybody.
step_result context::log_on_nobody(const authenticate_message& message) {
    if ((message.flags & flag::datagram) != 0)
        return refuse("datagram NTLM");
    if ((message.flags & flag::key_exchange) != 0 &&
        message.encrypted_session_key.size() != key16::length)
        return refuse("no session key");
    identity nobody;
    nobody.proved_by = mechanism::ntlm;
    nobody.sids.push_back({5, {7}}); // S-1-5-7, ANONYMOUS LOGON
    return finish(message, exported_key(message, key16{}), std::move(nobody));
}

step_result context::finish(const authenticate_message& message, const key16& exported,
                            identity who) {
    admit(std::move(who), std::make_unique<session>(exported, side::acceptor),
          strongest_level(message.flags));
    negotiate_.clear();
    challenge_message_.clear();
    state_ = state::done;
    return {step_result::outcome::done, {}, {}};
}

/// HMAC-MD5 over the three messages with the MIC field as zeros (MS-NLMP 3.2.5.1.2).
bool context::has_valid_mic(const key16& exported, bytes_view token) const {
    constexpr std::array<std::byte, mic_size> zeros{};
    const key16 expected =
        hmac_md5(exported, {negotiate_, challenge_message_, token.first(mic_offset), zeros,
                            token.subspan(mic_offset + mic_size)});
    return equal_secret(expected.bytes(), token.subspan(mic_offset, mic_size));
}

} // namespace bridge::auth::ntlm
