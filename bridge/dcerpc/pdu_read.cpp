// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/pdu.hpp"
#include "bridge/dcerpc/wire_cursor.hpp"

namespace bridge::dcerpc {

namespace {

constexpr std::uint8_t protocol_version = 5;
constexpr std::uint8_t highest_minor_version = 1;

} // namespace

pdu_header read_header(std::span<const std::byte> bytes, header_error& error) {
    const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
    pdu_header header;
    header.version = at(0);
    header.minor_version = at(1);
    header.type = static_cast<pdu_type>(at(2));
    header.flags = at(3);
    // Format label (C706 14.1): integers in the high nibble of the first octet, characters in the
    // low one.
    const std::uint8_t integers_and_characters = at(4);
    const std::uint8_t floats = at(5);
    header.big_endian = (integers_and_characters >> 4U) == 0;
    wire_cursor cursor(bytes.subspan(8, 8), header.big_endian);
    header.fragment_length = cursor.u16();
    header.auth_length = cursor.u16();
    header.call_id = cursor.u32();
    error = header_error::none;
    if (header.version != protocol_version || header.minor_version > highest_minor_version) {
        error = header_error::version;
    } else if ((integers_and_characters & 0x0fU) != 0 || (integers_and_characters >> 4U) > 1 ||
               floats != 0) {
        error = header_error::representation;
    } else if (header.fragment_length < header_size) {
        error = header_error::length;
    }
    return header;
}

std::optional<security_trailer> read_trailer(std::span<const std::byte> pdu,
                                             const pdu_header& header, std::size_t body_offset) {
    const std::size_t after_body = security_trailer_size + std::size_t{header.auth_length};
    if (pdu.size() < body_offset + after_body) {
        return std::nullopt;
    }
    security_trailer trailer;
    trailer.offset = pdu.size() - after_body;
    wire_cursor cursor(pdu.subspan(trailer.offset), header.big_endian);
    trailer.type = cursor.u8();
    trailer.level = cursor.u8();
    trailer.pad_length = cursor.u8();
    cursor.skip(1);
    trailer.context_id = cursor.u32();
    trailer.token = pdu.subspan(trailer.offset + security_trailer_size);
    if (trailer.offset % 4 != 0 || trailer.pad_length > trailer.offset - body_offset) {
        return std::nullopt;
    }
    return trailer;
}

std::optional<bind_body> read_bind(std::span<const std::byte> body, bool big_endian) {
    wire_cursor cursor(body, big_endian);
    bind_body bind;
    bind.max_transmit = cursor.u16();
    bind.max_receive = cursor.u16();
    bind.association = cursor.u32();
    const std::size_t contexts = cursor.u8();
    if (contexts == 0) {
        return cursor.good() ? std::optional(std::move(bind))
                             : std::nullopt; // the padding may be missing
    }
    cursor.skip(3);
    for (std::size_t i = 0; i < contexts && cursor.good(); ++i) {
        context_item item;
        item.id = cursor.u16();
        const std::size_t transfers = cursor.u8();
        cursor.skip(1);
        item.abstract = cursor.syntax();
        for (std::size_t j = 0; j < transfers && cursor.good(); ++j) {
            item.transfers.push_back(cursor.syntax());
        }
        bind.contexts.push_back(std::move(item));
    }
    if (!cursor.good()) {
        return std::nullopt;
    }
    return bind;
}

std::optional<request_head> read_request(std::span<const std::byte> pdu, const pdu_header& header) {
    wire_cursor cursor(pdu.subspan(header_size), header.big_endian);
    request_head head;
    head.alloc_hint = cursor.u32();
    head.context_id = cursor.u16();
    head.opnum = cursor.u16();
    head.stub_offset = request_header_size;
    if (header.has(pfc::object_uuid)) {
        head.object = cursor.uuid();
        head.stub_offset = request_header_size_with_object;
    }
    if (!cursor.good()) {
        return std::nullopt;
    }
    return head;
}

} // namespace bridge::dcerpc
