// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/clock.hpp"
#include "sgpr/failure.hpp"
#include "sgpr/node_key.hpp"
#include "sgpr/ownership_timing.hpp"
#include "sgpr/persistent_reservation.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Who owns a shared disk: the node that holds a reservation "write exclusive, registrants only"
/// (type 5) with its key, and is the only one registered.
///
/// Three machines: `acquisition` gets the disk, `defence` keeps it, `withdrawal` leaves it. Each
/// step sends at most one SCSI command (a unit attention or a busy device may make path::execute
/// repeat it) and says when it wants to be called next; none sleeps, none has a thread. They judge
/// by what the disk shows, never by what a command answered: after every change they look again.
namespace sgpr {

/// Call step() again at that time; earlier does no harm.
struct call_again {
    time_point at{};
};

/// What the caller knows of the node that has a key; the boot that is in the key counts.
enum class peer_state : std::uint8_t {
    unknown, ///< it may be writing: it is challenged
    gone,    ///< fenced, or its use of the disk was stopped cleanly: it is preempted at once
    alive,   ///< a member that uses the disk: it is left alone
};

/// The cluster's knowledge. "gone" must be proven: it costs the peer its disk without a wait.
class peer_knowledge {
public:
    virtual ~peer_knowledge() = default;
    [[nodiscard]] virtual peer_state of(const node_key& peer) const = 0;
};

/// What to do about reservations of another type, and about keys of other clusters or other
/// software: somebody else's data may be on the disk.
enum class foreign_policy : std::uint8_t {
    respect,   ///< refuse
    challenge, ///< give their owner the time to defend itself
    preempt,   ///< take the disk at once; an administrator's decision
};

struct ownership_settings {
    key own;                ///< compose()d
    ownership_timing times; ///< safe()
    foreign_policy foreign = foreign_policy::respect;
    /// Ask for registrations that outlive a power loss of the target (APTPL) where it can.
    bool persist = true;
};

/// Which paths get I/O. Called from within step(), never twice in a row with the same.
class path_gate {
public:
    virtual ~path_gate() = default;
    /// The path is registered and the disk was ours after that: it may carry I/O.
    virtual void allow(const std::string& path) = 0;
    /// The path is not registered (any more), or is about to be unregistered for a moment.
    virtual void block(const std::string& path) = 0;
};

/// The disk is ours.
struct owned {
    time_point since{};             ///< the begin of the look that showed it
    std::vector<std::string> paths; ///< registered and ours to use, by path::name()
    std::string holder;             ///< the path whose nexus holds the reservation
    bool persistent = false;        ///< registrations outlive a power loss of the target
};

enum class refusal : std::uint8_t {
    owner_alive,          ///< the cluster says that the owner is a live member
    owner_defends,        ///< our registrations were removed during the challenge
    lost_race,            ///< another one became the owner meanwhile
    foreign_reservation,  ///< of another cluster or of other software
    foreign_registration, ///< the disk is free, but keys of others are registered
    other_type,           ///< reserved with another type than 5
    key_in_use,           ///< another machine is registered with this node's key
};
[[nodiscard]] std::string_view text(refusal why);

/// The disk is somebody else's. `clean`: nothing of ours is registered any more, as the disk shows.
struct refused {
    refusal why = refusal::owner_alive;
    key holder; ///< no_key if nobody holds the disk
    bool clean = false;
};

/// Neither owner nor refused: the device or every path failed.
struct failed {
    failure why;
    bool clean = false; ///< as in `refused`
};

enum class loss : std::uint8_t {
    preempted,   ///< the disk shows another owner, or a unit attention told us
    released,    ///< nothing is reserved any more
    type,        ///< reserved by our key with another type
    unconfirmed, ///< nobody knows: no look succeeded in time
};
[[nodiscard]] std::string_view text(loss why);

struct lost {
    loss why = loss::unconfirmed;
    key holder; ///< who holds the disk now, no_key if nobody or unknown
};

} // namespace sgpr
