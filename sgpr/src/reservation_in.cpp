// SPDX-License-Identifier: Apache-2.0
// PERSISTENT RESERVE IN (SPC-4 6.15) and the names of what it tells.
#include "sgpr/persistent_reservation.hpp"

#include "sgpr/path.hpp"
#include "sgpr/src/big_endian.hpp"
#include "sgpr/src/malformed.hpp"

#include <algorithm>

namespace sgpr {
namespace {

enum class in_service : std::uint8_t {
    keys = 0,
    reservation = 1,
    capabilities = 2,
    full_status = 3
};

constexpr std::size_t list_header = 8;
constexpr std::size_t descriptor_header = 24;
/// Most that one answer can be: the allocation length has 16 bits.
constexpr std::uint32_t most = 0xfff8;
/// The longest descriptor: header, TransportID with the longest iSCSI name.
constexpr std::uint32_t longest_descriptor = 24 + 4 + 244;

command reserve_in(in_service action, std::uint32_t allocation) {
    command what;
    what.cdb = descriptor_block(0x5e, 10);
    what.cdb.put(1, static_cast<std::uint8_t>(action)).put(7, allocation, 2);
    what.data_in_length = allocation;
    return what;
}

result<bytes> ask(path& on, in_service action, std::uint32_t allocation) {
    auto got = on.execute(reserve_in(action, allocation));
    // A service action that a device lacks is an invalid field in the CDB.
    if (!got && got.error().code == errc::invalid) {
        return failure{.code = errc::unsupported, .sense = got.error().sense};
    }
    return got;
}

/// A whole list. Some targets count only what fitted, so an answer with no room for one more
/// element is asked for again; one that fills the largest answer is refused.
result<bytes> ask_list(path& on, in_service action, std::uint32_t first, std::uint32_t element) {
    for (const auto allocation : {first, most}) {
        auto got = ask(on, action, allocation);
        if (!got) {
            return got;
        }
        if (got->size() < list_header) {
            return malformed();
        }
        const auto needed = std::uint64_t{list_header} + u32(*got, 4);
        if (needed + element <= allocation) {
            return got;
        }
    }
    return malformed();
}

/// The elements that the additional length of a list names; nothing if they are not all there.
std::optional<byte_view> list_of(byte_view raw) {
    if (raw.size() < list_header || raw.size() - list_header < u32(raw, 4)) {
        return std::nullopt;
    }
    return part(raw, list_header, u32(raw, 4));
}

result<registration> parse_registration(byte_view one) {
    const auto id = parse_transport_id(part(one, descriptor_header));
    if (!id) {
        return id.error();
    }
    registration found{
        .registered = key(u64(one, 0)),
        .initiator = id->id,
        .all_target_ports = (one[12] & 0x02) != 0,
        .relative_target_port = u16(one, 18),
    };
    if ((one[12] & 0x01) != 0) {
        found.holds = reservation_type{static_cast<std::uint8_t>(one[13] & 0xf)};
    }
    return found;
}

} // namespace

std::string text(key value) {
    return "0x" + hex(value.value(), 8);
}

bool held_by_all_registrants(reservation_type type) {
    return type == reservation_type::write_exclusive_all_registrants ||
           type == reservation_type::exclusive_access_all_registrants;
}

std::string text(reservation_type type) {
    switch (type) {
    case reservation_type::write_exclusive:
        return "write exclusive";
    case reservation_type::exclusive_access:
        return "exclusive access";
    case reservation_type::write_exclusive_registrants_only:
        return "write exclusive, registrants only";
    case reservation_type::exclusive_access_registrants_only:
        return "exclusive access, registrants only";
    case reservation_type::write_exclusive_all_registrants:
        return "write exclusive, all registrants";
    case reservation_type::exclusive_access_all_registrants:
        return "exclusive access, all registrants";
    }
    return "type " + std::to_string(static_cast<int>(type));
}

std::size_t registered_keys::count(key which) const {
    return static_cast<std::size_t>(std::count(keys.begin(), keys.end(), which));
}

bool reservation_capabilities::supports(reservation_type type) const {
    return !types_told || ((types >> static_cast<unsigned>(type)) & 1) != 0;
}

result<registered_keys> parse_registered_keys(byte_view raw) {
    const auto list = list_of(raw);
    if (!list || list->size() % 8 != 0 || list->size() / 8 > max_registrations) {
        return malformed();
    }
    registered_keys found{.generation = u32(raw, 0)};
    for (std::size_t at = 0; at < list->size(); at += 8) {
        found.keys.emplace_back(u64(*list, at));
    }
    return found;
}

result<reservation_state> parse_reservation(byte_view raw) {
    const auto list = list_of(raw);
    if (!list || (!list->empty() && list->size() < 16)) {
        return malformed();
    }
    reservation_state found{.generation = u32(raw, 0)};
    if (!list->empty()) {
        const auto scope_and_type = u8(*list, 13);
        // Scope 0 is the logical unit; SPC-4 has no other.
        if (scope_and_type >> 4 != 0) {
            return malformed();
        }
        found.held = reservation{key(u64(*list, 0)),
                                 reservation_type{static_cast<std::uint8_t>(scope_and_type & 0xf)}};
    }
    return found;
}

result<reservation_capabilities> parse_reservation_capabilities(byte_view raw) {
    if (raw.size() < 8 || u16(raw, 0) < 8) {
        return malformed();
    }
    return reservation_capabilities{
        .replaces_reserve_release = (raw[2] & 0x10) != 0,
        .specify_initiators = (raw[2] & 0x08) != 0,
        .all_target_ports = (raw[2] & 0x04) != 0,
        .persists = (raw[2] & 0x01) != 0,
        .persistence_active = (raw[3] & 0x01) != 0,
        .types_told = (raw[3] & 0x80) != 0,
        // Byte 4 has bits 1 to 7 for these types, byte 5 bit 0 for type 8.
        .types = static_cast<std::uint16_t>(raw[4] | (raw[5] & 1) << 8),
    };
}

result<full_status> parse_full_status(byte_view raw) {
    const auto list = list_of(raw);
    if (!list) {
        return malformed();
    }
    full_status found{.generation = u32(raw, 0)};
    std::size_t at = 0;
    while (at < list->size()) {
        const std::size_t left = list->size() - at;
        const std::size_t more = u32(*list, at + 20);
        if (left < descriptor_header || left - descriptor_header < more ||
            found.registrations.size() == max_registrations) {
            return malformed();
        }
        auto one = parse_registration(part(*list, at, descriptor_header + more));
        if (!one) {
            return one.error();
        }
        found.registrations.push_back(std::move(*one));
        at += descriptor_header + more;
    }
    return found;
}

result<registered_keys> read_keys(path& on) {
    const auto got = ask_list(on, in_service::keys, 8192, 8);
    return got ? parse_registered_keys(*got) : got.error();
}

result<reservation_state> read_reservation(path& on) {
    const auto got = ask(on, in_service::reservation, 256);
    return got ? parse_reservation(*got) : got.error();
}

result<reservation_capabilities> report_capabilities(path& on) {
    const auto got = ask(on, in_service::capabilities, 32);
    return got ? parse_reservation_capabilities(*got) : got.error();
}

result<full_status> read_full_status(path& on) {
    const auto got = ask_list(on, in_service::full_status, 8192, longest_descriptor);
    return got ? parse_full_status(*got) : got.error();
}

} // namespace sgpr
