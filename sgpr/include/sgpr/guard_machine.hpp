// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/acquisition.hpp"
#include "sgpr/defence.hpp"
#include "sgpr/ownership.hpp"
#include "sgpr/withdrawal.hpp"
#include "sgpr/write_barrier.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sgpr {

enum class guard_state : std::uint8_t {
    acquiring, ///< the host may not write
    owned,
    leaving, ///< lost, or released: being unregistered
    ended,
};
[[nodiscard]] std::string_view text(guard_state state);

enum class guard_outcome : std::uint8_t {
    released, ///< as it was told
    stopped,  ///< as it was told: the reservation is kept, nobody defends it
    refused,  ///< it never had the disk
    failed,   ///< it never had the disk, nor could it be found out whose it is
    lost,     ///< the host was kept from writing
};
[[nodiscard]] std::string_view text(guard_outcome outcome);

struct guard_end {
    guard_outcome outcome = guard_outcome::failed;
    std::string why;    ///< for people
    bool clean = false; ///< nothing of ours is registered on the disk
};

/// One disk, from wanting it to leaving it: acquisition, defence, withdrawal, with the host's
/// writes let through only while it is owned. Like its parts it is stepped and never sleeps.
///
/// On loss, in this order: writes are forbidden, file systems shut down, our registrations removed,
/// `lost` answered.
class guard_machine {
public:
    using progress = std::variant<call_again, guard_end>;

    struct surroundings {
        const peer_knowledge& peers;
        path_gate& gate;
        write_barrier& barrier;
        std::function<void(std::string_view)> log; ///< may be empty
    };

    /// Forbids writes. `disk` and what `with` refers to outlive it.
    guard_machine(logical_unit& disk, const ownership_settings& how, surroundings with);

    progress step(time_point now);

    /// Gives the disk up: flushed, released, unregistered. Not while a file system on it is
    /// mounted: then the answer says which, and nothing happens. Before it is owned: gives up
    /// wanting it.
    [[nodiscard]] std::optional<std::string> release();
    /// Ends the defence and keeps the reservation. False: the disk is not owned.
    [[nodiscard]] bool stop();
    /// Somebody else (deadman) has kept the host from writing: the disk counts as lost.
    void writes_were_stopped();

    /// A path of the disk came, went, or has another session. Before anything else is asked after a
    /// path was added to the disk or taken out of it.
    void path_changed(const std::string& name);
    void write_refused(const std::string& name);

    [[nodiscard]] guard_state state() const { return state_; }
    /// Owned, and writes were allowed.
    [[nodiscard]] bool writable() const { return writable_; }
    /// Until when this host may write without another good look; nothing while it may not at all.
    [[nodiscard]] std::optional<time_point> owned_until() const;
    /// Of the defence; nothing before and after it.
    [[nodiscard]] std::optional<defence_status> defended() const;
    [[nodiscard]] bool challenging() const;
    [[nodiscard]] key own() const { return how_.own; }

private:
    progress acquire(time_point now);
    progress defend(time_point now);
    progress leave(time_point now);
    progress end(guard_outcome outcome, std::string why, bool clean);
    void lose(std::string why);
    void begin_leaving(guard_outcome because, std::string why, withdrawal::cache cache);
    void note(const barrier_report& report, std::string_view what) const;
    void log(const std::string& line) const;

    logical_unit& disk_;
    ownership_settings how_;
    surroundings with_;
    guard_state state_ = guard_state::acquiring;
    bool writable_ = false;
    std::optional<acquisition> acquisition_;
    std::optional<defence> defence_;
    std::optional<withdrawal> withdrawal_;
    guard_end end_;
};

} // namespace sgpr
