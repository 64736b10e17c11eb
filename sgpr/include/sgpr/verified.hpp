// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/persistent_reservation.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace sgpr {

/// Registrations and reservation of a logical unit as read at one moment: all reads had the same
/// generation.
struct reservation_picture {
    std::uint32_t generation = 0;
    std::vector<key> keys{}; ///< one a registration
    std::optional<reservation> held{};
    /// Only from devices with READ FULL STATUS.
    std::optional<std::vector<registration>> registrations{};

    [[nodiscard]] bool has(key which) const;
    /// The reservation is held by a registration with `own`: by its key, with types 7 and 8 by
    /// being registered.
    [[nodiscard]] bool held_by(key own) const;
};

/// Reads the picture; again, at most 5 times, while others change it in between (then errc::busy).
[[nodiscard]] result<reservation_picture> read_picture(path& on);

/// How a registration of this nexus was found out.
enum class evidence {
    by_nexus, ///< READ FULL STATUS lists our initiator port on our target port
    by_test, ///< REGISTER from the key to the same key: conflict means "not registered" (counts the
             ///< generation)
    by_key,  ///< only that the key is among the registered ones; no proof for this nexus
};

struct nexus_registration {
    bool registered = false; ///< with the key that was asked for
    evidence how = evidence::by_key;
    key other{}; ///< registered with another key than asked for; no_key if not, or if nobody can
                 ///< tell
};

/// Whether this nexus is registered with `own`: by READ FULL STATUS where the device has it and our
/// TransportID is known, else by a test. `options.persist` is repeated in the test so that it
/// changes nothing.
[[nodiscard]] result<nexus_registration> find_registration(path& on, key own, bool persist = false);
/// The same out of a picture that was read, without a test.
[[nodiscard]] nexus_registration registration_in(const reservation_picture& picture, path& on,
                                                 key own);

/// A change and what the device shows after it.
struct verified {
    bool done = false;               ///< the device shows what was asked for
    std::optional<failure> answer{}; ///< what the command itself said, if it was not GOOD
    reservation_picture picture{};   ///< as read after it

    /// The command's failure, or for one that was GOOD and changed nothing
    /// errc::reservation_conflict.
    [[nodiscard]] failure why_not() const;
};

// Each sends its command once, whatever the answer reads back, and judges by that. An error is only
// that reading back failed: then nobody knows. A command that timed out may also be carried out
// later than it is read back.

[[nodiscard]] result<verified> verified_register(path& on, key current, key wanted,
                                                 const register_options& options = {});
[[nodiscard]] result<verified> verified_register_and_ignore(path& on, key wanted,
                                                            const register_options& options = {});
/// Done: the reservation has `type` and is held with `own`.
[[nodiscard]] result<verified> verified_reserve(path& on, key own, reservation_type type);
/// Done: no reservation is held with `own`.
[[nodiscard]] result<verified> verified_release(path& on, key own, reservation_type type);
/// Done: no key is registered and nothing is reserved.
[[nodiscard]] result<verified> verified_clear(path& on, key own);

enum class abort_commands { no, yes };
/// Done: no registration with `victim` is left (for `victim == own`: one, where the device can
/// tell), and the reservation, if `victim` held it before, is ours with `type`.
[[nodiscard]] result<verified> verified_preempt(path& on, key own, key victim,
                                                reservation_type type,
                                                abort_commands abort = abort_commands::no);

} // namespace sgpr
