// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/connection_machine.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bridge::dcerpc {

namespace {

/// PDU types as a server sees them.
enum class pdu_class : std::uint8_t { bind, alter, auth3, request, cancel, orphaned, other };
constexpr std::size_t pdu_classes = 7;

constexpr pdu_class classify(pdu_type type) {
    switch (type) {
    case pdu_type::bind:
        return pdu_class::bind;
    case pdu_type::alter_context:
        return pdu_class::alter;
    case pdu_type::auth3:
        return pdu_class::auth3;
    case pdu_type::request:
        return pdu_class::request;
    case pdu_type::co_cancel:
        return pdu_class::cancel;
    case pdu_type::orphaned:
        return pdu_class::orphaned;
    case pdu_type::response:
    case pdu_type::fault:
    case pdu_type::bind_ack:
    case pdu_type::bind_nak:
    case pdu_type::alter_context_response:
    case pdu_type::shutdown:
        break;
    }
    return pdu_class::other; // for clients, or unknown
}

/// What a PDU is answered with in a state.
enum class reaction : std::uint8_t {
    unset,
    serve,
    reject_bind, ///< bind_nak and the end
    fail,        ///< fault protocol_error and the end
    ignore,
    hold, ///< not looked at until the leg has ended; never reaches the table's user
};

using reaction_row = std::array<reaction, pdu_classes>;

// Row: state; column: bind, alter, auth3, request, cancel, orphaned, other.
constexpr std::array<reaction_row, 4> reactions{{
    // unbound
    {reaction::serve, reaction::fail, reaction::fail, reaction::fail, reaction::fail,
     reaction::fail, reaction::fail},
    // authenticating
    {reaction::hold, reaction::hold, reaction::hold, reaction::hold, reaction::hold, reaction::hold,
     reaction::hold},
    // ready
    {reaction::reject_bind, reaction::serve, reaction::serve, reaction::serve, reaction::serve,
     reaction::serve, reaction::fail},
    // closing
    {reaction::ignore, reaction::ignore, reaction::ignore, reaction::ignore, reaction::ignore,
     reaction::ignore, reaction::ignore},
}};

constexpr bool complete() {
    for (const auto& row : reactions) {
        for (const auto cell : row) {
            if (cell == reaction::unset) {
                return false;
            }
        }
    }
    return true;
}
static_assert(complete());
static_assert(reactions.size() == static_cast<std::size_t>(connection_state::closing) + 1);

constexpr reaction react(connection_state state, pdu_type type) {
    return reactions[static_cast<std::size_t>(state)][static_cast<std::size_t>(classify(type))];
}

} // namespace

void connection_machine::release(std::vector<std::byte>& buffer) {
    if (buffer.capacity() > kept_capacity) {
        std::vector<std::byte>().swap(buffer);
    } else {
        buffer.clear();
    }
}

connection_machine::connection_machine(const connection_environment& environment,
                                       const connection_info& info, time_point now)
    : environment_(environment), info_(info),
      presentations_(environment.bounds.presentation_contexts), now_(now),
      exchange_deadline_(now + environment.bounds.bind_time), pdu_deadline_(never),
      call_deadline_(never), write_deadline_(never), idle_since_(now) {}

connection_machine::~connection_machine() {
    drop_reassembly();
    if (group_) {
        environment_.associations.leave(*group_);
    }
}

void connection_machine::feed(std::span<std::byte> bytes, time_point now) {
    now_ = now;
    if (state_ == connection_state::closing) {
        return;
    }
    if (!held_.empty()) {
        held_.insert(held_.end(), bytes.begin(), bytes.end());
        return;
    }
    fresh_ = bytes;
}

connection_action& connection_machine::next() {
    delivered_stub_.clear();
    action_ = std::monostate{};
    pdu_header header;
    while (actions_.empty() && state_ != connection_state::closing) {
        if (!wants_input()) {
            hold_input();
            break;
        }
        if (fresh_.empty() && !held_.empty()) {
            resumed_ = std::exchange(held_, {});
            fresh_ = resumed_;
        }
        const auto pdu = take_pdu(header);
        if (pdu.empty()) {
            break;
        }
        handle_pdu(pdu, header);
    }
    if (!actions_.empty()) {
        action_ = std::move(actions_.front());
        actions_.erase(actions_.begin());
        return action_;
    }
    if (state_ == connection_state::closing) {
        fresh_ = {};
        release(held_);
        release(partial_);
    }
    if (delivered_stub_.capacity() > kept_capacity) {
        std::vector<std::byte>().swap(delivered_stub_);
    }
    return action_;
}

void connection_machine::hold_input() {
    if (fresh_.empty()) {
        return;
    }
    held_.assign(fresh_.begin(), fresh_.end());
    fresh_ = {};
}

/// A whole PDU, or nothing. `partial_` collects one that arrives in pieces; others are taken where
/// they lie.
std::span<std::byte> connection_machine::take_pdu(pdu_header& header) {
    if (partial_taken_) {
        partial_taken_ = false;
        release(partial_);
    }
    for (;;) {
        const bool in_pieces = !partial_.empty();
        const std::span<std::byte> view = in_pieces ? std::span<std::byte>(partial_) : fresh_;
        std::size_t needed = header_size;
        if (view.size() >= header_size) {
            header_error error{};
            header = read_header(view, error);
            if (!header_acceptable(header, error)) {
                return {};
            }
            needed = header.fragment_length;
        }
        if (view.size() >= needed && needed >= header_size && view.size() >= header_size) {
            pdu_deadline_ = never;
            if (in_pieces) {
                partial_taken_ = true;
                return view;
            }
            fresh_ = fresh_.subspan(needed);
            return view.first(needed);
        }
        if (fresh_.empty()) {
            release(resumed_);
            return {};
        }
        if (!in_pieces) {
            pdu_deadline_ = now_ + environment_.bounds.pdu_time;
        }
        const std::size_t count = std::min(fresh_.size(), needed - partial_.size());
        partial_.insert(partial_.end(), fresh_.begin(),
                        fresh_.begin() + static_cast<std::ptrdiff_t>(count));
        fresh_ = fresh_.subspan(count);
    }
}

