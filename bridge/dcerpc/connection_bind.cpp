// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/connection_machine.hpp"

#include <algorithm>
#include <string>

namespace bridge::dcerpc {

namespace {

// The trailer of a bind or alter_context starts no earlier than the stub of a request would.
constexpr std::size_t earliest_trailer = request_header_size;

constexpr bool level_exists(std::uint8_t level) {
    return level >= static_cast<std::uint8_t>(auth::protection_level::connect) &&
           level <= static_cast<std::uint8_t>(auth::protection_level::privacy);
}

/// MS-RPCE 3.3.1.5.2.2 knows the level; on connections Windows has its clients use `packet` instead
/// and refuses this.
constexpr bool level_offered(std::uint8_t level) {
    return level_exists(level) && level != static_cast<std::uint8_t>(auth::protection_level::call);
}

/// Padding is left in: the contexts say themselves where they end, and clients announce more than
/// there is.
std::span<const std::byte> body_of(std::span<const std::byte> pdu,
                                   const std::optional<security_trailer>& trailer) {
    const std::size_t end = trailer ? trailer->offset : pdu.size();
    return pdu.subspan(header_size, end - header_size);
}

bool every_item_has_a_syntax(const bind_body& body) {
    return !body.contexts.empty() &&
           std::none_of(body.contexts.begin(), body.contexts.end(),
                        [](const auto& item) { return item.transfers.empty(); });
}

/// The number both sides use from now on: rounded as Windows rounds it.
std::uint16_t negotiated_fragment(const bind_body& body, const limits& bounds) {
    const std::size_t asked = std::min(body.max_transmit, body.max_receive);
    return static_cast<std::uint16_t>(std::clamp(asked, bounds.smallest_fragment, bounds.fragment) &
                                      ~std::size_t{7});
}

} // namespace

void connection_machine::reject_bind(std::uint32_t call_id, reject_reason reason,
                                     std::string_view why) {
    scratch_.clear();
    write_bind_nak(scratch_, call_id, reason);
    send_raw(scratch_);
    close_after_output(why);
}

void connection_machine::on_bind(std::span<std::byte> pdu, const pdu_header& header) {
    std::optional<security_trailer> trailer;
    if (header.auth_length != 0) {
        trailer = read_trailer(pdu, header, earliest_trailer);
        if (!trailer) {
            reject_bind(header.call_id, reject_reason::protocol_version, "bad security trailer");
            return;
        }
    }
    const auto body = read_bind(body_of(pdu, trailer), header.big_endian);
    if (!body) {
        reject_bind(header.call_id, reject_reason::protocol_version, "bad bind");
        return;
    }
    if (!every_item_has_a_syntax(*body)) {
        reject_bind(header.call_id, reject_reason::not_specified, "bind without context");
        return;
    }
    if (trailer) {
        if (const auto reason = bind_security(*trailer)) {
            reject_bind(header.call_id, *reason, "authentication type or level");
            return;
        }
    }
    exchange pending{pdu_type::bind, header.call_id, pfc::first | pfc::last, {}, bind_security_};
    if (presentations_.negotiate(body->contexts, environment_.interfaces, environment_.offer_ndr64,
                                 pending.results) != presentation_table::outcome::negotiated) {
        reject_bind(header.call_id, reject_reason::not_specified, "contradicting contexts");
        return;
    }
    group_ = body->association == 0 ? environment_.associations.create()
                                    : environment_.associations.join(body->association);
    if (!group_) {
        reject_bind(header.call_id, reject_reason::not_specified, "unknown association group");
        return;
    }
    fragment_size_ = negotiated_fragment(*body, environment_.bounds);
    header_signing_ = header.has(pfc::header_sign);
    multiplexing_ = header.has(pfc::conc_mpx);
    pending.answer_flags |= header.flags & (pfc::header_sign | pfc::conc_mpx);
    exchange_ = std::move(pending);
    if (bind_security_ != nullptr) {
        start_leg(*bind_security_, trailer->token);
        return;
    }
    state_ = connection_state::ready;
    idle_since_ = now_;
    answer_exchange(*exchange_, {});
    exchange_.reset();
    exchange_deadline_ = never;
}

/// Makes the security context that the bind asks for, or says why not.
std::optional<reject_reason> connection_machine::bind_security(const security_trailer& trailer) {
    if (!level_exists(trailer.level)) {
        return reject_reason::not_specified;
    }
    auto context = environment_.acceptor.accept(static_cast<auth::mechanism>(trailer.type));
    if (!context) {
        return reject_reason::authentication_type;
    }
    if (!level_offered(trailer.level)) {
        return reject_reason::invalid_checksum;
    }
    bind_security_ = add_security(trailer, std::move(context));
    return std::nullopt;
}

connection_machine::security_entry*
connection_machine::add_security(const security_trailer& trailer,
                                 std::unique_ptr<auth::security_context> context) {
    auto entry = std::make_unique<security_entry>();
    entry->id = trailer.context_id;
    entry->type = trailer.type;
    entry->level = static_cast<auth::protection_level>(trailer.level);
    entry->context = std::move(context);
    security_.push_back(std::move(entry));
    return security_.back().get();
}

void connection_machine::on_alter(std::span<std::byte> pdu, const pdu_header& header) {
    std::optional<security_trailer> trailer;
    if (header.auth_length != 0) {
        trailer = read_trailer(pdu, header, earliest_trailer);
        if (!trailer) {
            fail_protocol(header.call_id, pfc::did_not_execute);
            return;
        }
    }
    const auto body = read_bind(body_of(pdu, trailer), header.big_endian);
    if (!body || !every_item_has_a_syntax(*body)) {
        fail_protocol(header.call_id, pfc::did_not_execute);
        return;
    }
    if (trailer && (trailer->type == 0 || !level_exists(trailer->level))) {
        fault_and_close(header.call_id, 0, fault::access_denied, pfc::did_not_execute,
                        "authentication type or level");
        return;
    }
    exchange pending{pdu_type::alter_context, header.call_id, pfc::first | pfc::last, {}, nullptr};
    if (presentations_.negotiate(body->contexts, environment_.interfaces, environment_.offer_ndr64,
                                 pending.results) != presentation_table::outcome::negotiated) {
        fail_protocol(header.call_id, pfc::did_not_execute);
        return;
    }
    if (trailer) {
        const auto refusal = alter_security(*trailer, pending.security);
        if (refusal != fault::none) {
            fault_and_close(header.call_id, 0, refusal, pfc::did_not_execute, "security context");
            return;
        }
    }
    if (header.has(pfc::header_sign)) {
        // A late offer counts for every security context of the connection.
        header_signing_ = true;
        pending.answer_flags |= pfc::header_sign;
    }
    exchange_ = std::move(pending);
    if (trailer) {
        start_leg(*exchange_->security, trailer->token);
        return;
    }
    answer_exchange(*exchange_, {});
    exchange_.reset();
}

/// Finds the exchange that an alter_context goes on with, or opens a new security context.
fault connection_machine::alter_security(const security_trailer& trailer, security_entry*& entry) {
    entry = find_security(trailer.context_id);
    if (entry != nullptr) {
        if (entry->state != security_state::in_progress ||
            static_cast<std::uint8_t>(entry->level) != trailer.level) {
            return fault::access_denied;
        }
        return entry->type == trailer.type ? fault::none : fault::sec_pkg_error;
    }
    if (security_.size() >= environment_.bounds.security_contexts) {
        environment_.watcher.limit_hit(info_, "security_contexts");
        return fault::protocol_error;
    }
    if (!level_offered(trailer.level)) {
        return fault::access_denied;
    }
    auto context = environment_.acceptor.accept(static_cast<auth::mechanism>(trailer.type));
    if (!context) {
        return fault::access_denied;
    }
    entry = add_security(trailer, std::move(context));
    return fault::none;
}

void connection_machine::on_auth3(std::span<std::byte> pdu, const pdu_header& header) {
    const auto trailer =
        header.auth_length == 0 ? std::nullopt : read_trailer(pdu, header, auth3_header_size);
    if (!trailer) {
        fault_and_close(header.call_id, 0, fault::remote_no_memory, pfc::did_not_execute,
                        "bad security trailer");
        return;
    }
    auto* entry = find_security(trailer->context_id);
    if (entry == nullptr || entry->state != security_state::in_progress) {
        fail_protocol(header.call_id, pfc::did_not_execute);
        return;
    }
    if (entry->type != trailer->type || static_cast<std::uint8_t>(entry->level) != trailer->level) {
        fault_and_close(header.call_id, 0, fault::access_denied, pfc::did_not_execute,
                        "authentication type or level changed");
        return;
    }
    exchange_ = exchange{pdu_type::auth3, header.call_id, 0, {}, entry};
    start_leg(*entry, trailer->token);
}

void connection_machine::start_leg(security_entry& entry, std::span<const std::byte> token) {
    ++entry.legs;
    state_ = connection_state::authenticating;
    exchange_deadline_ = std::min(exchange_deadline_, now_ + environment_.bounds.bind_time);
    actions_.emplace_back(start_auth{
        entry.context, {token.begin(), token.end()}, static_cast<auth::mechanism>(entry.type)});
}

void connection_machine::auth_completed(auth::step_result result, time_point now) {
    now_ = now;
    if (state_ != connection_state::authenticating || !exchange_) {
        return; // the connection was given up meanwhile
    }
    state_ = connection_state::ready;
    idle_since_ = now_;
    auto& entry = *exchange_->security;
    switch (result.state) {
    case auth::step_result::outcome::refused:
        leg_refused(result.reason);
        break;
    case auth::step_result::outcome::more:
        if (entry.legs >= environment_.bounds.auth_legs) {
            environment_.watcher.limit_hit(info_, "auth_legs");
            leg_refused("too many legs");
        } else if (exchange_->type == pdu_type::auth3) {
            leg_refused("auth3 was not the last leg");
        } else {
            answer_exchange(*exchange_, result.token);
        }
        break;
    case auth::step_result::outcome::done:
        leg_done(result);
        break;
    }
    exchange_.reset();
    if (!negotiating()) {
        exchange_deadline_ = never;
    }
}

void connection_machine::leg_refused(std::string_view why) {
    auto& entry = *exchange_->security;
    entry.state = security_state::invalid;
    environment_.watcher.authentication_failed(info_, static_cast<auth::mechanism>(entry.type),
                                               why);
    switch (exchange_->type) {
    case pdu_type::bind:
        reject_bind(exchange_->call_id, reject_reason::not_specified, "authentication failed");
        break;
    case pdu_type::alter_context:
        fault_and_close(exchange_->call_id, 0, fault::access_denied, pfc::did_not_execute,
                        "authentication failed");
        break;
    default:
        // An auth3 has no answer; the first request under this context learns it.
        break;
    }
}

void connection_machine::leg_done(auth::step_result& result) {
    auto& entry = *exchange_->security;
    if (exchange_->type == pdu_type::auth3 && !result.token.empty()) {
        // The mechanism has a last word for the client and no PDU to carry it (SPNEGO's third leg
        // belongs into an alter_context); Windows refuses the context too.
        leg_refused("the last token could not be sent in answer to an auth3");
        return;
    }
    if (entry.protects() && entry.context->token_size(entry.level) == 0) {
        // Completed, but without the protection that this level needs.
        const auto call_id = exchange_->call_id;
        const bool answerable = exchange_->type == pdu_type::alter_context;
        if (answerable) {
            entry.state = security_state::invalid;
            environment_.watcher.authentication_failed(
                info_, static_cast<auth::mechanism>(entry.type), "level not negotiated");
            fault_and_close(call_id, 0, fault::sec_pkg_error, pfc::did_not_execute,
                            "level not negotiated");
        } else {
            leg_refused("level not negotiated");
        }
        return;
    }
    entry.state = security_state::ready;
    auto who = std::make_shared<const auth::identity>(entry.context->who());
    environment_.watcher.authenticated(info_, *who, entry.level);
    if (!who->account.empty()) {
        // An anonymous logon proves nobody: its calls are calls without identity.
        entry.caller = std::move(who);
        authenticated_ = true;
    }
    if (exchange_->type != pdu_type::auth3) {
        answer_exchange(*exchange_, result.token);
    }
}

void connection_machine::answer_exchange(const exchange& done, std::span<const std::byte> token) {
    const auto port = std::to_string(info_.local_port);
    bind_answer answer;
    answer.call_id = done.call_id;
    answer.flags = done.answer_flags;
    answer.fragment_size = fragment_size_;
    answer.association = group_->id();
    answer.results = done.results;
    if (done.security != nullptr) {
        answer.trailer =
            answer_trailer{done.security->type, static_cast<std::uint8_t>(done.security->level),
                           done.security->id, token};
    }
    auto type = pdu_type::alter_context_response;
    if (done.type == pdu_type::bind) {
        type = pdu_type::bind_ack;
        answer.secondary_address = port;
    }
    scratch_.clear();
    write_bind_answer(scratch_, type, answer);
    send_raw(scratch_);
}

} // namespace bridge::dcerpc
