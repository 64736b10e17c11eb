// SPDX-License-Identifier: Apache-2.0
#include "sgpr/withdrawal.hpp"

#include "sgpr/ownership_mutations.hpp"
#include "sgpr/src/nexus_work.hpp"

#include <utility>

namespace sgpr {

using rules = ownership_mutations;

namespace {

/// Far more than any disk needs; less than a loop without end.
constexpr unsigned max_changes = 400;

} // namespace

struct withdrawal::parts {
    enum class phase : std::uint8_t { probe, flush, look, release, remove, add, take, ended };

    parts(logical_unit& disk, const ownership_settings& how, cache first)
        : work(disk, how), times(how.times), to_flush(first == cache::flush) {}

    answer step(time_point now);
    answer probe(time_point now);
    answer look(time_point now);
    void decide();
    answer change(time_point now);
    answer end(bool clean);

    nexus_work work;
    ownership_timing times;
    bool to_flush;
    bool released = false;
    phase next = phase::probe;
    std::size_t on = 0; ///< the path of the next command
    unsigned changes = 0;
    std::optional<time_point> began;
    withdrawn result;
};

withdrawal::answer withdrawal::parts::end(bool clean) {
    next = phase::ended;
    result.clean = clean;
    if (!clean)
        result.why = work.last_failure();
    return result;
}

withdrawal::answer withdrawal::parts::step(time_point now) {
    if (next == phase::ended)
        return result;
    if (!began)
        began = now;
    if (now - *began > give_up || changes > max_changes)
        return end(false);
    work.refresh();
    if (on >= work.members().size())
        on = 0;
    if (work.members().empty())
        next = phase::probe; // there may be a path later
    switch (next) {
    case phase::probe:
        return probe(now);
    case phase::flush:
        to_flush = false;
        next = phase::look;
        (void)work.flush(on); // a disk that has no cache, or is gone, is left all the same
        return call_again{now};
    case phase::look:
        return look(now);
    default:
        return change(now);
    }
}

/// Every path once; then on, or again later while none is live.
withdrawal::answer withdrawal::parts::probe(time_point now) {
    for (std::size_t i = 0; i < work.members().size(); ++i)
        if (!work.members()[i].probed) {
            (void)work.probe(i);
            return call_again{now};
        }
    for (member& m : work.members())
        m.probed = false;
    if (!work.any_live())
        return call_again{now + times.retry};
    on = *work.any_live();
    next = to_flush ? phase::flush : phase::look;
    return call_again{now};
}

withdrawal::answer withdrawal::parts::look(time_point now) {
    const auto via = work.any_live();
    if (!via) {
        next = phase::probe;
        return call_again{now + times.retry};
    }
    switch (work.look(now, *via, true)) {
    case look_state::more:
        break;
    case look_state::failed:
        if (work.last_failure().code == errc::unsupported)
            return end(true); // it knows no reservations
        ++changes;
        return call_again{now + times.retry};
    case look_state::done:
        if (work.view().count(work.own()) == 0)
            return end(true);
        decide();
        break;
    }
    return call_again{now};
}

/// The own key is still there: what is next.
void withdrawal::parts::decide() {
    ++changes;
    const auto registered = work.any_registered();
    if (work.beyond_reach()) {
        next = registered ? phase::take : phase::add;
        on = registered ? *registered : work.any_live().value_or(0);
        return;
    }
    const auto holder = rules::release_believed ? work.any_live() : work.holder();
    if (holder && !released) {
        released = true;
        next = phase::release;
        on = *holder;
        return;
    }
    // The holder's path last: the disk stays reserved until nobody of us is left.
    next = phase::remove;
    on = registered.value_or(0);
    for (std::size_t i = 0; i < work.members().size(); ++i)
        if (work.members()[i].live && work.registered(i) && work.holder() != i)
            on = i;
}

withdrawal::answer withdrawal::parts::change(time_point now) {
    const phase doing = std::exchange(next, phase::look);
    switch (doing) {
    case phase::release:
        if (work.release(on) && rules::release_believed)
            return end(true);
        break;
    case phase::remove:
        (void)work.remove(on);
        if (rules::one_path_only)
            return end(true);
        break;
    case phase::add:
        (void)work.add(on);
        break;
    case phase::take:
        (void)work.preempt(on, work.own());
        released = false;
        break;
    default:
        break;
    }
    return call_again{now};
}

withdrawal::withdrawal(logical_unit& disk, const ownership_settings& how, cache first)
    : parts_(std::make_unique<parts>(disk, how, first)) {}
withdrawal::~withdrawal() = default;

withdrawal::answer withdrawal::step(time_point now) {
    return parts_->step(now);
}

} // namespace sgpr
