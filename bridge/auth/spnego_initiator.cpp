// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/spnego_initiator.hpp"

#include <utility>

namespace bridge::auth::spnego {

namespace {

using outcome = step_result::outcome;

} // namespace

initiator::initiator(bytes_view oid, std::unique_ptr<mechanism_initiator> inner,
                     const std::vector<bytes_view>& preferred)
    : oid_(oid), inner_(std::move(inner)), is_first_choice_(preferred.empty()) {
    std::vector<bytes_view> list = preferred;
    list.push_back(oid);
    mechanism_list_ = encode_mechanism_list(list);
}

step_result initiator::refuse(std::string reason) {
    state_ = state::dead;
    return {outcome::refused, {}, "SPNEGO: " + std::move(reason)};
}

step_result initiator::start() {
    state_ = state::negotiating;
    if (!is_first_choice_)
        return {outcome::more, encode_init(mechanism_list_, {}), {}};
    step_result first = inner_->step({});
    if (first.state != outcome::more)
        return refuse(std::move(first.reason));
    first.token = encode_init(mechanism_list_, first.token);
    return first;
}

step_result initiator::step(bytes_view token) {
    if (state_ == state::start)
        return start();
    const auto response = parse_response(token);
    if (!response || response->state == negotiation_state::reject)
        return refuse("the server gave up or sent a malformed token");
    if (response->mechanism && !same_oid(*response->mechanism, oid_))
        return refuse("the server chose another mechanism");
    if (state_ == state::wants_end)
        return finish(*response);
    if (state_ != state::negotiating)
        return refuse("a token after the end of the exchange");
    mic_required_ = mic_required_ || response->state == negotiation_state::request_mic;
    return advance(response->token.value_or(bytes_view{}));
}

step_result initiator::advance(bytes_view inner_token) {
    step_result result = inner_->step(inner_token);
    if (result.state == outcome::refused)
        return refuse(std::move(result.reason));
    response_token answer;
    answer.state = negotiation_state::incomplete;
    answer.token = result.token;
    byte_string mic;
    if (result.state == outcome::done) {
        mic = inner_->make_mic(mechanism_list_);
        answer.mic = mic;
        state_ = state::wants_end;
    }
    return {outcome::more, encode_response(answer), {}};
}

step_result initiator::finish(const response_token& response) {
    if (response.state != negotiation_state::completed || response.token)
        return refuse("the server did not complete");
    if (response.mic ? !inner_->check_mic(mechanism_list_, *response.mic) : mic_required_)
        return refuse("wrong MIC of the mechanism list");
    state_ = state::done;
    return {outcome::done, {}, {}};
}

std::size_t initiator::token_size(protection_level level) const {
    return state_ == state::done ? inner_->token_size(level) : 0;
}

bool initiator::protect(const protected_pdu& message) {
    return state_ == state::done && inner_->protect(message);
}

bool initiator::unprotect(const protected_pdu& message) {
    return state_ == state::done && inner_->unprotect(message);
}

} // namespace bridge::auth::spnego
