// SPDX-License-Identifier: Apache-2.0
#include "sgpr/acquisition.hpp"

#include "sgpr/ownership_mutations.hpp"
#include "sgpr/src/nexus_work.hpp"
#include "sgpr/withdrawal.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace sgpr {

using rules = ownership_mutations;

namespace {

/// Far more than any disk needs; less than a loop without end, where a device says GOOD to what it
/// does not do.
constexpr unsigned max_changes = 400;
constexpr std::size_t max_preempts_between_looks = 16;

/// A command that a look showed to be necessary.
struct order {
    enum class kind : std::uint8_t { add, reserve, preempt } what = kind::add;
    std::size_t on = 0;
    key victim;
};

/// A challenge under way.
struct challenge {
    key holder;
    time_point since{};            ///< our last registration was there
    std::size_t registrations = 0; ///< of ours
};

} // namespace

struct acquisition::parts {
    enum class phase : std::uint8_t { probe, ask, look, act, leave, ended };

    parts(logical_unit& unit, const ownership_settings& settings, const peer_knowledge& knowledge)
        : disk(unit), how(settings), peers(knowledge), work(unit, settings) {}

    answer step(time_point now);
    answer probe(time_point now);
    answer ask(time_point now);
    answer look(time_point now);
    answer act(time_point now);
    answer leave(time_point now);

    answer decide(time_point now);
    answer settle_ours(time_point now);
    answer settle_challenge(time_point now);
    answer settle_holder(time_point now);
    answer begin_challenge(time_point now);
    [[nodiscard]] std::optional<refusal> forbidden() const;
    [[nodiscard]] peer_state knowledge_of(key holder) const;
    [[nodiscard]] bool left_by_us(key holder) const;
    bool order_missing();

    answer give(order what, time_point now);
    answer take_reservation_of(key victim, time_point now);
    answer refuse(refusal why, time_point now);
    answer fail(failure why, time_point now);
    answer end(answer with, time_point now);

    logical_unit& disk;
    ownership_settings how;
    const peer_knowledge& peers;
    nexus_work work;

    phase next = phase::probe;
    std::deque<order> orders;
    std::optional<challenge> challenged;
    bool looked = false;  ///< a look was done
    bool touched = false; ///< something of ours may be registered
    bool cancelled = false;
    unsigned changes = 0;
    std::optional<time_point> began;
    std::optional<withdrawal> leaving;
    answer ended_with;
};

acquisition::answer acquisition::parts::end(answer with, time_point now) {
    ended_with = std::move(with);
    const auto& view = work.view();
    const bool clean = looked && !touched && view.count(how.own) == 0;
    // Our key with another type is some administrator's doing, and his to undo; and what another
    // machine registered is not ours to take away.
    const bool others_doing =
        (view.held && view.held->holder == how.own && !work.ours()) || work.used_elsewhere(how.own);
    const bool ours_to_undo = touched || (looked && !clean && !others_doing);
    if (ours_to_undo && !rules::loser_stays_registered) {
        leaving.emplace(disk, how);
        next = phase::leave;
        return call_again{now};
    }
    next = phase::ended;
    if (auto* no = std::get_if<refused>(&ended_with))
        no->clean = clean;
    if (auto* no = std::get_if<failed>(&ended_with))
        no->clean = clean;
    return ended_with;
}

acquisition::answer acquisition::parts::refuse(refusal why, time_point now) {
    const auto& held = work.view().held;
    return end(refused{why, held ? held->holder : no_key, false}, now);
}

acquisition::answer acquisition::parts::fail(failure why, time_point now) {
    return end(failed{why, false}, now);
}

acquisition::answer acquisition::parts::leave(time_point now) {
    const auto left = leaving->step(now);
    if (const auto* again = std::get_if<call_again>(&left))
        return *again;
    const bool clean = std::get<withdrawn>(left).clean;
    if (auto* no = std::get_if<refused>(&ended_with))
        no->clean = clean;
    if (auto* no = std::get_if<failed>(&ended_with))
        no->clean = clean;
    next = phase::ended;
    return ended_with;
}

acquisition::answer acquisition::parts::step(time_point now) {
    if (next == phase::ended)
        return ended_with;
    if (next == phase::leave)
        return leave(now);
    if (!began)
        began = now;
    if (cancelled)
        return fail(failure{errc::aborted, {}, 0}, now);
    if (now - *began > how.times.give_up)
        return fail(work.last_failure(), now);
    work.refresh();
    switch (next) {
    case phase::probe:
        return probe(now);
    case phase::ask:
        return ask(now);
    case phase::look:
        return look(now);
    default:
        return act(now);
    }
}

