// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/ownership/world.hpp"

namespace ownership_sim {

/// What happens to hosts, paths and the target, at times that follow from the seed.
class trouble {
public:
    explicit trouble(world& w);

    [[nodiscard]] world_time next() const { return next_; }
    void happen();
    /// The owner gives the disk up of its own will.
    bool retires(const host& h);

private:
    void plant_foreign();
    void kill_somebody();
    void boot_somebody();
    void restart_guard();
    void freeze_somebody();
    void freeze(host& h, milliseconds how_long);
    void break_path();
    void mend_paths();
    void log_in_again();
    void storm();
    void restart_target();
    void slander();
    host& somebody();
    host* owner();
    void disturb() { world_.last_disturbance = world_.now; }

    world& world_;
    world_time next_{0};
    bool foreign_ = false;
};

} // namespace ownership_sim
