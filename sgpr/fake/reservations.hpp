// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/fake/disk.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace sgpr::fake {

struct it_nexus {
    transport_id initiator{};
    std::uint16_t target_port = 0;

    friend bool operator==(const it_nexus&, const it_nexus&) = default;
};

/// Service actions of PERSISTENT RESERVE OUT.
enum class service_action : std::uint8_t {
    register_key = 0,
    reserve = 1,
    release = 2,
    clear = 3,
    preempt = 4,
    preempt_and_abort = 5,
    register_and_ignore = 6,
    register_and_move = 7,
};

/// A PERSISTENT RESERVE OUT command, decoded.
struct out_request {
    service_action action = service_action::register_key;
    std::uint8_t scope = 0;
    reservation_type type = reservation_type::write_exclusive;
    key reservation_key{};
    key action_key{};
    bool persist = false;
    bool all_target_ports = false;
    bool specify_initiators = false;
    std::vector<transport_id> initiators{};
    // REGISTER AND MOVE
    bool unregister = false;
    it_nexus destination{};
};

/// Status and sense that end a command.
struct verdict {
    scsi_status status = scsi_status::good;
    sense_data sense{};

    [[nodiscard]] bool good() const { return status == scsi_status::good; }
};

[[nodiscard]] inline verdict check(sense_key key, std::uint8_t asc, std::uint8_t ascq) {
    return {scsi_status::check_condition, {.key = key, .code = asc, .qualifier = ascq}};
}
[[nodiscard]] inline verdict invalid_in_cdb() {
    return check(sense_key::illegal_request, 0x24, 0x00);
}
[[nodiscard]] inline verdict invalid_in_list() {
    return check(sense_key::illegal_request, 0x26, 0x00);
}
inline const verdict conflict{scsi_status::reservation_conflict, {}};

/// A unit attention for one nexus, or with `all_target_ports` for all of that initiator.
struct notice {
    it_nexus to{};
    bool all_target_ports = false;
    std::uint8_t code = 0;
    std::uint8_t qualifier = 0;
};

enum class access { read, write, mode_sense, capacity };

/// Registrations and reservation of one logical unit: SPC-4 5.13, without bytes.
class reservations {
public:
    explicit reservations(const profile& target) : target_(target) {}

    [[nodiscard]] verdict apply(const it_nexus& from, const out_request& what);
    /// Whether the reservation lets a command of that kind through (SPC-4 table 65, SBC-3 table
    /// 13).
    [[nodiscard]] bool allows(const it_nexus& from, access kind) const;
    /// Unit attentions that came up since the last take.
    [[nodiscard]] std::vector<notice> take_notices();
    void lose_power();

    [[nodiscard]] std::uint32_t generation() const { return generation_; }
    [[nodiscard]] bool persistent() const { return persist_; }
    [[nodiscard]] const std::vector<registration>& all() const { return all_; }
    [[nodiscard]] std::optional<reservation> held() const;

private:
    using entry = std::vector<registration>::iterator;

    [[nodiscard]] entry find(const it_nexus& nexus);
    [[nodiscard]] bool registered(const it_nexus& nexus) const;
    [[nodiscard]] bool holds(const it_nexus& nexus) const;
    [[nodiscard]] verdict register_nexus(const it_nexus& from, const out_request& what);
    [[nodiscard]] verdict register_others(const it_nexus& from, const out_request& what);
    [[nodiscard]] verdict reserve(const it_nexus& from, const out_request& what);
    [[nodiscard]] verdict release(const it_nexus& from, const out_request& what);
    [[nodiscard]] verdict clear(const it_nexus& from);
    [[nodiscard]] verdict preempt(const it_nexus& from, const out_request& what);
    [[nodiscard]] verdict move(const it_nexus& from, const out_request& what);
    void unregister(const it_nexus& nexus);
    void release_held(const it_nexus& by);
    void hold(const it_nexus& nexus, reservation_type type);
    /// Removes registrations with `victim`, or all for no_key; the one of `spared`, if any, stays.
    std::size_t remove(key victim, const std::optional<it_nexus>& spared, const it_nexus& by);
    void settle_holders();
    void tell_others(const it_nexus& by, std::uint8_t qualifier);
    void tell_of_release(const it_nexus& by, reservation_type type);
    /// Whether a nexus that is registered need not tell the key of its registration.
    [[nodiscard]] bool any_key_will_do(const registration& own, service_action action) const;

    const profile& target_;
    std::vector<registration> all_;
    std::optional<reservation_type> type_; ///< of the reservation that is held
    std::uint32_t generation_ = 0;
    bool persist_ = false;
    std::vector<notice> notices_;
};

} // namespace sgpr::fake
