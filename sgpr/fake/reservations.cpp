// SPDX-License-Identifier: Apache-2.0
#include "sgpr/fake/reservations.hpp"

#include <algorithm>
#include <utility>

namespace sgpr::fake {
namespace {

constexpr std::uint8_t preempted_reservation = 0x03;  // 2A/03 RESERVATIONS PREEMPTED
constexpr std::uint8_t released_reservation = 0x04;   // 2A/04 RESERVATIONS RELEASED
constexpr std::uint8_t preempted_registration = 0x05; // 2A/05 REGISTRATIONS PREEMPTED

bool is_type(reservation_type type) {
    return std::find(std::begin(all_reservation_types), std::end(all_reservation_types), type) !=
           std::end(all_reservation_types);
}

bool registrants_may(reservation_type type) {
    return type != reservation_type::write_exclusive && type != reservation_type::exclusive_access;
}

bool excludes_readers(reservation_type type) {
    return type == reservation_type::exclusive_access ||
           type == reservation_type::exclusive_access_registrants_only ||
           type == reservation_type::exclusive_access_all_registrants;
}

bool covers(const registration& one, const it_nexus& nexus) {
    return one.initiator == nexus.initiator &&
           (one.all_target_ports || one.relative_target_port == nexus.target_port);
}

it_nexus nexus_of(const registration& one) {
    return {one.initiator, one.relative_target_port};
}

} // namespace

reservations::entry reservations::find(const it_nexus& nexus) {
    return std::find_if(all_.begin(), all_.end(),
                        [&](const registration& one) { return covers(one, nexus); });
}

bool reservations::registered(const it_nexus& nexus) const {
    return std::any_of(all_.begin(), all_.end(), [&](const registration& one) {
        return covers(one, nexus) ||
               (target_.node_may_write && one.initiator.kind == protocol::iscsi &&
                one.initiator.iscsi_name == nexus.initiator.iscsi_name);
    });
}

bool reservations::holds(const it_nexus& nexus) const {
    return std::any_of(all_.begin(), all_.end(), [&](const registration& one) {
        return one.holds && (covers(one, nexus) ||
                             (target_.node_may_write && one.initiator.kind == protocol::iscsi &&
                              one.initiator.iscsi_name == nexus.initiator.iscsi_name));
    });
}

std::optional<reservation> reservations::held() const {
    if (!type_) {
        return std::nullopt;
    }
    const auto holder = std::find_if(all_.begin(), all_.end(),
                                     [](const registration& one) { return one.holds.has_value(); });
    const bool told = holder != all_.end() && !held_by_all_registrants(*type_);
    return reservation{told ? holder->registered : no_key, *type_};
}

bool reservations::allows(const it_nexus& from, access kind) const {
    if (!type_ || holds(from) || (registrants_may(*type_) && registered(from))) {
        return true;
    }
    if (kind == access::capacity && !target_.capacity_conflicts) {
        return true;
    }
    return kind != access::write && !excludes_readers(*type_);
}

std::vector<notice> reservations::take_notices() {
    return std::exchange(notices_, {});
}

void reservations::lose_power() {
    generation_ = 0;
    notices_.clear();
    if (!persist_) {
        all_.clear();
        type_.reset();
    }
}

void reservations::tell_others(const it_nexus& by, std::uint8_t qualifier) {
    for (const auto& one : all_) {
        if (!covers(one, by)) {
            notices_.push_back({nexus_of(one), one.all_target_ports, 0x2a, qualifier});
        }
    }
}

/// With types 7 and 8 every registrant holds, and the last one takes the reservation along; else
/// the one that holds it.
void reservations::settle_holders() {
    if (!type_) {
        return;
    }
    if (held_by_all_registrants(*type_)) {
        for (auto& one : all_) {
            one.holds = type_;
        }
    }
    if (std::none_of(all_.begin(), all_.end(),
                     [](const registration& one) { return one.holds.has_value(); })) {
        type_.reset();
    }
}

void reservations::hold(const it_nexus& nexus, reservation_type type) {
    for (auto& one : all_) {
        one.holds.reset();
    }
    type_ = type;
    find(nexus)->holds = type;
    settle_holders();
}

void reservations::tell_of_release(const it_nexus& by, reservation_type type) {
    if (!target_.release_tells_wrongly) {
        if (registrants_may(type)) {
            tell_others(by, released_reservation);
        }
    } else if (!registrants_may(type)) {
        for (const auto& one : all_) {
            if (!covers(one, by)) {
                tell_others(nexus_of(one), released_reservation);
            }
        }
    }
}

void reservations::release_held(const it_nexus& by) {
    const auto type = *type_;
    type_.reset();
    for (auto& one : all_) {
        one.holds.reset();
    }
    tell_of_release(by, type);
}

void reservations::unregister(const it_nexus& nexus) {
    const auto found = find(nexus);
    const bool held = found->holds && !held_by_all_registrants(*type_);
    all_.erase(found);
    if (held) {
        release_held(nexus);
    }
    settle_holders();
}

bool reservations::any_key_will_do(const registration& own, service_action action) const {
    return (action == service_action::release && target_.release_needs_no_key && !own.holds) ||
           (action == service_action::reserve && target_.reserve_needs_no_key);
}

verdict reservations::apply(const it_nexus& from, const out_request& what) {
    switch (what.action) {
    case service_action::register_key:
    case service_action::register_and_ignore:
        return register_nexus(from, what);
    default:
        break;
    }
    const auto own = find(from);
    if (own == all_.end()) {
        return what.action == service_action::reserve && target_.not_ready_if_unregistered
                   ? check(sense_key::not_ready, 0x08, 0x00)
                   : conflict;
    }
    if (own->registered != what.reservation_key && !any_key_will_do(*own, what.action)) {
        return conflict;
    }
    switch (what.action) {
    case service_action::reserve:
        return reserve(from, what);
    case service_action::release:
        return release(from, what);
    case service_action::clear:
        return clear(from);
    case service_action::preempt:
    case service_action::preempt_and_abort:
        return preempt(from, what);
    default:
        return move(from, what);
    }
}

/// SPC-4 5.13.7, tables 62 and 63.
verdict reservations::register_nexus(const it_nexus& from, const out_request& what) {
    const auto own = find(from);
    const bool ignore = what.action == service_action::register_and_ignore;
    if (!ignore && what.reservation_key != (own == all_.end() ? no_key : own->registered)) {
        return conflict;
    }
    if ((what.persist && !target_.persistence) ||
        (what.all_target_ports && !target_.all_target_ports) ||
        (what.specify_initiators && (ignore || !target_.specify_initiators || own != all_.end()))) {
        return invalid_in_list();
    }
    if (own == all_.end() && !what.action_key) {
        return {}; // nothing to unregister
    }
    if (own == all_.end()) {
        const auto others = register_others(from, what);
        if (!others.good()) {
            return others;
        }
        all_.push_back({what.action_key, from.initiator, what.all_target_ports, from.target_port,
                        std::nullopt});
        settle_holders();
    } else if (!what.action_key) {
        unregister(from);
    } else {
        own->registered = what.action_key;
        own->all_target_ports = own->all_target_ports || what.all_target_ports;
    }
    persist_ = what.persist;
    ++generation_;
    return {};
}

/// SPEC_I_PT: all of them or none.
verdict reservations::register_others(const it_nexus& from, const out_request& what) {
    for (const auto& initiator : what.initiators) {
        if (find({initiator, from.target_port}) != all_.end()) {
            return invalid_in_list();
        }
    }
    for (const auto& initiator : what.initiators) {
        all_.push_back(
            {what.action_key, initiator, what.all_target_ports, from.target_port, std::nullopt});
    }
    return {};
}

/// SPC-4 5.13.9.
verdict reservations::reserve(const it_nexus& from, const out_request& what) {
    if (what.scope != 0 || !is_type(what.type)) {
        return invalid_in_cdb();
    }
    if (!type_) {
        hold(from, what.type);
        return {};
    }
    return find(from)->holds && *type_ == what.type ? verdict{} : conflict;
}

/// SPC-4 5.13.11.2.
verdict reservations::release(const it_nexus& from, const out_request& what) {
    if (!type_ || !find(from)->holds) {
        return {};
    }
    if (what.scope != 0 || *type_ != what.type) {
        return target_.conflict_on_wrong_release ? conflict
                                                 : check(sense_key::illegal_request, 0x26, 0x04);
    }
    release_held(from);
    return {};
}

/// SPC-4 5.13.11.6.
verdict reservations::clear(const it_nexus& from) {
    tell_others(from, preempted_reservation);
    all_.clear();
    type_.reset();
    ++generation_;
    return {};
}

std::size_t reservations::remove(key victim, const std::optional<it_nexus>& spared,
                                 const it_nexus& by) {
    const auto goes = [&](const registration& one) {
        return (!victim || one.registered == victim) && !(spared && covers(one, *spared));
    };
    for (const auto& one : all_) {
        if (goes(one) && !covers(one, by)) {
            notices_.push_back(
                {nexus_of(one), one.all_target_ports, 0x2a,
                 target_.preempts_as_clear ? preempted_reservation : preempted_registration});
        }
    }
    return std::erase_if(all_, goes);
}

/// SPC-4 5.13.11.4: the preempted reservation becomes the sender's; registrations alone are
/// removed, the sender's own too if that is what it asked for.
verdict reservations::preempt(const it_nexus& from, const out_request& what) {
    const bool all_registrants = type_ && held_by_all_registrants(*type_);
    if (!what.action_key && !all_registrants) {
        return invalid_in_list();
    }
    const auto held_now = held();
    const bool takes = held_now && held_now->holder == what.action_key;
    if (!takes) {
        if (remove(what.action_key, std::nullopt, from) == 0) {
            return conflict;
        }
        settle_holders();
        ++generation_;
        return {};
    }
    if (what.scope != 0 || !is_type(what.type)) {
        return invalid_in_cdb();
    }
    const auto old_type = *type_;
    remove(what.action_key, from, from);
    hold(from, what.type);
    if (old_type != what.type) {
        tell_others(from, released_reservation);
    }
    ++generation_;
    return {};
}

/// SPC-4 5.13.8.
verdict reservations::move(const it_nexus& from, const out_request& what) {
    if (!type_ || held_by_all_registrants(*type_) || !find(from)->holds) {
        return conflict;
    }
    if (!what.action_key || what.destination == from || (what.persist && !target_.persistence)) {
        return invalid_in_list();
    }
    const auto type = *type_;
    const auto there = find(what.destination);
    if (there == all_.end()) {
        all_.push_back({what.action_key, what.destination.initiator, false,
                        what.destination.target_port, std::nullopt});
    } else {
        there->registered = what.action_key;
    }
    hold(what.destination, type);
    if (what.unregister) {
        all_.erase(find(from));
    }
    persist_ = what.persist;
    ++generation_;
    return {};
}

} // namespace sgpr::fake
