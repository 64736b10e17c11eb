// SPDX-License-Identifier: Apache-2.0
// PERSISTENT RESERVE IN and OUT between bytes and the state machine (SPC-4 6.15, 6.16).
#include "sgpr/fake/unit.hpp"

#include "sgpr/src/big_endian.hpp"

namespace sgpr::fake {
namespace {

constexpr std::size_t plain_list = 24;

verdict length_error() {
    return check(sense_key::illegal_request, 0x1a, 0x00);
}

bytes list(std::uint32_t generation, const bytes& elements) {
    bytes raw;
    append(raw, generation, 4);
    append(raw, elements.size(), 4);
    raw.insert(raw.end(), elements.begin(), elements.end());
    return raw;
}

/// TransportIDs of SPEC_I_PT behind the plain list.
bool decode_initiators(byte_view raw, out_request& into) {
    if (raw.size() < plain_list + 4 || raw.size() - plain_list - 4 != u32(raw, plain_list)) {
        return false;
    }
    auto rest = part(raw, plain_list + 4);
    while (!rest.empty()) {
        const auto one = parse_transport_id(rest);
        if (!one) {
            return false;
        }
        into.initiators.push_back(one->id);
        rest = part(rest, one->size);
    }
    return true;
}

verdict decode_move(byte_view raw, out_request& into) {
    if (raw.size() < 48 || raw.size() - 24 != u32(raw, 20)) {
        return length_error();
    }
    const auto id = parse_transport_id(part(raw, 24));
    if (!id) {
        return invalid_in_list();
    }
    into.unregister = (raw[17] & 0x02) != 0;
    into.persist = (raw[17] & 0x01) != 0;
    into.destination = {id->id, u16(raw, 18)};
    return {};
}

verdict decode_flags(byte_view raw, out_request& into) {
    into.persist = (raw[20] & 0x01) != 0;
    into.all_target_ports = (raw[20] & 0x04) != 0;
    into.specify_initiators = (raw[20] & 0x08) != 0;
    if (into.specify_initiators) {
        return decode_initiators(raw, into) ? verdict{} : invalid_in_list();
    }
    return raw.size() == plain_list ? verdict{} : length_error();
}

bool known(const profile& target, std::uint8_t action) {
    return action <= 7 && (action != 5 || target.preempt_and_abort) && (action != 7 || target.move);
}

} // namespace

bytes encode_keys(const reservations& state) {
    bytes elements;
    for (const auto& one : state.all()) {
        append(elements, one.registered.value(), 8);
    }
    return list(state.generation(), elements);
}

bytes encode_reservation(const reservations& state) {
    bytes elements;
    if (const auto held = state.held()) {
        append(elements, held->holder.value(), 8);
        append(elements, 0, 5);
        append(elements, static_cast<std::uint8_t>(held->type), 1);
        append(elements, 0, 2);
    }
    return list(state.generation(), elements);
}

bytes encode_capabilities(const profile& target, bool persistence_active) {
    const int flags = (target.specify_initiators ? 0x08 : 0) |
                      (target.all_target_ports ? 0x04 : 0) | (target.persistence ? 0x01 : 0);
    return {0,
            8,
            static_cast<std::uint8_t>(flags),
            static_cast<std::uint8_t>(0x80 | (persistence_active ? 1 : 0)),
            0xea,
            0x01,
            0,
            0};
}

bytes encode_full_status(const reservations& state) {
    bytes elements;
    for (const auto& one : state.all()) {
        append(elements, one.registered.value(), 8);
        append(elements, 0, 4);
        append(elements, (one.all_target_ports ? 2 : 0) | (one.holds ? 1 : 0), 1);
        append(elements, one.holds ? static_cast<unsigned>(*one.holds) : 0, 1);
        append(elements, 0, 4);
        append(elements, one.all_target_ports ? 0 : one.relative_target_port, 2);
        const auto id = encode_transport_id(one.initiator);
        append(elements, id.size(), 4);
        elements.insert(elements.end(), id.begin(), id.end());
    }
    return list(state.generation(), elements);
}

decoded_request decode_out(const profile& target, const command& what) {
    const byte_view raw = what.data_out;
    const auto action = static_cast<std::uint8_t>(what.cdb[1] & 0x1f);
    if (!known(target, action)) {
        return {.end = invalid_in_cdb()};
    }
    if (big_endian(what.cdb.view(), 5, 4) != raw.size() || raw.size() < plain_list) {
        return {.end = length_error()};
    }
    decoded_request decoded;
    auto& request = decoded.request;
    request.action = service_action{action};
    request.scope = what.cdb[2] >> 4;
    request.type = reservation_type{static_cast<std::uint8_t>(what.cdb[2] & 0xf)};
    request.reservation_key = key(u64(raw, 0));
    request.action_key = key(u64(raw, 8));
    decoded.end = request.action == service_action::register_and_move ? decode_move(raw, request)
                                                                      : decode_flags(raw, request);
    return decoded;
}

} // namespace sgpr::fake
