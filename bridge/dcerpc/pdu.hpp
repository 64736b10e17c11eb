// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/fault.hpp"
#include "bridge/dcerpc/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

/// The connection-oriented PDUs (C706 12.6, MS-RPCE 2.2.2) as bytes. Reading honours the sender's
/// byte order; writing is little-endian. Nothing here knows a state.
namespace bridge::dcerpc {

/// PTYPE (C706 12.6.1). Unknown values survive decoding.
enum class pdu_type : std::uint8_t {
    request = 0,
    response = 2,
    fault = 3,
    bind = 11,
    bind_ack = 12,
    bind_nak = 13,
    alter_context = 14,
    alter_context_response = 15,
    auth3 = 16,
    shutdown = 17,
    co_cancel = 18,
    orphaned = 19,
};

/// pfc_flags (C706 12.6.3.1, MS-RPCE 2.2.2.3).
namespace pfc {
inline constexpr std::uint8_t first = 0x01;
inline constexpr std::uint8_t last = 0x02;
inline constexpr std::uint8_t header_sign = 0x04;    ///< in bind, alter_context and their answers
inline constexpr std::uint8_t pending_cancel = 0x04; ///< elsewhere
inline constexpr std::uint8_t conc_mpx = 0x10;
inline constexpr std::uint8_t did_not_execute = 0x20;
inline constexpr std::uint8_t maybe = 0x40;
inline constexpr std::uint8_t object_uuid = 0x80;
} // namespace pfc

inline constexpr std::size_t header_size = 16;
inline constexpr std::size_t request_header_size = 24;
inline constexpr std::size_t request_header_size_with_object = 40;
inline constexpr std::size_t response_header_size = 24;
inline constexpr std::size_t auth3_header_size = 20;
inline constexpr std::size_t security_trailer_size = 8;

/// The common header.
struct pdu_header {
    std::uint8_t version = 5;
    std::uint8_t minor_version = 0;
    pdu_type type = pdu_type::request;
    std::uint8_t flags = 0;
    bool big_endian = false;
    std::uint16_t fragment_length = 0;
    std::uint16_t auth_length = 0;
    std::uint32_t call_id = 0;

    [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// Why a header cannot be served.
enum class header_error : std::uint8_t {
    none,
    version,        ///< not 5.0 or 5.1
    representation, ///< EBCDIC, or a floating point format other than IEEE
    length,         ///< fragment shorter than its header
};

/// Reads the first 16 bytes of a PDU; `bytes` has at least these. `error` says whether the PDU can
/// be served; the fields are filled in any case.
pdu_header read_header(std::span<const std::byte> bytes, header_error& error);

/// sec_trailer (MS-RPCE 2.2.2.11) with what follows it.
struct security_trailer {
    std::uint8_t type = 0;
    std::uint8_t level = 0;
    std::uint8_t pad_length = 0;
    std::uint32_t context_id = 0;
    std::size_t offset = 0; ///< of the trailer in the PDU
    std::span<const std::byte> token;
};

/// The trailer of a PDU with auth_length != 0 whose body starts at `body_offset`. nullopt: lengths
/// that do not fit, a trailer that is not 4-aligned, more padding than body.
std::optional<security_trailer> read_trailer(std::span<const std::byte> pdu,
                                             const pdu_header& header, std::size_t body_offset);

/// One element of p_context_list_t.
struct context_item {
    std::uint16_t id = 0;
    syntax_id abstract;
    std::vector<syntax_id> transfers;
};

/// Body of bind and alter_context.
struct bind_body {
    std::uint16_t max_transmit = 0;
    std::uint16_t max_receive = 0;
    std::uint32_t association = 0;
    std::vector<context_item> contexts;
};

/// `body` is what lies between the common header and the security trailer. nullopt when it is cut
/// short.
std::optional<bind_body> read_bind(std::span<const std::byte> body, bool big_endian);

/// Fixed part of a request.
struct request_head {
    std::uint32_t alloc_hint = 0;
    std::uint16_t context_id = 0;
    std::uint16_t opnum = 0;
    std::optional<win32::guid> object;
    std::size_t stub_offset = 0;
};

/// nullopt when the PDU is shorter than the fixed part.
std::optional<request_head> read_request(std::span<const std::byte> pdu, const pdu_header& header);

/// p_result_t: verdict on one context_item.
struct context_result {
    enum class verdict : std::uint16_t {
        accepted = 0,
        user_rejected = 1,
        rejected = 2,
        negotiated = 3, ///< bind-time features (MS-RPCE 2.2.2.14); `reason` is the granted bitmask
    };
    static constexpr std::uint16_t reason_none = 0;
    static constexpr std::uint16_t reason_abstract_syntax = 1;
    static constexpr std::uint16_t reason_transfer_syntaxes = 2;
    static constexpr std::uint16_t reason_local_limit = 3;

    verdict result = verdict::rejected;
    std::uint16_t reason = reason_none;
    syntax_id transfer; ///< zero unless accepted
};

/// p_reject_reason_t of bind_nak (C706 12.6.3.1, MS-RPCE 2.2.2.5).
enum class reject_reason : std::uint16_t {
    not_specified = 0,
    protocol_version = 4,
    authentication_type = 8,
    invalid_checksum = 9,
};

/// The security trailer of an answer to bind or alter_context.
struct answer_trailer {
    std::uint8_t type = 0;
    std::uint8_t level = 0;
    std::uint32_t context_id = 0;
    std::span<const std::byte> token;
};

/// Contents of bind_ack and alter_context_response.
struct bind_answer {
    std::uint32_t call_id = 0;
    std::uint8_t flags = pfc::first | pfc::last;
    std::uint16_t fragment_size = 0;
    std::uint32_t association = 0;
    std::string_view secondary_address; ///< empty in alter_context_response
    std::span<const context_result> results;
    std::optional<answer_trailer> trailer;
};

/// Appends a bind_ack, or an alter_context_response.
void write_bind_answer(std::vector<std::byte>& out, pdu_type type, const bind_answer& answer);

/// Appends a bind_nak that names version 5.0.
void write_bind_nak(std::vector<std::byte>& out, std::uint32_t call_id, reject_reason reason);

/// Appends a fault; `extra_flags` are added to first and last.
void write_fault(std::vector<std::byte>& out, std::uint32_t call_id, std::uint16_t context_id,
                 fault status, std::uint8_t extra_flags);

/// One fragment of a response.
struct response_fragment {
    std::uint32_t call_id = 0;
    std::uint8_t flags = 0;
    std::uint16_t context_id = 0;
    std::uint32_t alloc_hint = 0; ///< stub bytes from this fragment on
    std::span<const std::byte> stub;
    std::optional<answer_trailer>
        trailer; ///< with its token's size reserved: `token_size` zero bytes follow
    std::size_t token_size = 0;
};

/// Appends the fragment with its stub padded to 16 when it has a trailer; the token is left zero
/// for the mechanism. Returns the length of stub and padding.
std::size_t write_response(std::vector<std::byte>& out, const response_fragment& fragment);

} // namespace bridge::dcerpc
