// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/verification.hpp"

#include "bridge/dcerpc/pdu.hpp"
#include "bridge/dcerpc/wire_cursor.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace bridge::dcerpc {

namespace {

constexpr std::array<std::byte, 8> magic{std::byte{0x8a}, std::byte{0xe3}, std::byte{0x13},
                                         std::byte{0x71}, std::byte{0x02}, std::byte{0xf4},
                                         std::byte{0x36}, std::byte{0x71}};
constexpr std::size_t search_range = 1024;
/// Whatever the byte order of the request is; big-endian clients write it little-endian too.
constexpr bool trailer_is_big_endian = false;

constexpr std::uint16_t command_mask = 0x3fff;
constexpr std::uint16_t command_last = 0x4000;
constexpr std::uint16_t command_must_process = 0x8000;

enum class command : std::uint16_t { bitmask = 1, presentation_context = 2, header2 = 3 };

/// Offset of the trailer, or the size of the stub. The last one wins: earlier ones are the caller's
/// own data.
std::size_t find_magic(std::span<const std::byte> stub) {
    if (stub.size() < magic.size()) {
        return stub.size();
    }
    const auto wanted = std::bit_cast<std::uint64_t>(magic);
    const std::size_t end = stub.size() > search_range ? stub.size() - search_range : 0;
    for (std::size_t offset = (stub.size() - magic.size()) & ~std::size_t{3};; offset -= 4) {
        std::uint64_t here = 0;
        std::memcpy(&here, stub.data() + offset, sizeof here);
        if (here == wanted) {
            return offset;
        }
        if (offset < end + 4) {
            return stub.size();
        }
    }
}

bool bitmask_agrees(wire_cursor cursor, const verification_facts& facts) {
    // Bit 0: the client can sign headers. It would have said so in its bind.
    const bool client_signs_headers = (cursor.u32() & 1U) != 0;
    return cursor.good() && (!client_signs_headers || facts.header_signing);
}

bool presentation_agrees(wire_cursor cursor, const verification_facts& facts) {
    const bool same = cursor.syntax() == facts.abstract && cursor.syntax() == facts.transfer;
    return cursor.good() && same;
}

bool header_agrees(wire_cursor cursor, const verification_facts& facts) {
    const auto type = cursor.u8();
    cursor.skip(3);
    const auto format = cursor.u8();
    cursor.skip(3);
    const auto call_id = cursor.u32();
    const auto context_id = cursor.u16();
    const auto opnum = cursor.u16();
    return cursor.good() && type == static_cast<std::uint8_t>(pdu_type::request) &&
           ((format >> 4U) == 0) == facts.big_endian && call_id == facts.call_id &&
           context_id == facts.context_id && opnum == facts.opnum;
}

bool command_agrees(std::uint16_t code, std::span<const std::byte> value,
                    const verification_facts& facts) {
    const wire_cursor cursor(value, trailer_is_big_endian);
    switch (static_cast<command>(code & command_mask)) {
    case command::bitmask:
        return bitmask_agrees(cursor, facts);
    case command::presentation_context:
        return presentation_agrees(cursor, facts);
    case command::header2:
        return header_agrees(cursor, facts);
    }
    return (code & command_must_process) == 0;
}

bool commands_agree(std::span<const std::byte> commands, const verification_facts& facts) {
    for (;;) {
        wire_cursor cursor(commands, trailer_is_big_endian);
        const auto code = cursor.u16();
        const std::size_t length = cursor.u16();
        if (!cursor.good() || length > cursor.left() ||
            !command_agrees(code, commands.subspan(4, length), facts)) {
            return false;
        }
        if ((code & command_last) != 0) {
            return true;
        }
        commands = commands.subspan(4 + length);
    }
}

} // namespace

verification_result check_verification_trailer(std::span<const std::byte> stub,
                                               const verification_facts& facts) {
    const std::size_t offset = find_magic(stub);
    if (offset == stub.size()) {
        return {verification_result::verdict::absent, stub.size()};
    }
    const bool agrees = commands_agree(stub.subspan(offset + magic.size()), facts);
    return {agrees ? verification_result::verdict::matches
                   : verification_result::verdict::contradicts,
            offset};
}

} // namespace bridge::dcerpc
