// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ownership/oracle.hpp"

#include <algorithm>

namespace ownership_sim {

using namespace std::chrono_literals;

namespace {

bool restarted_lately(const world& w) {
    return !w.persistent && w.now - w.last_restart < 20s;
}

std::string name_of(const host& h) {
    return "host" + std::to_string(h.number);
}

} // namespace

void holder_changed(world& w, host& by, const std::optional<sgpr::reservation>& before) {
    if (before && !sgpr::recognise(before->holder))
        w.fail(name_of(by) + " took the reservation of other software");
    if (before && before->type != sgpr::reservation_type::write_exclusive_registrants_only)
        w.fail(name_of(by) + " took a reservation of another type");
    if (!before || !w.held || before->holder == w.held->holder)
        return;
    host* const loser = w.host_of(before->holder);
    if (loser == nullptr || loser == &by || !loser->alive)
        return;
    ++w.preempted;
    if (w.slandered.contains(before->holder.value()))
        return; // only the disk protects it from itself
    if (loser->defence && loser->defence->believes(loser->local(w.now)) && !restarted_lately(w))
        w.fail(name_of(by) + " preempted " + name_of(*loser) + ", which believed to own the disk");
    if (w.settings.sky != weather::wild && loser->doing == activity::owning &&
        !loser->frozen(w.now) && !restarted_lately(w))
        w.fail(name_of(by) + " displaced " + name_of(*loser) + ", which was well");
}

void check_owned(world& w, host& h, const sgpr::owned& got) {
    const world_time looked = h.global(got.since);
    if (w.last_restart >= looked || h.local(w.now) >= got.since + h.how.times.lost_after)
        return; // the target forgot everything meanwhile; or it slept, and its belief is over
    const auto held = w.disk->held();
    if (!held || held->holder != h.how.own)
        return w.fail(name_of(h) + " owns a disk that it does not hold");
    if (held->type != sgpr::reservation_type::write_exclusive_registrants_only)
        return w.fail(name_of(h) + " owns a disk that is reserved with another type");
    if (got.paths.empty())
        w.fail(name_of(h) + " owns the disk without a path");
    std::size_t own = 0;
    for (const host_path& p : h.paths)
        own += w.registered_on_disk(h, p.name) ? 1 : 0;
    for (const std::string& name : got.paths)
        if (!w.registered_on_disk(h, name) && !h.find(name)->unannounced)
            w.fail(name_of(h) + " may write through " + name + ", which is not registered");
    std::size_t entries = 0;
    for (const auto& entry : w.disk->status().registrations) {
        if (entry.registered == h.how.own) {
            ++entries;
            continue;
        }
        const host* const other = w.host_of(entry.registered);
        const bool tries =
            other != nullptr && (other->doing != activity::off || other->last_command >= looked);
        if (!tries)
            w.fail(name_of(h) + " owns the disk beside the registration of nobody who lives: " +
                   sgpr::explain(entry.registered));
    }
    const bool lately = w.now - w.last_disturbance < 15s;
    if (entries > own && !lately)
        w.fail(name_of(h) + " left registrations of its own old sessions");
}

void check_left(world& w, host& h, bool clean, const char* how) {
    const auto status = w.disk->status();
    const bool left = std::ranges::any_of(status.registrations, [&](const sgpr::registration& r) {
        return r.registered == h.how.own;
    });
    const auto held = w.disk->held();
    const bool holds = held && held->holder == h.how.own;
    if (clean && (left || holds))
        w.fail(name_of(h) + " " + how + " and says that nothing of it is left, but it is");
    const bool planted =
        holds && held->type != sgpr::reservation_type::write_exclusive_registrants_only;
    if ((left || holds) && !planted && w.settings.sky == weather::calm)
        w.fail(name_of(h) + " " + how + " and stays registered");
}

void check_lost(world& w, host& h, const sgpr::lost& why) {
    if (w.settings.sky == weather::wild || restarted_lately(w))
        return;
    w.fail(name_of(h) + " was well and lost the disk: " + std::string(sgpr::text(why.why)));
}

void watch_attention(world& w, host& h, const host_path& through, const sgpr::outcome& got) {
    if (h.in_command)
        return; // its machine is told when the command is over
    if (got.sense.empty() || !h.defence || !h.allowed.contains(through.name))
        return;
    const auto sense = sgpr::parse_sense(got.sense);
    if (sense && sense->key == sgpr::sense_key::unit_attention && sense->is(0x2a, 0x05)) {
        w.trace(&h, "is told that its registrations were preempted");
        h.told = true;
    }
}

void check_told(world& w, host& h) {
    if (!h.told || !h.defence || h.in_command || !h.defence->believes(h.local(w.now)))
        return;
    const auto held = w.disk->held();
    if (held && held->holder == h.how.own)
        h.told = false; // it was its own doing, and it looked
    else
        w.fail(name_of(h) + " was told that its registrations were preempted, and goes on");
}

void check_landed_write(world& w, host& h, const host_path& through) {
    ++w.writes;
    // Not protected, and counted: a disk that nobody owns, from a host that was displaced, slept,
    // and was not kept from it when it woke up, or whose target forgets twice within a belief's
    // length; and with a host that was said to be fenced and was not, also a disk of LIO, where a
    // path that is registered too late opens the others.
    const bool slandered = w.slandered.contains(h.how.own.value());
    const bool nobodys = !w.disk->held() &&
                         (slandered || restarted_lately(w) || !h.defence->believes(h.local(w.now)));
    if (h.epoch < w.epochs && (nobodys || (slandered && w.node_may_write))) {
        ++w.unprotected;
        return;
    }
    if (h.epoch < w.epochs)
        w.fail("two writers: " + name_of(h) + " wrote through " + through.name +
               " with ownership " + std::to_string(h.epoch) + " after ownership " +
               std::to_string(w.epochs) + " began");
}

void check_refused_write(world& w, host& h, const host_path& through) {
    ++w.refused_writes;
    const auto held = w.disk->held();
    if (held && held->holder == h.how.own && !through.unannounced &&
        h.defence->believes(h.local(w.now)))
        w.fail("a write of the owner " + name_of(h) + " was refused through " + through.name);
}

void replacement_watch::begin(world& w, host& challenger) {
    if (due_ || w.membership || w.settings.sky != weather::calm)
        return;
    const host* const owner = w.held ? w.host_of(w.held->holder) : nullptr;
    const bool free = !w.held;
    if (w.held && (!sgpr::same_cluster(w.held->holder, challenger.how.own) ||
                   w.held->type != sgpr::reservation_type::write_exclusive_registrants_only))
        return; // not to be taken
    const bool dead = w.held && (owner == nullptr || !owner->alive || owner == &challenger);
    if (!free && !dead)
        return;
    const bool gone = w.held && w.fenced.contains(w.held->holder.value());
    due_ = expectation{w.now, w.now + (free || gone || owner == &challenger ? 1500ms : 8000ms),
                       challenger.number, w.epochs};
}

void replacement_watch::check(world& w) {
    if (!due_)
        return;
    if (w.epochs > due_->epochs || w.last_disturbance > due_->since) {
        due_.reset();
        return;
    }
    if (w.now > due_->until)
        w.fail("a disk without an owner was not taken by host" + std::to_string(due_->challenger) +
               ", which began at " + std::to_string(due_->since.count() / 1'000'000) + " ms");
}

} // namespace ownership_sim
