// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/connection_machine.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace bridge::dcerpc {

namespace {

// As much as is sealed at once; the rest follows when it is sent.
constexpr std::size_t sealed_ahead = 64U << 10;

/// Faults that a method returns before it did anything (MS-RPCE 3.3.1.5.8 leaves it to the server).
constexpr bool before_execution(fault status) {
    return status == fault::bad_stub_data || status == fault::op_range;
}

} // namespace

void connection_machine::send_raw(std::vector<std::byte>& pdu) {
    ++environment_.counted.packets_sent;
    if (write_deadline_ == never) {
        write_deadline_ = now_ + environment_.bounds.write_time;
    }
    if (queue_.empty()) {
        out_.insert(out_.end(), pdu.begin(), pdu.end());
    } else {
        outgoing item;
        item.bytes = pdu;
        queue_.push_back(std::move(item));
    }
    if (pdu.capacity() > kept_capacity) {
        std::vector<std::byte>().swap(pdu);
    }
}

void connection_machine::send_fault(std::uint32_t call_id, std::uint16_t context_id, fault status,
                                    std::uint8_t extra_flags) {
    environment_.watcher.fault_sent(info_, call_id, status);
    scratch_.clear();
    write_fault(scratch_, call_id, context_id, status, extra_flags);
    send_raw(scratch_);
}

void connection_machine::fault_and_close(std::uint32_t call_id, std::uint16_t context_id,
                                         fault status, std::uint8_t extra_flags,
                                         std::string_view why) {
    send_fault(call_id, context_id, status, extra_flags);
    close_after_output(why);
}

void connection_machine::call_completed(std::uint32_t key, response& answer, time_point now) {
    now_ = now;
    const auto found =
        std::find_if(active_.begin(), active_.end(), [&](const auto& a) { return a.key == key; });
    if (found == active_.end()) {
        return;
    }
    auto done = std::move(*found);
    active_.erase(found);
    const bool close = done.context->close_after_response;
    if (state_ != connection_state::closing) {
        idle_since_ = now;
        if (!done.orphaned) {
            send_response(done, answer);
        }
        if (close) {
            close_after_output("refused by the method");
        }
    }
    if (done.context.use_count() == 1) {
        done.context->caller.reset();
        spare_call_ = std::move(done.context);
    }
}

void connection_machine::send_response(const active_call& done, response& answer) {
    if (answer.status != fault::none) {
        send_fault(done.call_id, done.context_id, answer.status,
                   before_execution(answer.status) ? pfc::did_not_execute : 0);
        return;
    }
    outgoing item;
    item.is_response = true;
    item.call_id = done.call_id;
    item.context_id = done.context_id;
    item.security = done.security;
    if (write_deadline_ == never) {
        write_deadline_ = now_ + environment_.bounds.write_time;
    }
    if (queue_.empty() && answer.stub.size() <= chunk_size(done.security)) {
        write_fragment(item, answer.stub);
        return;
    }
    if (!answer_fits(item, answer.stub.size())) {
        std::vector<std::byte>().swap(answer.stub);
        send_fault(done.call_id, done.context_id, fault::remote_no_memory, 0);
        return;
    }
    item.bytes = std::exchange(answer.stub, {});
    queue_.push_back(std::move(item));
}

/// Whether an answer may wait for the peer to read what is before it. Calls run side by side, so
/// that one which has stopped reading can have many of them come to their ends.
bool connection_machine::answer_fits(outgoing& item, std::size_t size) {
    const auto& bounds = environment_.bounds;
    const std::size_t waiting =
        std::accumulate(queue_.begin(), queue_.end(), std::size_t{0},
                        [](std::size_t sum, const auto& i) { return sum + i.held.bytes(); });
    const bool here = waiting == 0 || (waiting < bounds.answers_connection &&
                                       size <= bounds.answers_connection - waiting);
    item.held = byte_share(environment_.memory.answers);
    if (here && item.held.grow(size)) {
        return true;
    }
    environment_.watcher.limit_hit(info_, here ? "answers_process" : "answers_connection");
    return false;
}

/// Stub bytes that fit a fragment; a multiple of 16 when it is protected, so that only the last one
/// is padded.
std::size_t connection_machine::chunk_size(const security_entry* security) const {
    const std::size_t room = fragment_size_ - response_header_size;
    if (security == nullptr || !security->protects()) {
        return room;
    }
    return (room - security_trailer_size - security->context->token_size(security->level)) &
           ~std::size_t{15};
}

/// Seals and appends one fragment of at most `chunk_size` bytes. False: the security context
/// failed.
bool connection_machine::write_fragment(outgoing& item, std::span<const std::byte> stub) {
    const std::size_t chunk = chunk_size(item.security);
    const auto part = stub.subspan(item.sent, std::min(chunk, stub.size() - item.sent));
    const bool last = item.sent + part.size() == stub.size();
    response_fragment fragment;
    fragment.call_id = item.call_id;
    fragment.context_id = item.context_id;
    fragment.alloc_hint = static_cast<std::uint32_t>(stub.size() - item.sent);
    fragment.flags =
        static_cast<std::uint8_t>((item.sent == 0 ? pfc::first : 0U) | (last ? pfc::last : 0U));
    fragment.stub = part;
    const bool protects = item.security != nullptr && item.security->protects();
    if (protects) {
        fragment.trailer = answer_trailer{item.security->type,
                                          static_cast<std::uint8_t>(item.security->level),
                                          item.security->id,
                                          {}};
        fragment.token_size = item.security->context->token_size(item.security->level);
    }
    ++environment_.counted.packets_sent;
    const std::size_t start = out_.size();
    const std::size_t body = write_response(out_, fragment);
    item.sent += part.size();
    if (!protects) {
        return true;
    }
    auth::protected_pdu message;
    message.pdu = std::span(out_).subspan(start);
    message.body_offset = response_header_size;
    message.body_length = body;
    message.header_signing = header_signing_;
    message.level = item.security->level;
    if (item.security->context->protect(message)) {
        return true;
    }
    out_.resize(start);
    queue_.clear();
    close_after_output("security context failed");
    return false;
}

/// Turns queued answers into bytes while there is room for them.
void connection_machine::pump() {
    while (!queue_.empty() && out_.size() - out_sent_ < sealed_ahead) {
        auto& item = queue_.front();
        if (!item.is_response) {
            out_.insert(out_.end(), item.bytes.begin(), item.bytes.end());
            queue_.pop_front();
            continue;
        }
        const std::span<const std::byte> stub(item.bytes);
        if (!write_fragment(item, stub)) {
            return;
        }
        if (item.sent == stub.size()) {
            queue_.pop_front();
        }
    }
}

std::span<const std::byte> connection_machine::output() {
    if (!queue_.empty()) {
        pump();
    }
    return std::span<const std::byte>(out_).subspan(out_sent_);
}

void connection_machine::consume(std::size_t count, time_point now) {
    out_sent_ += count;
    if (out_sent_ != out_.size()) {
        write_deadline_ = now + environment_.bounds.write_time;
        return;
    }
    out_sent_ = 0;
    if (out_.capacity() > kept_capacity && queue_.empty()) {
        std::vector<std::byte>().swap(out_);
    } else {
        out_.clear();
    }
    write_deadline_ = queue_.empty() ? never : now + environment_.bounds.write_time;
}

} // namespace bridge::dcerpc
