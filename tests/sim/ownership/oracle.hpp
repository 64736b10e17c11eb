// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/ownership/world.hpp"

/// What must be true of every run. Findings go to world::fail.
namespace ownership_sim {

/// The holder on the disk changed by a command of `by`: nobody else may still believe that the disk
/// is its own, and no healthy owner may have lost it.
void holder_changed(world& w, host& by, const std::optional<sgpr::reservation>& before);

/// An acquisition ended well: the disk agrees, and nobody who is dead or displaced is registered.
void check_owned(world& w, host& h, const sgpr::owned& got);
/// It ended otherwise; `clean` as it says.
void check_left(world& w, host& h, bool clean, const char* how);
/// The defence says that the disk is lost.
void check_lost(world& w, host& h, const sgpr::lost& why);

/// What a command answered through a path that carries I/O: "registrations preempted" counts.
void watch_attention(world& w, host& h, const host_path& through, const sgpr::outcome& got);
/// After each step: who was told does not believe any more.
void check_told(world& w, host& h);

/// A write was carried out.
void check_landed_write(world& w, host& h, const host_path& through);
/// A write met a conflict.
void check_refused_write(world& w, host& h, const host_path& through);

/// A disk whose owner is dead does not stay so.
class replacement_watch {
public:
    void begin(world& w, host& challenger);
    void check(world& w);
    void owned() { due_.reset(); }

private:
    struct expectation {
        world_time since{0};
        world_time until{0};
        std::size_t challenger = 0;
        std::uint64_t epochs = 0;
    };
    std::optional<expectation> due_;
};

} // namespace ownership_sim