/// Every path once: the attentions of the past are not of interest, only who answers.
acquisition::answer acquisition::parts::probe(time_point now) {
    for (std::size_t i = 0; i < work.members().size(); ++i)
        if (!work.members()[i].probed) {
            (void)work.probe(i);
            return call_again{now};
        }
    for (member& m : work.members())
        m.probed = false;
    orders.clear();
    work.forget_look();
    if (!work.any_live())
        return call_again{now + how.times.retry};
    next = touched ? phase::look : phase::ask;
    return call_again{now};
}

acquisition::answer acquisition::parts::ask(time_point now) {
    const auto answer = work.ask_capabilities(work.any_live().value_or(0));
    if (!answer && answer.error().code == errc::unsupported)
        return fail(answer.error(), now);
    next = answer ? phase::look : phase::probe;
    return call_again{now};
}

acquisition::answer acquisition::parts::look(time_point now) {
    const auto via = work.any_live();
    if (!via) {
        next = phase::probe;
        return call_again{now + how.times.retry};
    }
    switch (work.look(now, *via)) {
    case look_state::more:
        return call_again{now};
    case look_state::failed:
        if (work.last_failure().code == errc::unsupported)
            return fail(work.last_failure(), now);
        return call_again{work.any_live() ? now : now + how.times.retry};
    case look_state::done:
        looked = true;
        break;
    }
    return decide(now);
}

acquisition::answer acquisition::parts::act(time_point now) {
    if (orders.empty()) {
        next = phase::look;
        return call_again{now};
    }
    if (++changes > max_changes)
        return fail(failure{errc::malformed, {}, 0}, now);
    const order doing = orders.front();
    orders.pop_front();
    result<void> answer;
    switch (doing.what) {
    case order::kind::add:
        touched = true;
        answer = work.add(doing.on);
        break;
    case order::kind::reserve:
        answer = work.reserve(doing.on);
        break;
    case order::kind::preempt:
        answer = work.preempt(doing.on, doing.victim);
        break;
    }
    if (orders.empty())
        next = phase::look;
    if (!answer && rules::error_is_not_done && doing.what != order::kind::add)
        return fail(answer.error(), now);
    return call_again{now};
}

acquisition::answer acquisition::parts::give(order what, time_point now) {
    orders.push_back(what);
    next = phase::act;
    return call_again{now};
}

/// Registers the live paths that the disk does not show as registered.
bool acquisition::parts::order_missing() {
    for (std::size_t i = 0; i < work.members().size(); ++i) {
        member& m = work.members()[i];
        if (work.registered(i))
            m.failed_adds = 0;
        else if (m.live && m.failed_adds < max_failed_adds)
            orders.push_back({order::kind::add, i, no_key});
    }
    if (!orders.empty())
        next = phase::act;
    return !orders.empty();
}

peer_state acquisition::parts::knowledge_of(key holder) const {
    const auto peer = recognise(holder);
    if (rules::preempt_live_owner)
        return peer_state::gone;
    if (same_cluster(holder, how.own) || (rules::foreign_is_ours && peer))
        return peers.of(*peer);
    return how.foreign == foreign_policy::preempt ? peer_state::gone : peer_state::unknown;
}

/// Of an earlier boot of this node. A machine of another cluster that calls itself like this one
/// may have the same number: its own iSCSI name gives it away.
bool acquisition::parts::left_by_us(key holder) const {
    return same_node(holder, how.own) && !work.used_elsewhere(holder);
}

/// What an administrator alone may take.
std::optional<refusal> acquisition::parts::forbidden() const {
    if (how.foreign != foreign_policy::respect || rules::foreign_is_ours)
        return std::nullopt;
    if (work.used_elsewhere(how.own))
        return refusal::key_in_use;
    const auto& view = work.view();
    if (view.held && view.held->type != ownership_type && !rules::any_type_is_ours)
        return refusal::other_type;
    if (view.held && !same_cluster(view.held->holder, how.own))
        return refusal::foreign_reservation;
    const auto others = view.others(how.own);
    if (!view.held && std::ranges::any_of(others, [&](key k) { return !same_cluster(k, how.own); }))
        return refusal::foreign_registration;
    return std::nullopt;
}

acquisition::answer acquisition::parts::decide(time_point now) {
    const auto why = forbidden();
    if (why == refusal::key_in_use)
        return refuse(*why, now);
    if (work.ours()) {
        challenged.reset();
        return settle_ours(now);
    }
    if (why)
        return refuse(*why, now);
    const auto& held = work.view().held;
    if (held && !left_by_us(held->holder) && knowledge_of(held->holder) == peer_state::alive)
        return refuse(refusal::owner_alive, now);
    if (challenged)
        return settle_challenge(now);
    return settle_holder(now);
}

