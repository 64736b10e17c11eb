// SPDX-License-Identifier: Apache-2.0
// PERSISTENT RESERVE OUT (SPC-4 6.16): one command each.
#include "sgpr/persistent_reservation.hpp"

#include "sgpr/path.hpp"
#include "sgpr/src/big_endian.hpp"

#include <utility>

namespace sgpr {
namespace {

enum class out_service : std::uint8_t {
    register_key = 0,
    reserve = 1,
    release = 2,
    clear = 3,
    preempt = 4,
    preempt_and_abort = 5,
    register_and_ignore = 6,
    register_and_move = 7,
};

constexpr std::uint8_t persist_bit = 0x01;            // APTPL
constexpr std::uint8_t all_target_ports_bit = 0x04;   // ALL_TG_PT
constexpr std::uint8_t specify_initiators_bit = 0x08; // SPEC_I_PT
constexpr std::uint8_t unregister_bit = 0x02;         // UNREG of REGISTER AND MOVE
constexpr std::size_t max_initiators = 256;

command reserve_out(out_service action, std::uint8_t type, bytes parameters) {
    command what;
    what.cdb = descriptor_block(0x5f, 10);
    what.cdb.put(1, static_cast<std::uint8_t>(action)).put(2, type).put(5, parameters.size(), 4);
    what.data_out = std::move(parameters);
    return what;
}

bytes parameter_list(key reservation_key, key action_key, std::uint8_t flags = 0) {
    bytes list;
    append(list, reservation_key.value(), 8);
    append(list, action_key.value(), 8);
    append(list, 0, 4);
    append(list, flags, 1);
    append(list, 0, 3);
    return list;
}

result<void> send(path& on, const command& what) {
    const auto got = on.execute(what);
    return got ? result<void>() : result<void>(got.error());
}

/// For service actions that not every device has: an invalid field in the CDB is its way to say so.
result<void> send_optional(path& on, const command& what) {
    auto sent = send(on, what);
    if (!sent && sent.error().code == errc::invalid && sent.error().sense.is(0x24, 0x00)) {
        return failure{.code = errc::unsupported, .sense = sent.error().sense};
    }
    return sent;
}

std::uint8_t flags_of(const register_options& options) {
    return static_cast<std::uint8_t>((options.persist ? persist_bit : 0) |
                                     (options.all_target_ports ? all_target_ports_bit : 0) |
                                     (options.initiators.empty() ? 0 : specify_initiators_bit));
}

} // namespace

result<void> register_key(path& on, key current, key wanted, const register_options& options) {
    if (options.initiators.size() > max_initiators) {
        return failure{.code = errc::invalid};
    }
    auto list = parameter_list(current, wanted, flags_of(options));
    if (!options.initiators.empty()) {
        bytes ids;
        for (const auto& id : options.initiators) {
            const auto raw = encode_transport_id(id);
            ids.insert(ids.end(), raw.begin(), raw.end());
        }
        append(list, ids.size(), 4);
        list.insert(list.end(), ids.begin(), ids.end());
    }
    return send(on, reserve_out(out_service::register_key, 0, std::move(list)));
}

result<void> register_and_ignore(path& on, key wanted, const register_options& options) {
    // SPEC_I_PT is refused with this service action (SPC-4 table 200).
    if (!options.initiators.empty()) {
        return failure{.code = errc::invalid};
    }
    return send_optional(on, reserve_out(out_service::register_and_ignore, 0,
                                         parameter_list(no_key, wanted, flags_of(options))));
}

result<void> reserve(path& on, key own, reservation_type type) {
    return send(on, reserve_out(out_service::reserve, static_cast<std::uint8_t>(type),
                                parameter_list(own, no_key)));
}

result<void> release(path& on, key own, reservation_type type) {
    return send(on, reserve_out(out_service::release, static_cast<std::uint8_t>(type),
                                parameter_list(own, no_key)));
}

result<void> clear(path& on, key own) {
    return send(on, reserve_out(out_service::clear, 0, parameter_list(own, no_key)));
}

result<void> preempt(path& on, key own, key victim, reservation_type type) {
    return send(on, reserve_out(out_service::preempt, static_cast<std::uint8_t>(type),
                                parameter_list(own, victim)));
}

result<void> preempt_and_abort(path& on, key own, key victim, reservation_type type) {
    return send_optional(on,
                         reserve_out(out_service::preempt_and_abort,
                                     static_cast<std::uint8_t>(type), parameter_list(own, victim)));
}

result<void> register_and_move(path& on, key own, key wanted, const transport_id& destination,
                               std::uint16_t relative_target_port, const move_options& options) {
    const auto id = encode_transport_id(destination);
    bytes list;
    append(list, own.value(), 8);
    append(list, wanted.value(), 8);
    append(list, 0, 1);
    append(list, (options.unregister ? unregister_bit : 0) | (options.persist ? persist_bit : 0),
           1);
    append(list, relative_target_port, 2);
    append(list, id.size(), 4);
    list.insert(list.end(), id.begin(), id.end());
    return send_optional(on, reserve_out(out_service::register_and_move, 0, std::move(list)));
}

} // namespace sgpr
