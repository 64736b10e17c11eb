// SPDX-License-Identifier: Apache-2.0
#include "sgpr/fake/disk.hpp"

#include "sgpr/fake/unit.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace sgpr::fake {

struct disk::state {
    explicit state(const settings& how) : core(how) {}
    unit core;
};

namespace {

bool matches(const fault& what, const command& sent) {
    return (!what.operation_code || *what.operation_code == sent.cdb.operation_code()) &&
           (!what.service_action || *what.service_action == (sent.cdb[1] & 0x1f));
}

/// The fault that happens to this command, if any; each that matches counts it.
std::optional<fault> take_fault(session& from, const command& sent) {
    for (auto at = from.faults.begin(); at != from.faults.end(); ++at) {
        if (!matches(at->what, sent)) {
            continue;
        }
        if (at->passed < at->what.after) {
            ++at->passed;
            continue;
        }
        const auto found = at->what;
        if (--at->what.times == 0) {
            from.faults.erase(at);
        }
        return found;
    }
    return std::nullopt;
}

outcome status_only(scsi_status status) {
    outcome got;
    got.status = status;
    return got;
}

outcome with_sense(const sense_data& sense) {
    auto got = status_only(scsi_status::check_condition);
    got.sense = encode_sense(sense);
    return got;
}

outcome lost(delivery how, int error) {
    outcome got;
    got.how = how;
    got.os_error = error;
    return got;
}

outcome of_answer(answer from, const command& sent) {
    outcome got;
    got.status = from.end.status;
    if (from.end.status == scsi_status::check_condition) {
        got.sense = encode_sense(from.end.sense);
    }
    got.data = std::move(from.data);
    got.data.resize(std::min<std::size_t>(got.data.size(), sent.data_in_length));
    got.residual = static_cast<std::int32_t>(sent.data_in_length - got.data.size());
    return got;
}

outcome of_fault(const fault& what, outcome real) {
    switch (what.kind) {
    case fault_kind::unit_attention: {
        auto sense = what.sense;
        sense.key = sense_key::unit_attention;
        return with_sense(sense);
    }
    case fault_kind::busy:
        return status_only(scsi_status::busy);
    case fault_kind::task_set_full:
        return status_only(scsi_status::task_set_full);
    case fault_kind::conflict:
        return status_only(scsi_status::reservation_conflict);
    case fault_kind::sense:
        return with_sense(what.sense);
    case fault_kind::timeout:
        return lost(delivery::timed_out, 0);
    case fault_kind::unreachable:
        return lost(delivery::unreachable, 0);
    case fault_kind::gone:
        return lost(delivery::gone, ENODEV);
    case fault_kind::short_data:
        real.data.resize(std::min(real.data.size(), what.keep));
        return real;
    }
    return real;
}

bool carried_out(const fault& what) {
    return what.kind == fault_kind::short_data ||
           (what.carried_out &&
            (what.kind == fault_kind::sense || what.kind == fault_kind::timeout ||
             what.kind == fault_kind::unreachable));
}

} // namespace

/// One open of one nexus.
class nexus final : public transport {
public:
    nexus(unit& core, nexus_number which) : core_(core), which_(which) {}

    outcome submit(const command& what) override;
    std::string name() const override { return core_.sessions[which_].name; }
    std::optional<transport_id> initiator() const override {
        return core_.sessions[which_].nexus.initiator;
    }

private:
    unit& core_;
    nexus_number which_;
};

outcome nexus::submit(const command& what) {
    auto& from = core_.sessions[which_];
    if (!what.data_out.empty() && what.data_in_length != 0) {
        return lost(delivery::refused, 0);
    }
    ++from.seen;
    if (!from.up) {
        return lost(delivery::unreachable, 0);
    }
    const auto happens = take_fault(from, what);
    if (!happens) {
        return of_answer(core_.carry_out(from, what), what);
    }
    auto real = carried_out(*happens) ? of_answer(core_.carry_out(from, what), what) : outcome{};
    return of_fault(*happens, std::move(real));
}

profile profile::lio() {
    profile target;
    target.not_ready_if_unregistered = true;
    target.conflict_on_wrong_release = true;
    target.release_needs_no_key = true;
    target.capacity_conflicts = true;
    target.node_may_write = true;
    target.node_shares_attentions = true;
    target.forced_access = false;
    return target;
}

profile profile::tgt() {
    profile target;
    target.full_status = false;
    target.preempt_and_abort = false;
    target.persistence = false;
    target.all_target_ports = false;
    target.specify_initiators = false;
    target.move = false;
    target.target_ports = false;
    target.release_needs_no_key = true;
    target.reserve_needs_no_key = true;
    target.preempts_as_clear = true;
    target.release_tells_wrongly = true;
    return target;
}

disk::disk(settings how) : state_(std::make_unique<state>(how)) {}

disk::~disk() = default;

nexus_number disk::connect(transport_id initiator, std::uint16_t target_port, std::string name) {
    auto& sessions = state_->core.sessions;
    sessions.push_back({.nexus = {std::move(initiator), target_port}, .name = std::move(name)});
    return sessions.size() - 1;
}

std::unique_ptr<transport> disk::open(nexus_number which) {
    return std::make_unique<nexus>(state_->core, which);
}

void disk::inject(nexus_number which, fault what) {
    if (what.times > 0) {
        state_->core.sessions.at(which).faults.push_back({.what = what});
    }
}

void disk::set_path(nexus_number which, bool up) {
    state_->core.sessions.at(which).up = up;
}

void disk::log_in_again(nexus_number which, initiator_session session) {
    auto& one = state_->core.sessions.at(which);
    one.nexus.initiator.session = session;
    one.attentions.clear();
}

void disk::power_cycle() {
    state_->core.state.lose_power();
    for (auto& one : state_->core.sessions) {
        one.attentions.clear();
        state_->core.queue(one, 0x29, 0x01);
    }
}

void disk::queue_attention(nexus_number which, std::uint8_t asc, std::uint8_t ascq) {
    state_->core.queue(state_->core.sessions.at(which), asc, ascq);
}

void disk::set_write_protected(bool on) {
    state_->core.write_protected = on;
}

void disk::set_full(bool on) {
    state_->core.full = on;
}

std::size_t disk::commands_seen(nexus_number which) const {
    return state_->core.sessions.at(which).seen;
}

full_status disk::status() const {
    return {.generation = state_->core.state.generation(),
            .registrations = state_->core.state.all()};
}

std::optional<reservation> disk::held() const {
    return state_->core.state.held();
}

bool disk::persistence_active() const {
    return state_->core.state.persistent();
}

const bytes& disk::medium() const {
    return state_->core.medium;
}

} // namespace sgpr::fake
