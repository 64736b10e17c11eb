// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/connection_machine.hpp"
#include "bridge/dcerpc/verification.hpp"

#include <algorithm>
#include <utility>

namespace bridge::dcerpc {

namespace {

const syntax_id& syntax_of(transfer_syntax syntax) {
    return syntax == transfer_syntax::ndr64 ? ndr64_syntax : ndr_syntax;
}

} // namespace

connection_machine::security_entry* connection_machine::find_security(std::uint32_t id) const {
    const auto found = std::find_if(security_.begin(), security_.end(),
                                    [&](const auto& s) { return s->id == id; });
    return found == security_.end() ? nullptr : found->get();
}

void connection_machine::on_request(std::span<std::byte> pdu, const pdu_header& header) {
    const auto head = read_request(pdu, header);
    if (!head) {
        fail_protocol(header.call_id, 0);
    } else if (fragments_) {
        on_further_fragment(pdu, header, *head);
    } else {
        on_first_fragment(pdu, header, *head);
    }
}

/// A fragment while a call is incomplete. Only its call id and its token count; what else it says
/// was said by the first (MS-RPCE 3.3.1.5.2.3 leaves it open, Windows ignores it).
void connection_machine::on_further_fragment(std::span<std::byte> pdu, const pdu_header& header,
                                             const request_head& head) {
    const auto& first = fragments_->head;
    if (header.call_id != first.call_id) {
        if (multiplexing_) {
            fail_protocol(header.call_id, 0);
        } else {
            fault_and_close(first.call_id, first.context_id, fault::protocol_error, 0,
                            "interleaved calls");
        }
        return;
    }
    const bool is_protected = first.security != nullptr && first.security->protects();
    const auto trailer =
        header.auth_length == 0 ? std::nullopt : read_trailer(pdu, header, head.stub_offset);
    if (is_protected != trailer.has_value() && (is_protected || header.auth_length != 0)) {
        fault_and_close(first.call_id, first.context_id, fault::protocol_error, 0,
                        "fragment without token");
        return;
    }
    if (is_protected && !unprotect(*first.security, pdu, head.stub_offset, *trailer)) {
        fault_and_close(first.call_id, first.context_id, fault::sec_pkg_error, 0, "bad signature");
        return;
    }
    if (header.has(pfc::first)) {
        fault_and_close(first.call_id, first.context_id, fault::protocol_error, 0,
                        "call begun twice");
        return;
    }
    const std::size_t end = trailer ? trailer->offset - trailer->pad_length : pdu.size();
    if (!append_fragment(pdu.subspan(head.stub_offset, end - head.stub_offset))) {
        return;
    }
    if (header.has(pfc::last)) {
        const auto whole = first;
        auto held = std::move(fragments_->held);
        delivered_stub_ = std::move(fragments_->stub);
        drop_reassembly();
        dispatch(whole, delivered_stub_, std::move(held));
    }
}

void connection_machine::on_first_fragment(std::span<std::byte> pdu, const pdu_header& header,
                                           const request_head& head) {
    if (!header.has(pfc::first) && !multiplexing_) {
        fail_protocol(header.call_id, 0);
        return;
    }
    if (header.has(pfc::first) && header.has(pfc::pending_cancel)) {
        fault_and_close(header.call_id, 0, fault::no_call_active, pfc::did_not_execute,
                        "cancelled before it began");
        return;
    }
    std::optional<security_trailer> trailer;
    if (header.auth_length != 0) {
        trailer = read_trailer(pdu, header, head.stub_offset);
        if (!trailer) {
            fail_protocol(header.call_id, 0);
            return;
        }
    }
    const auto* via = presentations_.find(head.context_id);
    security_entry* entry = nullptr;
    if (!select_security(header, head, trailer, via != nullptr, entry)) {
        return;
    }
    if (trailer && entry != nullptr && entry->protects() &&
        !unprotect(*entry, pdu, head.stub_offset, *trailer)) {
        fault_and_close(header.call_id, head.context_id, fault::sec_pkg_error, 0, "bad signature");
        return;
    }
    if (via == nullptr) {
        send_fault(header.call_id, 0, fault::unknown_interface, pfc::did_not_execute);
        return;
    }
    if (!header.has(pfc::first)) {
        fault_and_close(header.call_id, head.context_id, fault::protocol_error, 0,
                        "fragment without a beginning");
        return;
    }
    request r{header.call_id, head.context_id, head.opnum, header.big_endian, head.object,
              *via,           entry,           fault::none};
    const std::size_t end = trailer ? trailer->offset - trailer->pad_length : pdu.size();
    const auto stub = pdu.subspan(head.stub_offset, end - head.stub_offset);
    if (header.has(pfc::last)) {
        dispatch(r, stub, {});
        return;
    }
    if (head.alloc_hint > environment_.bounds.reassembly_call) {
        environment_.watcher.limit_hit(info_, "reassembly_call");
        fault_and_close(header.call_id, head.context_id, fault::access_denied, 0, "call too large");
        return;
    }
    // A call that will be refused is still read to its end, but not kept.
    r.refusal = admission(r);
    auto& memory = environment_.memory;
    const bool known = entry != nullptr && entry->caller;
    fragments_.emplace(fragmented_request{
        r, byte_share(known ? memory.requests : memory.requests_of_strangers), {}});
    // However many fragments it has: who sends one now and then does not hold the memory for ever.
    call_deadline_ = now_ + environment_.bounds.pdu_time;
    append_fragment(stub);
}

/// Finds the security context that a call runs under (null: none). False when the connection ends
/// for it.
bool connection_machine::select_security(const pdu_header& header, const request_head& head,
                                         const std::optional<security_trailer>& trailer,
                                         bool known_context, security_entry*& entry) {
    entry = trailer ? find_security(trailer->context_id) : bind_security_;
    const bool agrees = entry != nullptr && trailer && entry->type == trailer->type &&
                        static_cast<std::uint8_t>(entry->level) == trailer->level;
    const bool denied =
        trailer ? !agrees
                : entry != nullptr && entry->state == security_state::ready && entry->protects();
    if (entry != nullptr && !denied && entry->state == security_state::in_progress) {
        fail_protocol(header.call_id, pfc::did_not_execute);
        return false;
    }
    if (!denied && (entry == nullptr || entry->state == security_state::ready)) {
        return true;
    }
    entry = nullptr;
    if (!known_context) {
        return true; // the presentation context is complained about first
    }
    fault_and_close(header.call_id, head.context_id, fault::access_denied, 0,
                    "request outside its security context");
    return false;
}

bool connection_machine::unprotect(security_entry& entry, std::span<std::byte> pdu,
                                   std::size_t stub_offset, const security_trailer& trailer) {
    auth::protected_pdu message;
    message.pdu = pdu;
    message.body_offset = stub_offset;
    message.body_length = trailer.offset - stub_offset;
    message.header_signing = header_signing_;
    message.level = entry.level;
    return entry.context->unprotect(message);
}

/// Adds to the incomplete call; false when the connection ends for its size.
bool connection_machine::append_fragment(std::span<const std::byte> stub) {
    auto& whole = *fragments_;
    if (whole.head.refusal != fault::none) {
        return true;
    }
    const bool call_fits = stub.size() <= environment_.bounds.reassembly_call - whole.stub.size();
    if (!call_fits || !whole.held.grow(stub.size())) {
        environment_.watcher.limit_hit(info_, call_fits ? "reassembly_process" : "reassembly_call");
        const auto head = whole.head;
        fault_and_close(head.call_id, head.context_id,
                        call_fits ? fault::remote_no_memory : fault::access_denied, 0,
                        "call too large");
        return false;
    }
    whole.stub.insert(whole.stub.end(), stub.begin(), stub.end());
    return true;
}

void connection_machine::drop_reassembly() {
    fragments_.reset();
    call_deadline_ = time_point::max();
}

/// Whether a call may run, from nothing but its header and its security context.
fault connection_machine::admission(const request& r) const {
    const auto& target = *r.via.target;
    const auto level = r.security == nullptr ? auth::protection_level::none : r.security->level;
    const bool anonymous = r.security == nullptr || !r.security->caller;
    if (level < target.minimum_level ||
        (anonymous && target.minimum_level > auth::protection_level::none)) {
        return fault::access_denied;
    }
    if (r.opnum >= target.methods.size() ||
        std::holds_alternative<std::monostate>(target.methods[r.opnum].run)) {
        return fault::op_range;
    }
    return active_.size() >= environment_.bounds.waiting_calls ? fault::server_too_busy
                                                               : fault::none;
}

/// A call with its whole stub.
void connection_machine::dispatch(const request& r, std::span<const std::byte> stub,
                                  byte_share held) {
    if (r.security != nullptr && r.security->protects() && r.refusal == fault::none) {
        verification_facts facts;
        facts.big_endian = r.big_endian;
        facts.header_signing = header_signing_;
        facts.abstract = r.via.target->id;
        facts.transfer = syntax_of(r.via.syntax);
        facts.call_id = r.call_id;
        facts.context_id = r.context_id;
        facts.opnum = r.opnum;
        const auto checked = check_verification_trailer(stub, facts);
        if (checked.found == verification_result::verdict::contradicts) {
            fault_and_close(r.call_id, r.context_id, fault::access_denied, 0,
                            "verification trailer contradicts the request");
            return;
        }
        stub = stub.first(checked.stub_length);
    }
    const auto refusal = r.refusal == fault::none ? admission(r) : r.refusal;
    if (refusal != fault::none) {
        if (refusal == fault::server_too_busy) {
            environment_.watcher.limit_hit(info_, "waiting_calls");
        }
        environment_.watcher.call_refused(info_, *r.via.target, r.opnum, refusal);
        send_fault(r.call_id, r.context_id, refusal, pfc::did_not_execute);
        return;
    }
    if (std::any_of(active_.begin(), active_.end(),
                    [&](const auto& a) { return a.call_id == r.call_id; })) {
        fault_and_close(r.call_id, r.context_id, fault::protocol_error, 0, "call id in use");
        return;
    }
    start_call(r, stub, std::move(held));
}

void connection_machine::start_call(const request& r, std::span<const std::byte> stub,
                                    byte_share held) {
    ++environment_.counted.calls_received;
    auto context = make_call(r);
    active_.push_back(
        {++last_key_, r.call_id, r.context_id, r.security, false, context, std::move(held)});
    actions_.emplace_back(
        run_call{last_key_, &r.via.target->methods[r.opnum], std::move(context), stub, group_});
}

std::shared_ptr<call> connection_machine::make_call(const request& r) {
    auto context = std::move(spare_call_);
    if (!context) {
        context = std::make_shared<call>();
        context->peer = info_.peer;
        context->local_address = info_.local_address;
        context->local_port = info_.local_port;
        context->handles = &group_->handles;
    }
    context->target = r.via.target;
    context->opnum = r.opnum;
    context->syntax = r.via.syntax;
    context->big_endian = r.big_endian;
    context->level = r.security == nullptr ? auth::protection_level::none : r.security->level;
    context->object = r.object;
    context->caller = r.security == nullptr ? nullptr : r.security->caller;
    context->close_after_response = false;
    return context;
}

} // namespace bridge::dcerpc
