// SPDX-License-Identifier: Apache-2.0
#include "sgpr/path.hpp"

#include "sgpr/src/malformed.hpp"
#include "sgpr/vpd.hpp"

#include <algorithm>
#include <utility>

namespace sgpr {
namespace {

failure of_illegal_request(const sense_data& sense) {
    // Invalid operation code; LOGICAL UNIT NOT SUPPORTED: a path whose unit was unmapped.
    if (sense.is(0x20, 0x00)) {
        return {.code = errc::unsupported, .sense = sense};
    }
    if (sense.is(0x25, 0x00)) {
        return {.code = errc::gone, .sense = sense};
    }
    return {.code = errc::invalid, .sense = sense};
}

errc of_sense_key(const sense_data& sense) {
    switch (sense.key) {
    case sense_key::not_ready:
        return errc::not_ready;
    case sense_key::medium_error:
    case sense_key::blank_check:
        return errc::medium;
    case sense_key::hardware_error:
        return errc::hardware;
    case sense_key::data_protect:
        return sense.is(0x27, 0x07) ? errc::no_space : errc::write_protected;
    case sense_key::aborted_command:
    case sense_key::copy_aborted:
        return errc::aborted;
    case sense_key::unit_attention:
        return sense.is(0x2a, 0x05) ? errc::registrations_preempted : errc::aborted;
    default:
        return errc::system;
    }
}

std::optional<failure> of_check_condition(const outcome& what) {
    const auto sense = parse_sense(what.sense);
    if (!sense) {
        return malformed();
    }
    // These are carried out; a deferred one of them says the same of an earlier command.
    if (sense->key == sense_key::no_sense || sense->key == sense_key::recovered_error ||
        sense->key == sense_key::completed) {
        return std::nullopt;
    }
    if (sense->key == sense_key::illegal_request) {
        return of_illegal_request(*sense);
    }
    return failure{.code = of_sense_key(*sense), .sense = *sense};
}

std::optional<failure> of_status(const outcome& what) {
    switch (what.status) {
    case scsi_status::good:
    case scsi_status::condition_met:
        return std::nullopt;
    case scsi_status::check_condition:
        return of_check_condition(what);
    case scsi_status::busy:
    case scsi_status::task_set_full:
    case scsi_status::aca_active:
        return failure{.code = errc::busy};
    case scsi_status::reservation_conflict:
        return failure{.code = errc::reservation_conflict};
    case scsi_status::task_aborted:
        return failure{.code = errc::aborted};
    }
    return malformed();
}

/// States that end by themselves: becoming ready (04/01), asymmetric access state transition
/// (04/0A).
bool passes(const failure& what) {
    return what.code == errc::not_ready && (what.sense.is(0x04, 0x01) || what.sense.is(0x04, 0x0a));
}

bool is_attention(const failure& what) {
    return what.sense.key == sense_key::unit_attention && !what.sense.deferred;
}

} // namespace

attention_kind classify_attention(const sense_data& sense) {
    switch (sense.code) {
    case 0x29:
        return attention_kind::reset;
    case 0x2a:
        switch (sense.qualifier) {
        case 0x01:
            return attention_kind::mode_changed;
        case 0x03:
            return attention_kind::reservations_preempted;
        case 0x04:
            return attention_kind::reservations_released;
        case 0x05:
            return attention_kind::registrations_preempted;
        case 0x06:
        case 0x07:
            return attention_kind::access_state_changed;
        case 0x09:
            return attention_kind::capacity_changed;
        default:
            return attention_kind::other;
        }
    case 0x38:
        return sense.qualifier == 0x07 ? attention_kind::thin_threshold : attention_kind::other;
    case 0x3f:
        return sense.qualifier == 0x0e   ? attention_kind::luns_changed
               : sense.qualifier == 0x03 ? attention_kind::inquiry_changed
                                         : attention_kind::other;
    default:
        return attention_kind::other;
    }
}

std::optional<failure> failure_of(const outcome& what) {
    switch (what.how) {
    case delivery::answered:
        return of_status(what);
    case delivery::timed_out:
        return failure{.code = errc::timeout, .os_error = what.os_error};
    case delivery::unreachable:
        return failure{.code = errc::transport, .os_error = what.os_error};
    case delivery::gone:
        return failure{.code = errc::gone, .os_error = what.os_error};
    case delivery::refused:
        return failure{.code = errc::invalid};
    case delivery::failed:
        break;
    }
    return failure{.code = errc::system, .os_error = what.os_error};
}

/// Retries of one command so far.
struct path::attempt {
    time_point deadline;
    int attentions = 0;
    int waits = 0;
};

path::path(std::unique_ptr<transport> nexus, clock& time) : nexus_(std::move(nexus)), time_(time) {}

bool path::wait_before_retry(attempt& state) const {
    const auto wait = first_busy_wait * (1 << state.waits);
    if (state.waits >= max_busy_retries || time_.now() + wait > state.deadline) {
        return false;
    }
    ++state.waits;
    time_.sleep_for(wait);
    return true;
}

void path::record(const sense_data& sense) {
    if (attentions_.size() == attentions_kept) {
        attentions_.erase(attentions_.begin());
    }
    attentions_.push_back({classify_attention(sense), sense, time_.now()});
}

result<bytes> path::execute(const command& wanted, when_preempted preempted) {
    if (wanted.timeout <= most_) {
        return carry_out(wanted, preempted);
    }
    command shorter = wanted;
    shorter.timeout = most_;
    return carry_out(shorter, preempted);
}

result<bytes> path::carry_out(const command& what, when_preempted preempted) {
    attempt state{.deadline = time_.now() + what.timeout};
    last_duration_ = {};
    // Bounded: every turn but the last spends one of the attentions or one of the waits.
    for (;;) {
        auto got = nexus_->submit(what);
        last_duration_ += got.duration;
        const auto failed = failure_of(got);
        if (!failed) {
            return std::move(got.data);
        }
        if (is_attention(*failed)) {
            record(failed->sense);
            if (failed->code == errc::registrations_preempted &&
                preempted == when_preempted::fail) {
                return *failed;
            }
            if (++state.attentions > max_attentions) {
                return failure{.code = errc::aborted, .sense = failed->sense};
            }
            continue;
        }
        if ((failed->code == errc::busy || passes(*failed)) && wait_before_retry(state)) {
            continue;
        }
        return *failed;
    }
}

std::vector<attention> path::take_attentions() {
    return std::exchange(attentions_, {});
}

result<std::optional<std::uint16_t>> path::target_port() {
    if (!target_port_) {
        const auto all = read_designators(*this);
        if (!all && all.error().code != errc::unsupported) {
            return all.error();
        }
        target_port_ = all ? relative_target_port_of(*all) : std::nullopt;
    }
    return *target_port_;
}

} // namespace sgpr
