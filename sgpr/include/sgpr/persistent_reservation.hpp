// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command.hpp"
#include "sgpr/failure.hpp"
#include "sgpr/transport_id.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sgpr {

class path;

/// A reservation key (SPC-4 5.13). 0 is "none": no registration has it.
class key {
public:
    constexpr key() = default;
    constexpr explicit key(std::uint64_t value) : value_(value) {}

    [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
    [[nodiscard]] constexpr explicit operator bool() const { return value_ != 0; }
    friend constexpr auto operator<=>(const key&, const key&) = default;

private:
    std::uint64_t value_ = 0;
};

inline constexpr key no_key{};

/// "0x00000000000000aa"
[[nodiscard]] std::string text(key value);

/// Persistent reservation types (SPC-4 6.16.3.4). A value that is not named here survives.
enum class reservation_type : std::uint8_t {
    write_exclusive = 0x1,
    exclusive_access = 0x3,
    write_exclusive_registrants_only = 0x5,
    exclusive_access_registrants_only = 0x6,
    write_exclusive_all_registrants = 0x7,
    exclusive_access_all_registrants = 0x8,
};

/// All that SPC-4 knows, for loops over them.
inline constexpr reservation_type all_reservation_types[] = {
    reservation_type::write_exclusive,
    reservation_type::exclusive_access,
    reservation_type::write_exclusive_registrants_only,
    reservation_type::exclusive_access_registrants_only,
    reservation_type::write_exclusive_all_registrants,
    reservation_type::exclusive_access_all_registrants,
};

/// Types 7 and 8: every registrant holds the reservation, and READ RESERVATION answers key 0.
[[nodiscard]] bool held_by_all_registrants(reservation_type type);
/// "write exclusive, registrants only"
[[nodiscard]] std::string text(reservation_type type);

// ---- PERSISTENT RESERVE IN (SPC-4 6.15) ----

/// Most registrations that are read of one logical unit; more is errc::malformed.
inline constexpr std::size_t max_registrations = 8190;

/// READ KEYS: one key a registration, so a key may come several times; no order.
struct registered_keys {
    std::uint32_t generation = 0; ///< PRgeneration: counts changes to registrations, wraps
    std::vector<key> keys{};

    [[nodiscard]] std::size_t count(key which) const;
};

struct reservation {
    key holder{}; ///< 0 with types 7 and 8
    reservation_type type = reservation_type::write_exclusive;

    friend bool operator==(const reservation&, const reservation&) = default;
};

/// READ RESERVATION.
struct reservation_state {
    std::uint32_t generation = 0;
    std::optional<reservation> held{};
};

/// REPORT CAPABILITIES.
struct reservation_capabilities {
    bool replaces_reserve_release = false; ///< CRH
    bool specify_initiators = false;       ///< SIP_C: REGISTER knows SPEC_I_PT
    bool all_target_ports = false;         ///< ATP_C: REGISTER knows ALL_TG_PT
    bool persists = false;                 ///< PTPL_C: REGISTER knows APTPL
    bool persistence_active = false;       ///< PTPL_A: registrations outlive a power loss right now
    bool types_told = false;               ///< TMV: `types` is meant
    std::uint16_t types = 0;               ///< bit N set: type N is supported

    /// True also where the device does not tell its types.
    [[nodiscard]] bool supports(reservation_type type) const;
};

/// One descriptor of READ FULL STATUS.
struct registration {
    key registered{};
    transport_id initiator{};
    bool all_target_ports = false;           ///< registered through every target port
    std::uint16_t relative_target_port = 0;  ///< meant only without `all_target_ports`
    std::optional<reservation_type> holds{}; ///< set: this registration holds the reservation

    friend bool operator==(const registration&, const registration&) = default;
};

struct full_status {
    std::uint32_t generation = 0;
    std::vector<registration> registrations{};
};

[[nodiscard]] result<registered_keys> parse_registered_keys(byte_view raw);
[[nodiscard]] result<reservation_state> parse_reservation(byte_view raw);
[[nodiscard]] result<reservation_capabilities> parse_reservation_capabilities(byte_view raw);
[[nodiscard]] result<full_status> parse_full_status(byte_view raw);

/// All keys, read again with more room while the device has more.
[[nodiscard]] result<registered_keys> read_keys(path& on);
[[nodiscard]] result<reservation_state> read_reservation(path& on);
[[nodiscard]] result<reservation_capabilities> report_capabilities(path& on);
/// Optional for a device: errc::unsupported where it is not there.
[[nodiscard]] result<full_status> read_full_status(path& on);

// ---- PERSISTENT RESERVE OUT (SPC-4 6.16): one command each ----
//
// What the command answers is what the device says, which is not always what it did: see
// verified.hpp.

struct register_options {
    bool persist = false;                   ///< APTPL
    bool all_target_ports = false;          ///< ALL_TG_PT
    std::vector<transport_id> initiators{}; ///< SPEC_I_PT: register these too (REGISTER only)
};

/// REGISTER: from `current` (no_key: not registered yet) to `wanted` (no_key: unregister).
[[nodiscard]] result<void> register_key(path& on, key current, key wanted,
                                        const register_options& options = {});
/// REGISTER AND IGNORE EXISTING KEY; `wanted` no_key unregisters.
[[nodiscard]] result<void> register_and_ignore(path& on, key wanted,
                                               const register_options& options = {});
[[nodiscard]] result<void> reserve(path& on, key own, reservation_type type);
/// GOOD also where nothing was released.
[[nodiscard]] result<void> release(path& on, key own, reservation_type type);
/// Removes all registrations and the reservation.
[[nodiscard]] result<void> clear(path& on, key own);
/// Removes all registrations with `victim`; if one of them holds the reservation, it becomes ours
/// with `type`.
[[nodiscard]] result<void> preempt(path& on, key own, key victim, reservation_type type);
/// The same, and commands of the victims are aborted.
[[nodiscard]] result<void> preempt_and_abort(path& on, key own, key victim, reservation_type type);

struct move_options {
    bool unregister = false; ///< our own registration goes
    bool persist = false;    ///< APTPL
};
/// REGISTER AND MOVE: `destination` on target port `relative_target_port` is registered with
/// `wanted` and gets the reservation that we hold.
[[nodiscard]] result<void> register_and_move(path& on, key own, key wanted,
                                             const transport_id& destination,
                                             std::uint16_t relative_target_port,
                                             const move_options& options = {});

} // namespace sgpr
