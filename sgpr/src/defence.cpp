// SPDX-License-Identifier: Apache-2.0
#include "sgpr/defence.hpp"

#include "sgpr/ownership_mutations.hpp"
#include "sgpr/src/nexus_work.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace sgpr {

using rules = ownership_mutations;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds shortest_command{200};
constexpr milliseconds probe_command{1000};
constexpr std::size_t max_orders = 64;
/// Changes, and looks after them, in one round; what is left waits for the next one.
constexpr unsigned max_looks_in_round = 32;

struct defence_order {
    enum class kind : std::uint8_t { add, preempt } what = kind::add;
    std::string on;
    key victim;
};

} // namespace

struct defence::parts {
    enum class phase : std::uint8_t { idle, look, act, probe, ended };

    parts(logical_unit& disk, const ownership_settings& settings, const owned& from,
          path_gate& paths_gate);

    answer step(time_point now);
    answer look(time_point now);
    answer judge(time_point now);
    answer act(time_point now);
    answer probe(time_point now);
    answer end_round(time_point now);
    answer end(loss why);

    void doubt();
    void set_limit(time_point now);
    void block(member& m);
    void allow(member& m);
    void block_unregistered();
    void settle_paths();
    bool move_reservation();
    void remove_others();
    void watch_generation();
    [[nodiscard]] bool told() const;
    [[nodiscard]] std::optional<std::size_t> next_probe() const;

    ownership_settings how;
    path_gate& gate;
    nexus_work work;
    phase next = phase::idle;
    std::vector<std::string> to_allow; ///< by the first step
    std::deque<defence_order> orders;
    time_point round{}; ///< when the next one is due
    time_point until{};
    bool suspected = false; ///< only the next look tells whether the disk is ours
    bool told_lost = false;
    bool changed_path = false; ///< a path came back in this round: look again
    unsigned looks_in_round = 0;
    std::size_t first_probe = 0; ///< another one each round
    defence_status facts;
    lost result;
};

defence::parts::parts(logical_unit& disk, const ownership_settings& settings, const owned& from,
                      path_gate& paths_gate)
    : how(settings), gate(paths_gate), work(disk, settings) {
    if (rules::slow_defence) {
        how.times.period *= 3;
        how.times.lost_after *= 3;
    }
    for (member& m : work.members()) {
        if (std::ranges::find(from.paths, m.name) == from.paths.end())
            continue;
        m.live = m.tested = true;
    }
    to_allow = from.paths;
    work.persist(settings.persist && from.persistent);
    work.remember_holder(from.holder);
    facts.last_look = from.since;
    facts.holder = from.holder;
    until = from.since + how.times.lost_after;
    round = from.since + how.times.period;
}

defence::answer defence::parts::end(loss why) {
    next = phase::ended;
    const auto& held = work.view().held;
    result = lost{why, why != loss::unconfirmed && held ? held->holder : no_key};
    return result;
}

void defence::parts::block(member& m) {
    if (m.usable)
        gate.block(m.name);
    m.usable = false;
}

void defence::parts::allow(member& m) {
    if (!m.usable)
        gate.allow(m.name);
    m.usable = true;
    m.told_preempted = false; // of the time before it was registered
    m.failed_adds = 0;
}

bool defence::parts::told() const {
    return told_lost || std::ranges::any_of(work.members(), [](const member& m) {
               return m.usable && m.told_preempted;
           });
}

/// Told that a registration of ours was preempted, or refused: only a look that begins now tells
/// whether the disk is still ours. It may have been our own doing, long ago even: when the
/// reservation was moved to another path, and on targets whose sessions of one node share their
/// attentions (LIO) any path may be told.
void defence::parts::doubt() {
    suspected = true;
    told_lost = false;
    for (member& m : work.members())
        m.told_preempted = false;
    work.forget_look();
    orders.clear();
    if (next != phase::ended && next != phase::idle)
        next = phase::look;
}

/// A command that hangs must leave time for another path before the belief ends.
void defence::parts::set_limit(time_point now) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - now) / 2;
    const auto most =
        next == phase::probe ? std::min(probe_command, how.times.command) : how.times.command;
    work.limit(std::clamp(left, shortest_command, most));
}

