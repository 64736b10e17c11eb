// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/settle_tracker.hpp"

#include <algorithm>

namespace bridge::pacemaker {

settle_tracker::step settle_tracker::begin_round() {
    stale_ = false;
    idle_seen_ = 0;
    if (seen_ >= wanted_ || version_failures_ >= version_attempts) {
        phase_ = phase::asking_state;
        return {ask::state, armed_ = answer_timeout};
    }
    phase_ = phase::asking_version;
    return {ask::version, armed_ = answer_timeout};
}

settle_tracker::step settle_tracker::rest() {
    phase_ = phase::resting;
    armed_ = delay_;
    delay_ = std::min(delay_ * 2, longest_delay);
    return {ask::nothing, armed_};
}

/// The timer as it is: inputs that change nothing must not cancel it.
settle_tracker::step settle_tracker::go_on() {
    return {ask::nothing, armed_};
}

settle_tracker::step settle_tracker::changed(model::cib_version version, cib_scope scope,
                                             bool has_dc) {
    constexpr cib_scope starts_actions =
        cib_scope::configuration | cib_scope::membership | cib_scope::history;
    if (!has(scope, starts_actions))
        return phase_ == phase::settled || phase_ == phase::unknown ? step{} : go_on();
    wanted_ = version;
    if (has(scope, cib_scope::membership))
        seen_ = {}; // perhaps another DC
    version_failures_ = 0;
    delay_ = first_delay;
    if (!has_dc) {
        // An election ends with a change of the CIB's root; that starts the next round.
        phase_ = phase::unknown;
        return {};
    }
    switch (phase_) {
    case phase::unknown:
    case phase::settled:
        return begin_round();
    case phase::resting:
        return rest();
    case phase::asking_version:
    case phase::asking_state:
        stale_ = true;
        return go_on();
    }
    return {};
}

settle_tracker::step settle_tracker::version_answer(std::optional<model::cib_version> version) {
    if (phase_ != phase::asking_version)
        return phase_ == phase::settled || phase_ == phase::unknown ? step{} : go_on();
    if (!version) {
        ++version_failures_;
        return rest();
    }
    seen_ = *version;
    if (seen_ < wanted_)
        return rest();
    return begin_round();
}

settle_tracker::step settle_tracker::state_answer(std::optional<bool> idle) {
    if (phase_ != phase::asking_state)
        return phase_ == phase::settled || phase_ == phase::unknown ? step{} : go_on();
    if (!idle || !*idle)
        return rest();
    if (stale_)
        return begin_round();
    if (++idle_seen_ < idle_answers)
        return {ask::state, armed_ = answer_timeout};
    phase_ = phase::settled;
    return {};
}

settle_tracker::step settle_tracker::timer() {
    switch (phase_) {
    case phase::resting:
        return begin_round();
    case phase::asking_version:
        ++version_failures_;
        return rest();
    case phase::asking_state:
        return rest();
    case phase::unknown:
    case phase::settled:
        break;
    }
    return {};
}

void settle_tracker::reset() {
    *this = settle_tracker();
}

} // namespace bridge::pacemaker
