// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ownership/simulation.hpp"

#include "tests/sim/ownership/oracle.hpp"
#include "tests/sim/ownership/trouble.hpp"

#include "sgpr/commands.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace ownership_sim {

using namespace std::chrono_literals;

namespace {

constexpr world_time never = std::chrono::hours(1000);

class simulation {
public:
    explicit simulation(const run_options& options);
    run_result run();

private:
    struct event {
        world_time at = never;
        host* who = nullptr; ///< nobody: trouble
        bool writes = false;
    };
    [[nodiscard]] event next_event(const host* but_no_step_of = nullptr) const;
    void go_on(host& waiting, milliseconds how_long);
    void begin(host& h);
    void step(host& h);
    void step_acquisition(host& h, time_point now);
    void step_defence(host& h, time_point now);
    void step_leaving(host& h, time_point now);
    void write(host& h);
    void become_owner(host& h, const sgpr::owned& got);
    void leave(host& h, world_time at);
    void rest(host& h);
    void wait_for(host& h, time_point at);
    [[nodiscard]] world_time end_of_step(const host& h) const;

    run_options options_;
    world world_;
    trouble trouble_;
    replacement_watch watch_;
};

weather sky_of(const run_options& options) {
    if (options.weather >= 0)
        return static_cast<weather>(options.weather);
    constexpr std::array<weather, 4> mix{weather::calm, weather::windy, weather::wild,
                                         weather::wild};
    return mix[options.seed % mix.size()];
}

simulation::simulation(const run_options& options)
    : options_(options),
      world_({options.seed, sky_of(options), options.trace, options.trace_commands}),
      trouble_(world_) {
    world_.meanwhile = [this](host& h, milliseconds how_long) { go_on(h, how_long); };
    for (const auto& h : world_.hosts) {
        h->next = world_.random.percent(40) ? world_time(0) : world_.random.between(0, 15000);
        h->next_write = never;
    }
}

world_time simulation::end_of_step(const host& h) const {
    return world_.now + std::chrono::duration_cast<nanoseconds>(h.time.spent);
}

/// The machine wants to be called at `at`; the host is busy until the step's end.
void simulation::wait_for(host& h, time_point at) {
    const world_time late = world_.random.percent(80)
                                ? world_time(std::chrono::microseconds(world_.random.below(2000)))
                                : world_time(world_.random.between(0, 60));
    h.next = std::max(h.global(at), end_of_step(h)) + late + 1us;
}

void simulation::rest(host& h) {
    h.doing = activity::off;
    h.acquisition.reset();
    h.withdrawal.reset();
    h.next = world_.now + world_.random.between(50, 12000);
    h.next_write = never;
}

void simulation::begin(host& h) {
    h.doing = activity::acquiring;
    h.began = world_.now;
    h.told = h.tell_preempted = false;
    h.tell_refused.reset();
    h.acquisition = std::make_unique<sgpr::acquisition>(*h.unit, h.how, world_);
    world_.slandered.erase(h.how.own.value());
    world_.trace(&h, "wants the disk");
    watch_.begin(world_, h);
}

void simulation::become_owner(host& h, const sgpr::owned& got) {
    ++world_.acquired;
    check_owned(world_, h, got);
    watch_.owned();
    // Who slept over its answer finds its belief over at the first step, and is no owner; nor is
    // one whose target forgot it meanwhile.
    const auto held = world_.disk->held();
    const bool stale = h.local(world_.now) >= got.since + h.how.times.lost_after || !held ||
                       held->holder != h.how.own;
    h.epoch = stale ? 0 : ++world_.epochs;
    h.doing = activity::owning;
    h.acquisition.reset();
    world_.trace(&h, "owns the disk through " + std::to_string(got.paths.size()) + " paths");
    h.defence = std::make_unique<sgpr::defence>(*h.unit, h.how, got, h);
    h.next_write = end_of_step(h);
    h.next = end_of_step(h);
}

void simulation::leave(host& h, world_time at) {
    h.defence.reset();
    h.allowed.clear();
    h.next_write = never;
    h.doing = activity::leaving;
    h.withdrawal =
        std::make_unique<sgpr::withdrawal>(*h.unit, h.how, sgpr::withdrawal::cache::flush);
    h.next = at;
}

void simulation::step_acquisition(host& h, time_point now) {
    const auto answer = h.acquisition->step(now);
    if (const auto* again = std::get_if<sgpr::call_again>(&answer))
        return wait_for(h, again->at);
    if (const auto* got = std::get_if<sgpr::owned>(&answer))
        return become_owner(h, *got);
    ++world_.refusals;
    if (const auto* no = std::get_if<sgpr::refused>(&answer)) {
        world_.trace(&h, "is refused: " + std::string(sgpr::text(no->why)));
        check_left(world_, h, no->clean, "was refused");
    }
    if (const auto* no = std::get_if<sgpr::failed>(&answer)) {
        world_.trace(&h, "fails: " + sgpr::text(no->why));
        check_left(world_, h, no->clean, "failed");
    }
    rest(h);
}

void simulation::step_defence(host& h, time_point now) {
    if (std::exchange(h.tell_preempted, false))
        h.defence->registrations_preempted();
    if (const auto refused = std::exchange(h.tell_refused, std::nullopt))
        h.defence->write_refused(*refused);
    const auto answer = h.defence->step(now);
    check_told(world_, h);
    const auto* lost = std::get_if<sgpr::lost>(&answer);
    if (lost != nullptr) {
        ++world_.losses;
        world_.trace(&h, "lost the disk: " + std::string(sgpr::text(lost->why)));
        check_lost(world_, h, *lost);
        // Its writes go on until the host is kept from it.
        h.doing = activity::stopping;
        h.next = end_of_step(h) + world_.random.between(1, h.how.times.reaction.count());
        return;
    }
    wait_for(h, std::get<sgpr::call_again>(answer).at);
    if (trouble_.retires(h))
        leave(h, end_of_step(h));
}

void simulation::step_leaving(host& h, time_point now) {
    const auto answer = h.withdrawal->step(now);
    if (const auto* again = std::get_if<sgpr::call_again>(&answer))
        return wait_for(h, again->at);
    const bool clean = std::get<sgpr::withdrawn>(answer).clean;
    world_.trace(&h, clean ? "has left the disk" : "could not leave the disk");
    check_left(world_, h, clean, "left");
    rest(h);
}

void simulation::step(host& h) {
    h.next = never;
    h.time.spent = {};
    time_point now = h.local(world_.now);
    h.time.start = now;
    // A host that was stopped between looking at its clock and sending the command.
    if (std::exchange(h.stale_step, false))
        now = h.stale_now;
    ++world_.steps;
    switch (h.doing) {
    case activity::off:
        begin(h);
        h.next = world_.now + 1us;
        break;
    case activity::acquiring:
        step_acquisition(h, now);
        break;
    case activity::owning:
        step_defence(h, now);
        break;
    case activity::stopping:
        leave(h, world_.now + 1us);
        break;
    case activity::leaving:
        step_leaving(h, now);
        break;
    }
}

/// A file system writes through any path that carries I/O, until somebody stops it.
void simulation::write(host& h) {
    h.next_write = world_.now + world_.random.between(20, 400);
    if (!h.defence || h.allowed.empty())
        return;
    const auto& times = h.how.times;
    if (world_.deadman && h.local(world_.now) >= h.defence->owned_until() + times.reaction)
        return;
    auto name = h.allowed.begin();
    std::advance(name, static_cast<std::ptrdiff_t>(world_.random.below(h.allowed.size())));
    host_path& through = *h.find(*name);
    const auto nexus = world_.disk->open(through.nexus);
    sgpr::bytes stamp(512, static_cast<std::uint8_t>(h.number + 1));
    const auto command = sgpr::write_10_command(static_cast<std::uint32_t>(h.number), 1, stamp);
    for (int attempt = 0; attempt <= sgpr::path::max_attentions; ++attempt) {
        const auto got = nexus->submit(command);
        watch_attention(world_, h, through, got);
        const auto failed = sgpr::failure_of(got);
        if (!failed) {
            through.unannounced = false;
            return check_landed_write(world_, h, through);
        }
        if (failed->code == sgpr::errc::registrations_preempted) {
            if (h.in_command)
                h.tell_preempted = true;
            else
                h.defence->registrations_preempted();
            check_told(world_, h);
        } else if (failed->code == sgpr::errc::reservation_conflict) {
            check_refused_write(world_, h, through);
            through.unannounced = false;
            const std::string refused = *name; // the call takes it out of the set
            if (h.in_command) {
                h.tell_refused = refused;
                return;
            }
            h.defence->write_refused(refused);
            if (!h.frozen(world_.now) && h.doing == activity::owning)
                h.next = std::min(h.next, world_.now + 1us);
            return;
        } else if (failed->code != sgpr::errc::aborted) {
            return;
        }
    }
}

/// Steps wait for a host that is stopped; its file systems do not.
simulation::event simulation::next_event(const host* but_no_step_of) const {
    event first;
    for (const auto& h : world_.hosts) {
        if (!h->alive)
            continue;
        const world_time step_at = std::max(h->next, h->frozen_until);
        if (h.get() != but_no_step_of && step_at < first.at)
            first = {step_at, h.get(), false};
        if (h->next_write < first.at)
            first = {h->next_write, h.get(), true};
    }
    return first;
}

/// While a command of `waiting` is under way.
void simulation::go_on(host& waiting, milliseconds how_long) {
    const world_time end = world_.now + how_long;
    for (event e = next_event(&waiting); e.at < end && !world_.failure; e = next_event(&waiting)) {
        world_.now = std::max(world_.now, e.at);
        if (e.writes)
            write(*e.who);
        else
            step(*e.who);
    }
    world_.now = end;
}

run_result simulation::run() {
    const world_time end = options_.length;
    while (!world_.failure) {
        event e = next_event();
        if (trouble_.next() <= e.at)
            e = {trouble_.next(), nullptr, false};
        if (e.at > end)
            break;
        world_.now = std::max(world_.now, e.at);
        if (e.who == nullptr)
            trouble_.happen();
        else if (e.writes)
            write(*e.who);
        else
            step(*e.who);
        watch_.check(world_);
    }
    return {world_.failure.has_value(),
            world_.failure.value_or(""),
            world_.steps,
            world_.writes,
            world_.refused_writes,
            world_.acquired,
            world_.losses,
            world_.refusals,
            world_.preempted,
            world_.restarts,
            world_.unprotected};
}

} // namespace

run_result simulate(const run_options& options) {
    simulation s(options);
    return s.run();
}

} // namespace ownership_sim
