// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/path.hpp"
#include "sgpr/verified.hpp"
#include "sgpr/vpd.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sgpr {

/// What became of one path in a change to all paths.
struct path_report {
    std::string path{};      ///< path::name()
    bool registered = false; ///< this nexus is registered with our key
    evidence how = evidence::by_key;
    std::optional<failure> problem{}; ///< why not, or why nobody can tell
};

struct registration_report {
    std::vector<path_report> paths{}; ///< in the order of logical_unit::path_names()

    /// Paths whose nexus is registered.
    [[nodiscard]] std::size_t registered() const;
    /// Every path that answers at all is registered, and at least one is. Paths that are gone, time
    /// out or cannot be reached carry no I/O: they are registered when they come back
    /// (logical_unit::repair).
    [[nodiscard]] bool all_live_registered() const;
    /// No path is registered, as far as they answer.
    [[nodiscard]] bool none_registered() const;
};

/// All paths of this machine to one logical unit. Not for two threads at once; never sleeps but for
/// a busy device.
class logical_unit {
public:
    static constexpr std::size_t max_paths = 64;

    /// Reads the identity through `first` (VPD 83h). errc::unsupported: the device names no logical
    /// unit.
    [[nodiscard]] static result<std::unique_ptr<logical_unit>> open(std::unique_ptr<path> first);
    logical_unit(const logical_unit&) = delete;
    logical_unit& operator=(const logical_unit&) = delete;

    [[nodiscard]] const unit_identity& identity() const { return identity_; }

    /// A new path: errc::invalid if it leads to another unit, has the name of one that is here, or
    /// there are too many. While a key is registered, it is registered before it is added: if that
    /// fails, the path is not added.
    [[nodiscard]] result<void> add_path(std::unique_ptr<path> another);
    /// Forgets a path and sends nothing; false if there is none of that name. What it had
    /// registered stays on the device (see reclaim).
    bool remove_path(std::string_view name);
    [[nodiscard]] std::vector<std::string> path_names() const;
    /// The path of that name, or nullptr; valid until it is removed.
    [[nodiscard]] path* find_path(std::string_view name);

    /// The key that this machine registered last through register_everywhere; no_key after
    /// unregistering.
    [[nodiscard]] key own() const { return own_; }

    /// Registers every path with `own`, whatever key was there, and reads back what each nexus has.
    /// An error only if no path answers; what each path said is in the report.
    [[nodiscard]] result<registration_report>
    register_everywhere(key own, const register_options& options = {});
    /// What is registered, changing nothing but (without READ FULL STATUS) the generation.
    [[nodiscard]] result<registration_report> registered_paths();
    /// Registers paths that answer and are not registered (a new ISID, a path that came back).
    [[nodiscard]] result<registration_report> repair();
    /// Unregisters every path and forgets the key; what paths that do not answer had registered is
    /// preempted. The holder's path goes last.
    [[nodiscard]] result<registration_report> unregister_everywhere();

    /// With the own key through the first path that answers; errc::invalid without a key. As in
    /// verified.hpp.
    [[nodiscard]] result<verified> reserve(reservation_type type);
    /// Released through the path that holds it; through others RELEASE does nothing, so if that
    /// path is gone the reservation is first taken over by another (reclaim) and then released.
    [[nodiscard]] result<verified> release(reservation_type type);
    [[nodiscard]] result<verified> preempt(key victim, reservation_type type,
                                           abort_commands abort = abort_commands::no);
    [[nodiscard]] result<verified> clear();
    /// Removes registrations with our key that no path of ours has (a lost path, an old ISID) and
    /// takes the reservation over if one of them holds it: PREEMPT of the own key. With `interim`
    /// our live paths have that key meanwhile and none is ever unregistered; without it all but one
    /// are for a moment, and each of them reports that its registration was preempted.
    /// (So may any path with `interim`, on a target whose iSCSI sessions share their unit
    /// attentions.)
    [[nodiscard]] result<registration_report> reclaim(reservation_type type, key interim = no_key);
    /// Registrations with our key whose nexus is none of our paths; empty where the device cannot
    /// tell.
    [[nodiscard]] result<std::vector<registration>> stale_registrations();

    [[nodiscard]] result<reservation_picture> read_picture();
    [[nodiscard]] result<reservation_capabilities> capabilities();
    /// One command through the first path that answers; a path that is gone, times out or cannot be
    /// reached is passed over for commands that do not write and may be sent twice; a write fails
    /// with that path's failure unless it was surely not carried out (errc::gone).
    [[nodiscard]] result<bytes> execute(const command& what,
                                        when_preempted preempted = when_preempted::retry);

    /// Of all paths since the last take, oldest first within a path.
    [[nodiscard]] std::vector<attention> take_attentions();

private:
    logical_unit(unit_identity identity, std::unique_ptr<path> first);

    /// `action` through the path that answered last, then through the others while it fails for the
    /// path's sake.
    template <class Action>
    [[nodiscard]] auto through_any(Action action) -> decltype(action(std::declval<path&>()));
    [[nodiscard]] register_options options_here() const;
    [[nodiscard]] path_report register_one(path& on, key wanted);
    [[nodiscard]] path_report find_one(path& on, key wanted);
    [[nodiscard]] path* first_registered(key with);
    [[nodiscard]] result<verified> release_through_each(reservation_type type);
    [[nodiscard]] path* last_to_unregister();
    void remove_leftovers(path& last);

    unit_identity identity_;
    std::vector<std::unique_ptr<path>> paths_;
    std::size_t answered_last_ = 0;
    key own_;
    bool persist_ = false;
    bool all_target_ports_ = false;
};

} // namespace sgpr
