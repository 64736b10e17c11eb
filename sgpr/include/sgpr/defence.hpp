// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/ownership.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace sgpr {

class logical_unit;

struct defended_path {
    std::string name;
    bool live = false;   ///< answers
    bool usable = false; ///< registered and carries I/O
};

/// For people and for monitors.
struct defence_status {
    time_point last_look{}; ///< begin of the last look that confirmed the ownership
    time_point until{};     ///< owned_until()
    std::uint32_t generation = 0;
    std::string holder; ///< the path that holds the reservation; empty: none of ours
    std::vector<defended_path> paths;
    std::uint64_t looks = 0; ///< that confirmed the ownership
    std::uint64_t failed_looks = 0;
    std::uint64_t removed = 0;     ///< registrations of others that were preempted
    std::uint64_t moves = 0;       ///< of the reservation to another path of ours
    std::uint64_t unexplained = 0; ///< changes of the generation that we did not cause nor see
};

/// Keeps a disk: looks every period, removes whoever registered, registers paths that came back
/// before they get I/O, moves the reservation from a path that is lost to one that lives, and says
/// when the disk is lost. Owner is who believes(): it writes only then.
///
/// The belief ends at owned_until() also if nobody calls step(): the caller has to watch the clock
/// while a command hangs (deadman). It is prolonged only by a look that showed the reservation to
/// be ours and nobody else registered; see ownership_timing for why no challenger can win before.
///
/// A returned path is registered, and allowed I/O only when a look *after* that shows that the disk
/// is ours: a node that was displaced while it slept registers a path in vain, but writes nothing.
class defence {
public:
    using answer = std::variant<call_again, lost>;

    /// Follows an acquisition that answered `from`. The first step allows its paths at `gate`, if
    /// the belief is not over by then. `disk` and `gate` outlive it.
    defence(logical_unit& disk, const ownership_settings& how, const owned& from, path_gate& gate);
    ~defence();
    defence(const defence&) = delete;
    defence& operator=(const defence&) = delete;

    answer step(time_point now);

    [[nodiscard]] time_point owned_until() const;
    /// Not lost, not in doubt (after write_refused, registrations_preempted) and before
    /// owned_until().
    [[nodiscard]] bool believes(time_point now) const;

    /// A path may have another session or may have come back (uevent): blocked until it is known to
    /// be registered. Step at once.
    void path_changed(const std::string& name);
    /// A write met a reservation conflict (EBADE): lost, unless the next look, which is due at
    /// once, shows that only that path lost its registration. Step at once.
    void write_refused(const std::string& name);
    /// I/O was told "registrations preempted" (2A/05): lost, unless the next look, which is due at
    /// once, shows that it was our own doing. Step at once.
    void registrations_preempted();

    [[nodiscard]] defence_status status() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace sgpr