/// What can be said of a PDU from its header, before its body is waited for.
bool connection_machine::header_acceptable(const pdu_header& header, header_error error) {
    const bool opening = header.type == pdu_type::bind && state_ == connection_state::unbound;
    if (error != header_error::none) {
        if (opening && error == header_error::version) {
            reject_bind(header.call_id, reject_reason::protocol_version, "RPC version");
        } else {
            fail_protocol(header.call_id, 0);
        }
        return false;
    }
    const auto kind = classify(header.type);
    const bool control =
        kind == pdu_class::bind || kind == pdu_class::alter || kind == pdu_class::auth3;
    const std::size_t largest =
        control ? environment_.bounds.control_pdu : environment_.bounds.fragment;
    if (header.fragment_length > largest) {
        environment_.watcher.limit_hit(info_, control ? "control_pdu" : "fragment");
        fail_protocol(header.call_id, 0);
        return false;
    }
    return true;
}

void connection_machine::handle_pdu(std::span<std::byte> pdu, const pdu_header& header) {
    ++environment_.counted.packets_received;
    switch (react(state_, header.type)) {
    case reaction::serve:
        break;
    case reaction::reject_bind:
        reject_bind(header.call_id, reject_reason::not_specified, "second bind");
        return;
    case reaction::fail:
        fail_protocol(header.call_id, 0);
        return;
    case reaction::unset:
    case reaction::ignore:
    case reaction::hold:
        return;
    }
    switch (classify(header.type)) {
    case pdu_class::bind:
        on_bind(pdu, header);
        break;
    case pdu_class::alter:
        on_alter(pdu, header);
        break;
    case pdu_class::auth3:
        on_auth3(pdu, header);
        break;
    case pdu_class::request:
        on_request(pdu, header);
        break;
    case pdu_class::cancel:
    case pdu_class::orphaned:
        on_client_gave_up(header.call_id, header.type == pdu_type::orphaned);
        break;
    case pdu_class::other:
        break;
    }
}

/// co_cancel and orphaned. A call whose fragments are still coming runs all the same, as on
/// Windows.
void connection_machine::on_client_gave_up(std::uint32_t call_id, bool orphaned) {
    const auto found = std::find_if(active_.begin(), active_.end(),
                                    [&](const auto& a) { return a.call_id == call_id; });
    if (found == active_.end()) {
        return;
    }
    found->orphaned = found->orphaned || orphaned;
    actions_.emplace_back(cancel_call{found->key});
}

void connection_machine::fail_protocol(std::uint32_t call_id, std::uint8_t extra_flags) {
    fault_and_close(call_id, 0, fault::protocol_error, extra_flags, "protocol error");
}

void connection_machine::close_after_output(std::string_view why) {
    if (state_ != connection_state::closing) {
        state_ = connection_state::closing;
        close_reason_ = why;
        exchange_.reset();
    }
    drop_reassembly();
    fresh_ = {};
}

void connection_machine::abandon(std::string_view why) {
    close_after_output(why);
    if (group_) {
        // Handles are run down now, not when the last running call has noticed.
        environment_.associations.leave(*group_);
        group_.reset();
    }
    queue_.clear();
    out_.clear();
    out_sent_ = 0;
}

bool connection_machine::wants_input() const {
    return (state_ == connection_state::unbound || state_ == connection_state::ready) &&
           queue_.empty() && out_.size() - out_sent_ < environment_.bounds.output_backlog;
}

bool connection_machine::negotiating() const {
    return state_ != connection_state::ready ||
           std::any_of(security_.begin(), security_.end(),
                       [](const auto& s) { return s->state == security_state::in_progress; });
}

bool connection_machine::finished() const {
    return state_ == connection_state::closing && queue_.empty() && out_sent_ == out_.size();
}

connection_machine::time_point connection_machine::idle_deadline() const {
    const bool limited = environment_.bounds.idle_time.count() != 0;
    const bool idle = state_ == connection_state::ready && active_.empty();
    return limited && idle ? idle_since_ + environment_.bounds.idle_time : never;
}

connection_machine::time_point connection_machine::deadline() const {
    return std::min(
        {exchange_deadline_, pdu_deadline_, call_deadline_, write_deadline_, idle_deadline()});
}

void connection_machine::tick(time_point now) {
    now_ = now;
    if (state_ == connection_state::closing) {
        if (write_deadline_ <= now) {
            abandon("peer does not read");
        }
        return;
    }
    if (write_deadline_ <= now) {
        environment_.watcher.limit_hit(info_, "write_time");
        abandon("peer does not read");
    } else if (exchange_deadline_ <= now) {
        environment_.watcher.limit_hit(info_, "bind_time");
        abandon("bind not completed in time");
    } else if (pdu_deadline_ <= now) {
        environment_.watcher.limit_hit(info_, "pdu_time");
        abandon("PDU not completed in time");
    } else if (call_deadline_ <= now) {
        environment_.watcher.limit_hit(info_, "pdu_time");
        abandon("call not completed in time");
    } else if (idle_deadline() <= now) {
        abandon("idle");
    }
}

} // namespace bridge::dcerpc