/// The reservation is ours: so is the disk when everybody else is gone.
acquisition::answer acquisition::parts::settle_ours(time_point now) {
    if (order_missing())
        return call_again{now};
    const auto via = work.any_registered();
    if (!via) {
        next = phase::probe;
        return call_again{now + how.times.retry};
    }
    if (work.stale())
        return give({order::kind::preempt, *via, how.own}, now);
    if (!rules::others_stay_registered)
        for (const key k : work.view().others(how.own))
            if (orders.size() < max_preempts_between_looks)
                orders.push_back({order::kind::preempt, *via, k});
    if (!orders.empty()) {
        next = phase::act;
        return call_again{now};
    }
    if (now - work.view().since >= how.times.period) {
        next = phase::look; // it is over, or nearly, before it began
        return call_again{now};
    }
    owned got;
    got.since = work.view().since;
    got.persistent = work.persists();
    for (std::size_t i = 0; i < work.members().size(); ++i)
        if (work.members()[i].live && work.registered(i))
            got.paths.push_back(work.members()[i].name);
    if (const auto by = work.holder())
        got.holder = work.members()[*by].name;
    next = phase::ended;
    ended_with = got;
    return ended_with;
}

/// Another one's, or nobody's, and no challenge is under way.
acquisition::answer acquisition::parts::settle_holder(time_point now) {
    const auto& held = work.view().held;
    // What we registered is gone again: somebody defends the disk.
    bool removed = false;
    for (std::size_t i = 0; i < work.members().size(); ++i)
        removed = removed || (work.members()[i].added && !work.registered(i));
    if (removed && held && knowledge_of(held->holder) != peer_state::gone &&
        !left_by_us(held->holder))
        return refuse(refusal::owner_defends, now);
    if (order_missing())
        return call_again{now};
    const auto via = work.any_registered();
    if (!via) {
        next = phase::probe;
        return call_again{now + how.times.retry};
    }
    if (work.stale())
        return give({order::kind::preempt, *via, how.own}, now);
    if (!held)
        return give({order::kind::reserve, *via, no_key}, now);
    if (left_by_us(held->holder) || knowledge_of(held->holder) == peer_state::gone)
        return take_reservation_of(held->holder, now);
    return begin_challenge(now);
}

acquisition::answer acquisition::parts::begin_challenge(time_point now) {
    challenge fresh;
    fresh.holder = work.view().held->holder;
    fresh.since = rules::wait_from_first_registration ? *began : now;
    fresh.registrations = work.view().count(how.own);
    challenged = fresh;
    next = phase::look;
    return call_again{now + how.times.watch};
}

acquisition::answer acquisition::parts::settle_challenge(time_point now) {
    const auto& view = work.view();
    if (view.held && view.held->holder != challenged->holder)
        return refuse(refusal::lost_race, now);
    // Gone together with the reservation they were not removed by anybody who defends it: the
    // target forgot, and the disk is free.
    if (view.held && view.count(how.own) < challenged->registrations) {
        if (!rules::challenger_registers_again)
            return refuse(refusal::owner_defends, now);
        if (order_missing())
            return call_again{now};
    }
    const auto via = work.any_registered();
    if (!via || !view.held) {
        challenged.reset(); // the paths that were registered are lost; or the disk is free
        return settle_holder(now);
    }
    const auto wait = rules::short_challenge ? how.times.challenge * 4 / 7 : how.times.challenge;
    const time_point end_of_wait = challenged->since + wait;
    if (now >= end_of_wait || knowledge_of(challenged->holder) == peer_state::gone)
        return take_reservation_of(challenged->holder, now);
    next = phase::look;
    return call_again{std::min(now + how.times.watch, end_of_wait)};
}

acquisition::answer acquisition::parts::take_reservation_of(key victim, time_point now) {
    return give({order::kind::preempt, *work.any_registered(), victim}, now);
}

acquisition::acquisition(logical_unit& disk, const ownership_settings& how,
                         const peer_knowledge& peers)
    : parts_(std::make_unique<parts>(disk, how, peers)) {}
acquisition::~acquisition() = default;

acquisition::answer acquisition::step(time_point now) {
    return parts_->step(now);
}

void acquisition::path_changed(const std::string& name) {
    parts& p = *parts_;
    p.work.refresh();
    if (const auto which = p.work.find(name))
        p.work.members()[*which].tested = false;
    p.work.forget_look();
    // They name paths by their place, which may be another's now.
    p.orders.clear();
    if (p.next == parts::phase::act)
        p.next = parts::phase::look;
}

void acquisition::cancel() {
    parts_->cancelled = true;
}

bool acquisition::challenging() const {
    return parts_->challenged.has_value();
}

} // namespace sgpr
