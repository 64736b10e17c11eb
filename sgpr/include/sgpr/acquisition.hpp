// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/ownership.hpp"

#include <memory>
#include <string>
#include <variant>

namespace sgpr {

class logical_unit;

/// Gets a disk. Looks first, so that a disk that is not to be had is not touched; registers every
/// path that answers and finds each nexus in the disk's own list; then
///
/// - a free disk is reserved;
/// - a reservation of an earlier boot of this node, or of a session or path of ours that is gone,
///   is taken over at once;
/// - one of a peer that is known to be gone is preempted at once, one of a live peer is refused;
/// - any other is challenged (ownership_timing): preempted after the wait, if all our registrations
///   are still there and the holder is the same.
///
/// Owned is what a look shows as ours: reserved with our key and type 5, every live path
/// registered, nobody else registered. Who does not get the disk unregisters everywhere before the
/// answer. While it runs the caller keeps this host from writing: a challenger is a registrant, and
/// the target would let it.
///
/// Between a look and what follows from it others may act: RESERVE and PREEMPT are decided by the
/// target, which refuses them to who is not registered any more; PREEMPT names the holder that was
/// challenged, so that it does nothing to a successor.
class acquisition {
public:
    using answer = std::variant<call_again, owned, refused, failed>;

    /// `disk` and `peers` outlive it.
    acquisition(logical_unit& disk, const ownership_settings& how, const peer_knowledge& peers);
    ~acquisition();
    acquisition(const acquisition&) = delete;
    acquisition& operator=(const acquisition&) = delete;

    answer step(time_point now);

    /// A path may have another session (uevent): what was found out about it is forgotten.
    void path_changed(const std::string& name);

    /// Give up: the next steps unregister and answer `failed` (errc::aborted).
    void cancel();

    /// Whether a challenge is under way, for people.
    [[nodiscard]] bool challenging() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace sgpr