defence::answer defence::parts::step(time_point now) {
    if (next == phase::ended)
        return result;
    if (now >= until)
        return end(loss::unconfirmed);
    work.refresh();
    if (told())
        doubt();
    for (const std::string& name : std::exchange(to_allow, {}))
        if (const auto which = work.find(name))
            allow(work.members()[*which]);
    if (next == phase::idle) {
        if (now < round && !suspected)
            return call_again{std::min(round, until)};
        next = phase::look;
        looks_in_round = 0;
        changed_path = false;
        ++first_probe;
        work.forget_look();
        for (member& m : work.members())
            m.probed = false;
    }
    set_limit(now);
    answer what = next == phase::look ? look(now) : next == phase::act ? act(now) : probe(now);
    if (next != phase::ended && told()) {
        doubt();
        what = call_again{now};
    }
    for (member& m : work.members())
        if (!m.live)
            block(m);
    if (const auto* again = std::get_if<call_again>(&what))
        return call_again{std::min(again->at, until)};
    return what;
}

defence::answer defence::parts::look(time_point now) {
    const auto via = work.any_live();
    if (!via) {
        if (suspected)
            return end(loss::unconfirmed);
        next = phase::probe;
        return call_again{now};
    }
    switch (work.look(now, *via)) {
    case look_state::more:
        return call_again{now};
    case look_state::failed:
        ++facts.failed_looks;
        // A path that answers with an error: another one first, else later.
        if (work.members()[*via].live)
            return call_again{now + how.times.retry};
        return call_again{now};
    case look_state::done:
        break;
    }
    return judge(now);
}

/// A registration of others, or a loss of ours, that no look explains is worth a line in the log.
void defence::parts::watch_generation() {
    const std::uint32_t now = work.view().generation;
    if (facts.looks > 0 && now != facts.generation + work.take_changes())
        ++facts.unexplained;
    facts.generation = now;
}

defence::answer defence::parts::judge(time_point now) {
    const disk_view& view = work.view();
    ++looks_in_round;
    if (!view.held)
        return end(loss::released);
    if (view.held->holder != how.own)
        return end(loss::preempted);
    if (!work.ours())
        return end(loss::type);
    suspected = false;
    watch_generation();
    block_unregistered();
    if (!rules::challengers_stay)
        remove_others();
    const bool alone = view.others(how.own).empty() || rules::challengers_stay;
    if (alone || rules::belief_beside_challenger) {
        until = view.since + how.times.lost_after;
        facts.last_look = view.since;
        ++facts.looks;
    }
    if (orders.empty() && !move_reservation())
        settle_paths();
    if (!orders.empty() && looks_in_round < max_looks_in_round) {
        next = phase::act;
        return call_again{now};
    }
    orders.clear();
    round = alone ? view.since + how.times.period : now + how.times.retry;
    next = phase::probe;
    return call_again{now};
}

void defence::parts::remove_others() {
    const auto via = work.any_registered();
    if (!via)
        return;
    for (const key k : work.view().others(how.own))
        if (orders.size() < max_orders)
            orders.push_back({defence_order::kind::preempt, work.members()[*via].name, k});
}

/// A path whose nexus lost its registration (a new session) is kept from I/O until it has one.
void defence::parts::block_unregistered() {
    for (std::size_t i = 0; i < work.members().size(); ++i)
        if (member& m = work.members()[i]; m.usable && !work.registered(i))
            block(m);
}

/// The reservation of a nexus that is lost cannot be released, and dies with some targets' memory
/// of it. PREEMPT of the own key gives it to the path that asks and unregisters all others: they
/// are blocked before and registered again after it.
bool defence::parts::move_reservation() {
    const auto by = work.holder();
    if ((by && work.members()[*by].live) || rules::own_stale_keys_stay)
        return false;
    const auto via = work.any_registered();
    if (!via)
        return false;
    for (std::size_t i = 0; i < work.members().size(); ++i)
        if (i != *via)
            block(work.members()[i]);
    orders.push_back({defence_order::kind::preempt, work.members()[*via].name, how.own});
    ++facts.moves;
    return true;
}

