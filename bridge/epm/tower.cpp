// SPDX-License-Identifier: Apache-2.0
#include "bridge/epm/tower.hpp"

#include "bridge/dcerpc/wire_cursor.hpp"
#include "bridge/dcerpc/wire_writer.hpp"

#include <charconv>

namespace bridge::epm {

namespace {

// Protocol identifiers of floors (C706 Appendix I).
constexpr std::uint8_t protocol_uuid = 0x0d;
constexpr std::uint8_t protocol_connection_oriented = 0x0b;
constexpr std::uint8_t protocol_tcp = 0x07;
constexpr std::uint8_t protocol_ip = 0x09;

constexpr std::uint16_t floors_of_tcp = 5;
constexpr std::uint16_t floors_needed = 4;
constexpr std::uint16_t uuid_floor_left = 19; // protocol, UUID, major version

/// Little-endian and unaligned, whatever the stub's representation is.
class tower_writer : public dcerpc::wire_writer {
public:
    using wire_writer::wire_writer;

    void uuid_floor(const dcerpc::syntax_id& id) {
        u16(uuid_floor_left);
        u8(protocol_uuid);
        uuid(id.uuid);
        u16(id.major_version);
        u16(2);
        u16(id.minor_version);
    }
    void floor(std::uint8_t protocol, std::span<const std::uint8_t> right) {
        u16(1);
        u8(protocol);
        u16(static_cast<std::uint16_t>(right.size()));
        bytes(std::as_bytes(right));
    }
};

std::optional<dcerpc::syntax_id> read_uuid_floor(dcerpc::wire_cursor& cursor) {
    if (cursor.u16() != uuid_floor_left || cursor.u8() != protocol_uuid) {
        return std::nullopt;
    }
    dcerpc::syntax_id id;
    id.uuid = cursor.uuid();
    id.major_version = cursor.u16();
    if (cursor.u16() != 2) {
        return std::nullopt;
    }
    id.minor_version = cursor.u16();
    return id;
}

/// A floor with one octet on the left: its protocol; the cursor stands before the right-hand
/// length.
bool expect_protocol(dcerpc::wire_cursor& cursor, std::uint8_t protocol) {
    return cursor.u16() == 1 && cursor.u8() == protocol;
}

} // namespace

std::vector<std::byte> encode(const tower& value) {
    std::vector<std::byte> out;
    tower_writer w(out);
    w.u16(floors_of_tcp);
    w.uuid_floor(value.interface);
    w.uuid_floor(value.transfer);
    const std::array<std::uint8_t, 2> minor_version{};
    w.floor(protocol_connection_oriented, minor_version);
    const std::array<std::uint8_t, 2> port{static_cast<std::uint8_t>(value.port >> 8U),
                                           static_cast<std::uint8_t>(value.port & 0xffU)};
    w.floor(protocol_tcp, port);
    w.floor(protocol_ip, value.address);
    return out;
}

std::optional<tower> decode_tower(std::span<const std::byte> octets) {
    dcerpc::wire_cursor cursor(octets, false);
    if (cursor.u16() < floors_needed) {
        return std::nullopt;
    }
    tower value;
    const auto interface = read_uuid_floor(cursor);
    const auto transfer = interface ? read_uuid_floor(cursor) : std::nullopt;
    if (!transfer || !expect_protocol(cursor, protocol_connection_oriented)) {
        return std::nullopt;
    }
    cursor.skip(cursor.u16());
    if (!expect_protocol(cursor, protocol_tcp) || cursor.u16() != 2) {
        return std::nullopt;
    }
    value.interface = *interface;
    value.transfer = *transfer;
    value.port = static_cast<std::uint16_t>(cursor.u8() << 8U);
    value.port = static_cast<std::uint16_t>(value.port | cursor.u8());
    return cursor.good() ? std::optional(value) : std::nullopt;
}

std::array<std::uint8_t, 4> ipv4_octets(std::string_view address) {
    std::array<std::uint8_t, 4> octets{};
    const char* at = address.data();
    const char* const end = at + address.size();
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const auto [next, error] = std::from_chars(at, end, octets[i]);
        const bool last = i + 1 == octets.size();
        if (error != std::errc() || (last ? next != end : next == end || *next != '.')) {
            return {};
        }
        at = next + 1;
    }
    return octets;
}

} // namespace bridge::epm
