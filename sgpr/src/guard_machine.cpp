// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard_machine.hpp"

#include "sgpr/logical_unit.hpp"

#include <utility>

namespace sgpr {

std::string_view text(guard_state state) {
    switch (state) {
    case guard_state::acquiring:
        return "acquiring";
    case guard_state::owned:
        return "owned";
    case guard_state::leaving:
        return "leaving";
    case guard_state::ended:
        return "ended";
    }
    return "unknown";
}

std::string_view text(guard_outcome outcome) {
    switch (outcome) {
    case guard_outcome::released:
        return "released";
    case guard_outcome::stopped:
        return "stopped";
    case guard_outcome::refused:
        return "refused";
    case guard_outcome::failed:
        return "failed";
    case guard_outcome::lost:
        return "lost";
    }
    return "unknown";
}

guard_machine::guard_machine(logical_unit& disk, const ownership_settings& how, surroundings with)
    : disk_(disk), how_(how), with_(std::move(with)) {
    // A challenger is a registrant: the disk would let this host write.
    note(with_.barrier.forbid_writes(), "writes forbidden");
    acquisition_.emplace(disk_, how_, with_.peers);
}

void guard_machine::log(const std::string& line) const {
    if (with_.log)
        with_.log(line);
}

void guard_machine::note(const barrier_report& report, std::string_view what) const {
    log(std::string(what) + ": " + std::to_string(report.devices) + " devices, " +
        std::to_string(report.file_systems) + " file systems");
    for (const std::string& failure : report.failures)
        log(std::string(what) + ": " + failure);
}

guard_machine::progress guard_machine::step(time_point now) {
    switch (state_) {
    case guard_state::acquiring:
        return acquire(now);
    case guard_state::owned:
        return defend(now);
    case guard_state::leaving:
        return leave(now);
    case guard_state::ended:
        break;
    }
    return end_;
}

guard_machine::progress guard_machine::end(guard_outcome outcome, std::string why, bool clean) {
    state_ = guard_state::ended;
    end_ = {outcome, std::move(why), clean};
    log(std::string(text(outcome)) + ": " + end_.why + (clean ? "" : "; our key may be left"));
    return end_;
}

guard_machine::progress guard_machine::acquire(time_point now) {
    const auto got = acquisition_->step(now);
    if (const auto* again = std::get_if<call_again>(&got))
        return *again;
    if (const auto* no = std::get_if<refused>(&got))
        return end(guard_outcome::refused,
                   std::string(text(no->why)) +
                       (no->holder ? ", held by " + explain(no->holder) : std::string()),
                   no->clean);
    if (const auto* no = std::get_if<failed>(&got))
        return end(guard_outcome::failed, text(no->why), no->clean);
    defence_.emplace(disk_, how_, std::get<owned>(got), with_.gate);
    acquisition_.reset();
    state_ = guard_state::owned;
    log("owned with key " + explain(how_.own));
    return call_again{now};
}

guard_machine::progress guard_machine::defend(time_point now) {
    const auto got = defence_->step(now);
    if (const auto* gone = std::get_if<lost>(&got)) {
        lose(std::string(text(gone->why)) +
             (gone->holder ? ", held by " + explain(gone->holder) : std::string()));
        return call_again{now};
    }
    // The first step found the ownership still fresh.
    if (!std::exchange(writable_, true))
        note(with_.barrier.allow_writes(), "writes allowed");
    return std::get<call_again>(got);
}

void guard_machine::lose(std::string why) {
    writable_ = false;
    defence_.reset();
    note(with_.barrier.forbid_writes(), "writes forbidden");
    note(with_.barrier.shut_down_file_systems(), "file systems shut down");
    begin_leaving(guard_outcome::lost, std::move(why), withdrawal::cache::leave);
}

void guard_machine::begin_leaving(guard_outcome because, std::string why, withdrawal::cache cache) {
    end_ = {because, std::move(why), false};
    withdrawal_.emplace(disk_, how_, cache);
    state_ = guard_state::leaving;
}

guard_machine::progress guard_machine::leave(time_point now) {
    const auto got = withdrawal_->step(now);
    if (const auto* again = std::get_if<call_again>(&got))
        return *again;
    const bool clean = std::get<withdrawn>(got).clean;
    withdrawal_.reset();
    return end(end_.outcome, end_.why, clean);
}

std::optional<std::string> guard_machine::release() {
    if (state_ == guard_state::acquiring) {
        acquisition_->cancel();
        return std::nullopt;
    }
    if (state_ != guard_state::owned)
        return std::nullopt;
    std::string in_use;
    for (const std::string& mount : with_.barrier.in_use())
        in_use += (in_use.empty() ? "mounted: " : ", ") + mount;
    if (!in_use.empty())
        return in_use;
    writable_ = false;
    defence_.reset();
    note(with_.barrier.forbid_writes(), "writes forbidden");
    begin_leaving(guard_outcome::released, "as told", withdrawal::cache::flush);
    return std::nullopt;
}

bool guard_machine::stop() {
    if (state_ != guard_state::owned)
        return false;
    defence_.reset();
    (void)end(guard_outcome::stopped, "the reservation is kept", false);
    return true;
}

void guard_machine::writes_were_stopped() {
    if (state_ == guard_state::owned)
        lose("not confirmed in time, writes were stopped from outside");
}

void guard_machine::path_changed(const std::string& name) {
    if (!writable_) // a device that just came may be written until somebody says otherwise
        note(with_.barrier.forbid_writes(), "writes forbidden");
    if (acquisition_)
        acquisition_->path_changed(name);
    if (defence_)
        defence_->path_changed(name);
}

void guard_machine::write_refused(const std::string& name) {
    if (defence_)
        defence_->write_refused(name);
}

std::optional<time_point> guard_machine::owned_until() const {
    if (!defence_ || state_ != guard_state::owned)
        return std::nullopt;
    return defence_->owned_until();
}

std::optional<defence_status> guard_machine::defended() const {
    if (!defence_)
        return std::nullopt;
    return defence_->status();
}

bool guard_machine::challenging() const {
    return acquisition_ && acquisition_->challenging();
}

} // namespace sgpr