/// The view shows the disk as ours: who is registered in it may have I/O, the others register.
void defence::parts::settle_paths() {
    for (std::size_t i = 0; i < work.members().size(); ++i) {
        member& m = work.members()[i];
        if (!m.live || m.usable)
            continue;
        if (work.registered(i))
            allow(m);
        else if (m.failed_adds < max_failed_adds && orders.size() < max_orders)
            orders.push_back({defence_order::kind::add, m.name, no_key});
    }
}

defence::answer defence::parts::act(time_point now) {
    if (orders.empty()) {
        next = phase::look;
        return call_again{now};
    }
    const defence_order doing = std::move(orders.front());
    orders.pop_front();
    if (orders.empty())
        next = phase::look;
    const auto on = work.find(doing.on);
    if (!on)
        return call_again{now};
    if (doing.what == defence_order::kind::add) {
        if (work.add(*on) && rules::returned_path_unchecked)
            allow(work.members()[*on]);
    } else if (work.preempt(*on, doing.victim) && doing.victim != how.own) {
        ++facts.removed;
    }
    return call_again{now};
}

/// Paths that are not live once a round, and the others so that they tell what they were told; the
/// longest command is for the first kind only, of which one a round is asked.
std::optional<std::size_t> defence::parts::next_probe() const {
    bool dead_probed = false;
    for (const member& m : work.members())
        dead_probed = dead_probed || (m.probed && !m.live);
    const std::size_t size = work.members().size();
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t which = (first_probe + i) % size;
        const member& m = work.members()[which];
        if (!m.probed && (m.live || !dead_probed))
            return which;
    }
    return std::nullopt;
}

defence::answer defence::parts::probe(time_point now) {
    const auto which = next_probe();
    if (!which)
        return end_round(now);
    member& m = work.members()[*which];
    const bool was_live = m.live;
    (void)work.probe(*which);
    if (m.live && !was_live) {
        m.failed_adds = 0;
        changed_path = true;
    }
    return call_again{now};
}

defence::answer defence::parts::end_round(time_point now) {
    orders.clear();
    if (changed_path && work.any_live() && looks_in_round < max_looks_in_round) {
        changed_path = false;
        next = phase::look;
        return call_again{now};
    }
    next = phase::idle;
    if (!work.any_live())
        round = now + how.times.retry;
    else
        round = std::max(round, now);
    return call_again{std::min(round, until)};
}

defence::defence(logical_unit& disk, const ownership_settings& how, const owned& from,
                 path_gate& gate)
    : parts_(std::make_unique<parts>(disk, how, from, gate)) {}
defence::~defence() = default;

defence::answer defence::step(time_point now) {
    return parts_->step(now);
}

time_point defence::owned_until() const {
    return parts_->until;
}

bool defence::believes(time_point now) const {
    return parts_->next != parts::phase::ended && !parts_->suspected && !parts_->told() &&
           now < parts_->until;
}

void defence::path_changed(const std::string& name) {
    parts& p = *parts_;
    for (const member& m : p.work.members())
        if (m.name == name && m.usable && !p.work.there(name))
            p.gate.block(name);
    p.work.refresh();
    if (const auto which = p.work.find(name)) {
        p.block(p.work.members()[*which]);
        p.work.members()[*which].tested = false;
    }
    std::erase(p.to_allow, name);
    // What is under way began before the change and proves nothing about the path.
    p.work.forget_look();
    p.orders.clear();
    p.round = time_point{};
    if (p.next != parts::phase::ended && p.next != parts::phase::idle)
        p.next = parts::phase::look;
}

void defence::write_refused(const std::string& name) {
    path_changed(name);
    parts_->doubt();
}

void defence::registrations_preempted() {
    parts_->told_lost = !rules::ignore_registrations_preempted;
}

defence_status defence::status() const {
    defence_status out = parts_->facts;
    out.until = parts_->until;
    if (out.looks > 0) {
        const auto by = parts_->work.holder();
        out.holder = by ? parts_->work.members()[*by].name : std::string();
    }
    for (const member& m : parts_->work.members())
        out.paths.push_back({m.name, m.live, m.usable});
    return out;
}

} // namespace sgpr
