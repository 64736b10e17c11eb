// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/pdu.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// A client's PDUs for tests, in either byte order.
namespace bridge::dcerpc::test {

using bytes = std::vector<std::byte>;

inline bytes to_bytes(std::string_view text) {
    const auto view = std::as_bytes(std::span(text));
    return {view.begin(), view.end()};
}

/// Appends fields; `finish` sets the lengths.
class pdu_maker {
public:
    pdu_maker(pdu_type type, std::uint8_t flags, std::uint32_t call_id, bool big_endian = false)
        : big_endian_(big_endian) {
        u8(5).u8(0).u8(static_cast<std::uint8_t>(type)).u8(flags);
        u8(big_endian ? 0x00 : 0x10).zeros(3).zeros(4).u32(call_id);
    }
    pdu_maker& u8(std::uint8_t v) {
        out.push_back(std::byte{v});
        return *this;
    }
    pdu_maker& u16(std::uint16_t v) { return number(v, 2); }
    pdu_maker& u32(std::uint32_t v) { return number(v, 4); }
    pdu_maker& zeros(std::size_t n) {
        out.insert(out.end(), n, std::byte{0});
        return *this;
    }
    pdu_maker& raw(std::span<const std::byte> v) {
        out.insert(out.end(), v.begin(), v.end());
        return *this;
    }
    pdu_maker& syntax(const syntax_id& id) {
        u32(id.uuid.data1).u16(id.uuid.data2).u16(id.uuid.data3);
        for (const auto octet : id.uuid.data4) {
            u8(octet);
        }
        return u32(id.major_version | (static_cast<std::uint32_t>(id.minor_version) << 16U));
    }
    pdu_maker& trailer(const answer_trailer& t, std::uint8_t pad = 0) {
        u8(t.type).u8(t.level).u8(pad).u8(0).u32(t.context_id).raw(t.token);
        auth_length_ = t.token.size();
        return *this;
    }
    bytes finish() {
        patch(8, out.size());
        patch(10, auth_length_);
        return out;
    }

    bytes out;

private:
    pdu_maker& number(std::uint64_t v, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) {
            const std::size_t shift = 8 * (big_endian_ ? width - 1 - i : i);
            u8(static_cast<std::uint8_t>(v >> shift));
        }
        return *this;
    }
    void patch(std::size_t at, std::size_t value) {
        out[at + (big_endian_ ? 1 : 0)] = static_cast<std::byte>(value & 0xffU);
        out[at + (big_endian_ ? 0 : 1)] = static_cast<std::byte>((value >> 8U) & 0xffU);
    }
    bool big_endian_;
    std::size_t auth_length_ = 0;
};

constexpr std::uint8_t whole = pfc::first | pfc::last;

struct bind_options {
    pdu_type type = pdu_type::bind;
    std::uint32_t call_id = 1;
    std::uint8_t flags = whole;
    std::uint16_t transmit = 5840;
    std::uint16_t receive = 5840;
    std::uint32_t association = 0;
    std::vector<context_item> contexts;
    std::optional<answer_trailer> trailer;
    bool big_endian = false;
};

inline bytes make_bind(const bind_options& o) {
    pdu_maker pdu(o.type, o.flags, o.call_id, o.big_endian);
    pdu.u16(o.transmit).u16(o.receive).u32(o.association);
    pdu.u8(static_cast<std::uint8_t>(o.contexts.size())).zeros(3);
    for (const auto& item : o.contexts) {
        pdu.u16(item.id).u8(static_cast<std::uint8_t>(item.transfers.size())).u8(0);
        pdu.syntax(item.abstract);
        for (const auto& transfer : item.transfers) {
            pdu.syntax(transfer);
        }
    }
    if (o.trailer) {
        pdu.trailer(*o.trailer);
    }
    return pdu.finish();
}

inline bytes make_auth3(std::uint32_t call_id, const answer_trailer& trailer) {
    return pdu_maker(pdu_type::auth3, whole, call_id).zeros(4).trailer(trailer).finish();
}

struct request_options {
    std::uint32_t call_id = 2;
    std::uint8_t flags = whole;
    std::uint16_t context_id = 0;
    std::uint16_t opnum = 0;
    std::uint32_t alloc_hint = 0;
    bytes stub;
    std::optional<win32::guid> object;
    std::optional<answer_trailer> trailer;
    std::uint8_t pad = 0; ///< bytes at the end of `stub` that are padding
    bool big_endian = false;
};

inline bytes make_request(const request_options& o) {
    const auto flags = static_cast<std::uint8_t>(o.flags | (o.object ? pfc::object_uuid : 0U));
    pdu_maker pdu(pdu_type::request, flags, o.call_id, o.big_endian);
    pdu.u32(o.alloc_hint != 0 ? o.alloc_hint : static_cast<std::uint32_t>(o.stub.size()));
    pdu.u16(o.context_id).u16(o.opnum);
    if (o.object) {
        pdu.u32(o.object->data1).u16(o.object->data2).u16(o.object->data3);
        for (const auto octet : o.object->data4) {
            pdu.u8(octet);
        }
    }
    pdu.raw(o.stub);
    if (o.trailer) {
        pdu.trailer(*o.trailer, o.pad);
    }
    return pdu.finish();
}

inline bytes make_plain(pdu_type type, std::uint32_t call_id) {
    return pdu_maker(type, whole, call_id).finish();
}

/// A server's PDU as a client reads it; little-endian.
struct answer {
    pdu_header header;
    bytes pdu;

    [[nodiscard]] std::uint32_t u32(std::size_t at) const {
        return u16(at) | (static_cast<std::uint32_t>(u16(at + 2)) << 16U);
    }
    [[nodiscard]] std::uint16_t u16(std::size_t at) const {
        return static_cast<std::uint16_t>(std::to_integer<unsigned>(pdu.at(at)) |
                                          (std::to_integer<unsigned>(pdu.at(at + 1)) << 8U));
    }
    [[nodiscard]] pdu_type type() const { return header.type; }
    [[nodiscard]] fault status() const { return static_cast<fault>(u32(24)); }
    [[nodiscard]] reject_reason reason() const { return static_cast<reject_reason>(u16(16)); }
    /// Stub of an unprotected response.
    [[nodiscard]] bytes stub() const { return {pdu.begin() + 24, pdu.end()}; }
    [[nodiscard]] std::uint32_t association() const { return u32(20); }
    /// Offset of p_result_list in bind_ack and alter_context_response.
    [[nodiscard]] std::size_t results_at() const { return (26U + u16(24) + 3U) & ~3U; }
    [[nodiscard]] std::uint16_t result(std::size_t i) const {
        return u16(results_at() + 4 + 24 * i);
    }
    [[nodiscard]] std::uint16_t result_reason(std::size_t i) const {
        return u16(results_at() + 6 + 24 * i);
    }
};

/// Splits what a server sent into PDUs.
inline std::vector<answer> split(std::span<const std::byte> stream) {
    std::vector<answer> all;
    while (stream.size() >= header_size) {
        header_error error{};
        const auto header = read_header(stream, error);
        if (header.fragment_length > stream.size() || header.fragment_length < header_size) {
            break;
        }
        const auto pdu = stream.first(header.fragment_length);
        all.push_back({header, {pdu.begin(), pdu.end()}});
        stream = stream.subspan(header.fragment_length);
    }
    return all;
}

} // namespace bridge::dcerpc::test
