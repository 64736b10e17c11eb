// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/acquisition.hpp"
#include "sgpr/clock.hpp"
#include "sgpr/defence.hpp"
#include "sgpr/fake/disk.hpp"
#include "sgpr/logical_unit.hpp"
#include "sgpr/withdrawal.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

/// Hosts that want one disk, in virtual time. Every command is carried out at the moment at which
/// its step begins; how long it took moves only its host's next step. So steps of hosts interleave
/// in any order, and a host's answers may be old.
namespace ownership_sim {

using sgpr::time_point;
using std::chrono::milliseconds;
using nanoseconds = std::chrono::nanoseconds;

/// Time of the world; a host's own clock has another zero and another rate.
using world_time = std::chrono::nanoseconds;

struct random_source {
    std::mt19937_64 engine;

    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : engine() % n; }
    bool percent(unsigned p) { return below(100) < p; }
    milliseconds between(std::int64_t low, std::int64_t high) {
        return milliseconds(
            low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1))));
    }
};

/// How rough a run is.
enum class weather : std::uint8_t {
    calm,  ///< owners die, hosts are fenced and come back; paths and target are well
    windy, ///< besides: faults that a healthy owner with two paths has to outlive
    wild,  ///< anything
};

struct host;
class world;

/// A host's clock within a step: begins at the step's time, moves with what its commands take.
class host_clock final : public sgpr::clock {
public:
    [[nodiscard]] time_point now() const override { return start + spent; }
    void sleep_for(sgpr::duration how_long) override { spent += how_long; }

    time_point start{};
    sgpr::duration spent{0};
};

struct host_path {
    std::string name;
    sgpr::fake::nexus_number nexus = 0;
    bool up = true;
    bool hangs = false;       ///< down: commands time out instead of failing at once
    bool unannounced = false; ///< has a session of which its host was not told
    std::uint8_t session = 0;
};

enum class activity : std::uint8_t {
    off, ///< the host is down, or its guard is not started
    acquiring,
    owning,
    stopping, ///< lost; the host is being kept from writing
    leaving,
};

struct host final : sgpr::path_gate {
    void allow(const std::string& path) override;
    void block(const std::string& path) override;

    world* within = nullptr; ///< owns it
    std::size_t number = 0;
    std::uint8_t boot = 1;
    double rate = 1.0;   ///< of its clock
    nanoseconds zero{0}; ///< its clock when the world's is 0
    sgpr::ownership_settings how;
    std::vector<host_path> paths;
    std::unique_ptr<sgpr::logical_unit> unit;
    host_clock time;

    bool alive = true;
    bool wants = false;
    world_time frozen_until{0};
    bool stale_step = false; ///< the next step's time is of before the freeze
    time_point stale_now{};
    activity doing = activity::off;
    world_time next{0}; ///< step
    world_time next_write{0};
    world_time began{0};                     ///< the acquisition
    world_time last_command{-1};             ///< that reached the disk
    std::uint64_t epoch = 0;                 ///< of its ownership
    std::set<std::string> allowed;           ///< paths that carry I/O
    bool in_command = false;                 ///< its machine is in the middle of a step
    bool tell_preempted = false;             ///< then: what its writes met meanwhile
    std::optional<std::string> tell_refused; ///< the same: a conflict on this path
    bool told = false; ///< "registrations preempted" came through an allowed path
    std::unique_ptr<sgpr::acquisition> acquisition;
    std::unique_ptr<sgpr::defence> defence;
    std::unique_ptr<sgpr::withdrawal> withdrawal;

    [[nodiscard]] time_point local(world_time at) const {
        return time_point(
            zero + nanoseconds(static_cast<std::int64_t>(static_cast<double>(at.count()) * rate)));
    }
    [[nodiscard]] world_time global(time_point at) const {
        return nanoseconds(static_cast<std::int64_t>(
            static_cast<double>((at.time_since_epoch() - zero).count()) / rate));
    }
    [[nodiscard]] bool frozen(world_time at) const { return at < frozen_until; }
    host_path* find(const std::string& name);
};

struct world_settings {
    std::uint64_t seed = 0;
    weather sky = weather::calm;
    bool trace = false;
    bool trace_commands = false;
};

/// The disk, the hosts and what happens to their commands.
class world final : public sgpr::peer_knowledge {
public:
    explicit world(const world_settings& how);
    ~world() override;

    [[nodiscard]] sgpr::peer_state of(const sgpr::node_key& peer) const override;

    /// A command on its way: faults, delays; the disk; what it was told.
    sgpr::outcome carry(host& of, host_path& through, sgpr::transport& nexus,
                        const sgpr::command& what);
    /// After every command: who holds the disk now; the oracle looks at changes.
    void note_holder(host& by);
    void delay(host& of, const sgpr::command& what);
    void fail(const std::string& what);
    void trace_command(const host& of, const host_path& through, const sgpr::command& what,
                       const sgpr::outcome& got) const;
    void trace(const host* of, const std::string& what) const;

    void open(host& h);
    void boot(host& h);
    void kill(host& h);
    [[nodiscard]] bool registered_on_disk(const host& h, const std::string& path) const;
    [[nodiscard]] host* host_of(sgpr::key k);
    [[nodiscard]] sgpr::key key_of(const host& h, std::uint8_t boot) const;

    world_settings settings;
    random_source random;
    world_time now{0};
    std::unique_ptr<sgpr::fake::disk> disk;
    std::vector<std::unique_ptr<host>> hosts;

    // Of the run:
    unsigned attention_percent = 0, busy_percent = 0, timeout_percent = 0, slow_percent = 0;
    bool fair = false;       ///< no weather at the moment
    bool deadman = false;    ///< who does not look is kept from writing when its belief is over
    bool membership = false; ///< peers know who is alive
    bool node_may_write =
        false;              ///< the target takes an initiator's sessions for one when they write
    bool persistent = true; ///< the target keeps registrations over a restart
    std::set<std::uint64_t> fenced;    ///< keys whose host is known to be gone
    std::set<std::uint64_t> slandered; ///< keys that are "known" to be gone and are not
    /// Lets everybody else go on for a while: the command of this host is under way.
    std::function<void(host&, milliseconds)> meanwhile;
    bool under_way = false; ///< within that
    std::optional<sgpr::reservation> held;
    std::uint64_t epochs = 0;        ///< of ownership, given out
    world_time last_disturbance{-1}; ///< a fault, a freeze, a kill of a challenger...
    world_time last_restart{-1'000'000'000'000};
    std::optional<std::string> failure;

    // Counted:
    std::uint64_t steps = 0, writes = 0, refused_writes = 0, acquired = 0, losses = 0, refusals = 0,
                  preempted = 0, restarts = 0, unprotected = 0;
};

} // namespace ownership_sim
