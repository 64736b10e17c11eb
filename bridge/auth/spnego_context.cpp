// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/spnego_context.hpp"

#include <utility>

namespace bridge::auth::spnego {

namespace {

using outcome = step_result::outcome;

mechanism mechanism_of(bytes_view oid) {
    if (same_oid(oid, oid_kerberos()) || same_oid(oid, oid_kerberos_microsoft()))
        return mechanism::kerberos;
    return same_oid(oid, oid_ntlm()) ? mechanism::ntlm : mechanism::none;
}

std::optional<bytes_view> unless_empty(bytes_view bytes) {
    return bytes.empty() ? std::nullopt : std::optional(bytes);
}

} // namespace

context::context(mechanism_factory& factory) : factory_(factory) {}

step_result context::refuse(std::string reason) {
    state_ = state::dead;
    return {outcome::refused, {}, "SPNEGO: " + std::move(reason)};
}

step_result context::step(bytes_view token) {
    if (++legs_ > max_legs)
        return refuse("too many legs");
    switch (state_) {
    case state::wants_init:
        return init(token);
    case state::wants_response:
        return respond(token);
    case state::wants_mic:
        return finish(token);
    case state::done:
    case state::dead:
        break;
    }
    return refuse("a token after the end of the exchange");
}

/// Picks the first mechanism that is switched on; everything else (NegoEx) is passed over.
bool context::choose(const init_token& offer) {
    for (const bytes_view oid : offer.mechanisms) {
        const mechanism type = mechanism_of(oid);
        if (type == mechanism::none)
            continue;
        inner_ = factory_.make(type);
        if (inner_) {
            chosen_oid_.assign(oid.begin(), oid.end());
            return true;
        }
    }
    return false;
}

step_result context::init(bytes_view token) {
    const auto offer = parse_init(token);
    if (!offer)
        return refuse("malformed NegTokenInit");
    if (!choose(*offer))
        return refuse("no common mechanism");
    mechanism_list_.assign(offer->mechanism_list.begin(), offer->mechanism_list.end());
    state_ = state::wants_response;
    // A token for another mechanism than the chosen one is of no use; and since somebody may have
    // re-ordered the list, the MIC is no longer optional (RFC 4178 5).
    mic_required_ = !same_oid(offer->mechanisms.front(), chosen_oid_);
    if (!mic_required_ && offer->token)
        return advance(*offer->token, offer->mic, true);
    const auto first =
        mic_required_ ? negotiation_state::request_mic : negotiation_state::incomplete;
    return {outcome::more,
            encode_response({first, bytes_view(chosen_oid_), std::nullopt, std::nullopt}),
            {}};
}

step_result context::respond(bytes_view token) {
    const auto response = parse_response(token);
    if (!response)
        return refuse("malformed NegTokenResp");
    if (response->state == negotiation_state::reject)
        return refuse("the client gave up");
    if (response->mechanism && !same_oid(*response->mechanism, chosen_oid_))
        return refuse("the client changed the mechanism");
    if (!response->token)
        return refuse("no token of the mechanism");
    return advance(*response->token, response->mic, false);
}

step_result context::advance(bytes_view token, const std::optional<bytes_view>& mic,
                             bool is_first) {
    step_result result = inner_->step(token);
    if (result.state == outcome::refused)
        return refuse(std::move(result.reason));
    if (result.state == outcome::done)
        return complete(result.token, mic, is_first);
    if (mic)
        return refuse("a MIC before the mechanism is done");
    const auto oid = is_first ? std::optional(bytes_view(chosen_oid_)) : std::nullopt;
    return {outcome::more,
            encode_response(
                {negotiation_state::incomplete, oid, unless_empty(result.token), std::nullopt}),
            {}};
}

/// The mechanism is done: the list gets its MICs, which a client may leave out when its first
/// choice was taken.
step_result context::complete(const byte_string& last_token, const std::optional<bytes_view>& mic,
                              bool is_first) {
    if (mic && !inner_->check_mic(mechanism_list_, *mic))
        return refuse("wrong MIC of the mechanism list");
    const bool mic_comes_later = mic_required_ && !mic && !last_token.empty();
    if (mic_required_ && !mic && !mic_comes_later)
        return refuse("no MIC of the mechanism list");
    response_token answer;
    answer.state = mic_comes_later ? negotiation_state::incomplete : negotiation_state::completed;
    if (is_first)
        answer.mechanism = chosen_oid_;
    answer.token = unless_empty(last_token);
    byte_string own_mic;
    if (mic || mic_comes_later) {
        own_mic = inner_->make_mic(mechanism_list_);
        if (own_mic.empty())
            return refuse("cannot sign the mechanism list");
        answer.mic = own_mic;
    }
    state_ = mic_comes_later ? state::wants_mic : state::done;
    return {mic_comes_later ? outcome::more : outcome::done, encode_response(answer), {}};
}

/// The last leg of a mechanism whose last token was ours.
step_result context::finish(bytes_view token) {
    const auto response = parse_response(token);
    if (!response || response->token || !response->mic ||
        response->state == negotiation_state::reject)
        return refuse("no MIC of the mechanism list");
    if (!inner_->check_mic(mechanism_list_, *response->mic))
        return refuse("wrong MIC of the mechanism list");
    state_ = state::done;
    return {outcome::done, {}, {}};
}

std::size_t context::token_size(protection_level level) const {
    return state_ == state::done ? inner_->token_size(level) : 0;
}

bool context::protect(const protected_pdu& message) {
    return state_ == state::done && inner_->protect(message);
}

bool context::unprotect(const protected_pdu& message) {
    return state_ == state::done && inner_->unprotect(message);
}

const identity& context::who() const {
    static const identity nobody;
    return state_ == state::done ? inner_->who() : nobody;
}

} // namespace bridge::auth::spnego
