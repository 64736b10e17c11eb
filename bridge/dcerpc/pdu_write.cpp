// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/pdu.hpp"
#include "bridge/dcerpc/wire_writer.hpp"

#include <algorithm>

namespace bridge::dcerpc {

namespace {

constexpr std::size_t pad_unit = 16; // what clients use themselves; 4 would do
constexpr std::uint32_t fault_alloc_hint = 32;

/// Appends one little-endian PDU to a buffer; `finish` puts the length into the header.
class pdu_builder : public wire_writer {
public:
    pdu_builder(std::vector<std::byte>& out, pdu_type type, std::uint8_t flags,
                std::uint32_t call_id)
        : wire_writer(out), start_(out.size()) {
        u8(5);
        u8(0);
        u8(static_cast<std::uint8_t>(type));
        u8(flags);
        u8(0x10); // little-endian, ASCII, IEEE
        zeros(3);
        zeros(4); // lengths, set by finish
        u32(call_id);
    }

    void syntax(const syntax_id& value) {
        uuid(value.uuid);
        u16(value.major_version);
        u16(value.minor_version);
    }
    void trailer(const answer_trailer& value, std::uint8_t pad_length) {
        u8(value.type);
        u8(value.level);
        u8(pad_length);
        u8(0);
        u32(value.context_id);
    }
    void align(std::size_t unit) {
        while ((out_.size() - start_) % unit != 0) {
            u8(0);
        }
    }
    void finish(std::size_t auth_length) {
        put_u16(8, out_.size() - start_);
        put_u16(10, auth_length);
    }

private:
    void put_u16(std::size_t offset, std::size_t value) {
        out_[start_ + offset] = static_cast<std::byte>(value & 0xffU);
        out_[start_ + offset + 1] = static_cast<std::byte>((value >> 8U) & 0xffU);
    }

    std::size_t start_;
};

/// `width` little-endian octets at `at`.
void put(std::byte* at, std::size_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        at[i] = static_cast<std::byte>(value >> (8 * i));
    }
}

} // namespace

void write_bind_answer(std::vector<std::byte>& out, pdu_type type, const bind_answer& answer) {
    pdu_builder pdu(out, type, answer.flags, answer.call_id);
    pdu.u16(answer.fragment_size);
    pdu.u16(answer.fragment_size);
    pdu.u32(answer.association);
    if (answer.secondary_address.empty()) {
        pdu.u16(0);
    } else {
        pdu.u16(static_cast<std::uint16_t>(answer.secondary_address.size() + 1));
        pdu.bytes(std::as_bytes(std::span(answer.secondary_address)));
        pdu.u8(0);
    }
    pdu.align(4);
    pdu.u8(static_cast<std::uint8_t>(answer.results.size()));
    pdu.zeros(3);
    for (const auto& result : answer.results) {
        pdu.u16(static_cast<std::uint16_t>(result.result));
        pdu.u16(result.reason);
        pdu.syntax(result.transfer);
    }
    std::size_t auth_length = 0;
    if (answer.trailer) {
        pdu.trailer(*answer.trailer, 0);
        pdu.bytes(answer.trailer->token);
        auth_length = answer.trailer->token.size();
    }
    pdu.finish(auth_length);
}

void write_bind_nak(std::vector<std::byte>& out, std::uint32_t call_id, reject_reason reason) {
    pdu_builder pdu(out, pdu_type::bind_nak, pfc::first | pfc::last, call_id);
    pdu.u16(static_cast<std::uint16_t>(reason));
    pdu.u8(1); // one version: 5.0
    pdu.u8(5);
    pdu.u8(0);
    pdu.align(4);
    pdu.finish(0);
}

void write_fault(std::vector<std::byte>& out, std::uint32_t call_id, std::uint16_t context_id,
                 fault status, std::uint8_t extra_flags) {
    const auto flags = static_cast<std::uint8_t>(pfc::first | pfc::last | extra_flags);
    pdu_builder pdu(out, pdu_type::fault, flags, call_id);
    pdu.u32(fault_alloc_hint);
    pdu.u16(context_id);
    pdu.u8(0); // cancel count
    pdu.u8(0);
    pdu.u32(static_cast<std::uint32_t>(status));
    pdu.zeros(4);
    pdu.finish(0);
}

std::size_t write_response(std::vector<std::byte>& out, const response_fragment& fragment) {
    const std::size_t stub = fragment.stub.size();
    const std::size_t padding = fragment.trailer ? (pad_unit - stub % pad_unit) % pad_unit : 0;
    const std::size_t after = fragment.trailer ? security_trailer_size + fragment.token_size : 0;
    const std::size_t start = out.size();
    const std::size_t length = response_header_size + stub + padding + after;
    // The hot path of the server: one growth, fields put in place. What is not written is zero.
    out.resize(start + length);
    std::byte* const pdu = out.data() + start;
    pdu[0] = std::byte{5};
    pdu[2] = static_cast<std::byte>(pdu_type::response);
    pdu[3] = static_cast<std::byte>(fragment.flags);
    pdu[4] = std::byte{0x10};
    put(pdu + 8, length, 2);
    put(pdu + 10, fragment.trailer ? fragment.token_size : 0, 2);
    put(pdu + 12, fragment.call_id, 4);
    put(pdu + 16, fragment.alloc_hint, 4);
    // Only the low octet of the id is returned: Windows answers so, and its clients know a call by
    // its call id.
    put(pdu + 20, fragment.context_id & 0xffU, 2);
    std::copy(fragment.stub.begin(), fragment.stub.end(), pdu + response_header_size);
    if (fragment.trailer) {
        std::byte* const trailer = pdu + response_header_size + stub + padding;
        trailer[0] = static_cast<std::byte>(fragment.trailer->type);
        trailer[1] = static_cast<std::byte>(fragment.trailer->level);
        trailer[2] = static_cast<std::byte>(padding);
        put(trailer + 4, fragment.trailer->context_id, 4);
    }
    return stub + padding;
}

} // namespace bridge::dcerpc
