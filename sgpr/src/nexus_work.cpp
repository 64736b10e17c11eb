// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/nexus_work.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/ownership_mutations.hpp"

#include <algorithm>
#include <utility>

namespace sgpr {

using rules = ownership_mutations;

std::size_t disk_view::count(key which) const {
    return static_cast<std::size_t>(std::ranges::count(keys, which));
}

std::vector<key> disk_view::others(key own) const {
    std::vector<key> found;
    for (const key k : keys)
        if (k != own && std::ranges::find(found, k) == found.end())
            found.push_back(k);
    return found;
}

nexus_work::nexus_work(logical_unit& disk, const ownership_settings& how)
    : disk_(disk), how_(how), limit_(how.times.command), persist_(how.persist) {
    refresh();
}

void nexus_work::refresh() {
    const auto names = disk_.path_names();
    std::erase_if(members_,
                  [&](const member& m) { return std::ranges::find(names, m.name) == names.end(); });
    for (const std::string& name : names)
        if (!find(name)) {
            members_.emplace_back();
            members_.back().name = name;
        }
    if (rules::one_path_only && members_.size() > 1)
        members_.resize(1);
}

bool nexus_work::there(const std::string& name) const {
    return disk_.find_path(name) != nullptr;
}

std::optional<std::size_t> nexus_work::find(const std::string& name) const {
    const auto found = std::ranges::find(members_, name, &member::name);
    if (found == members_.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - members_.begin());
}

std::optional<std::size_t> nexus_work::any_live() const {
    const auto better = [](const member& one, const member& other) {
        return one.failures != other.failures ? one.failures < other.failures
                                              : one.usable && !other.usable;
    };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].live && (!best || better(members_[i], members_[*best])))
            best = i;
    return best;
}

std::optional<std::size_t> nexus_work::any_registered() const {
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].live && registered(i))
            return i;
    return std::nullopt;
}

path& nexus_work::at(std::size_t which) {
    path& found = *disk_.find_path(members_[which].name);
    found.limit(limit_);
    return found;
}

/// Keeps what an answer and the attentions before it say about the path.
template <class T>
result<T> nexus_work::keep(std::size_t on, result<T> answer) {
    member& m = members_[on];
    for (const attention& a : disk_.find_path(m.name)->take_attentions())
        if (a.kind == attention_kind::registrations_preempted)
            m.told_preempted = !rules::ignore_registrations_preempted;
    if (answer || answer.error().code == errc::reservation_conflict)
        m.failures = 0;
    else
        ++m.failures;
    if (answer)
        return answer;
    last_failure_ = answer.error();
    switch (answer.error().code) {
    case errc::gone:
    case errc::timeout:
    case errc::transport:
    case errc::system:
        m.live = false;
        break;
    default:
        break;
    }
    return answer;
}

result<void> nexus_work::probe(std::size_t on) {
    members_[on].live = true; // until something says otherwise: an error of the unit is an answer
    members_[on].probed = true;
    auto answer = keep(on, test_unit_ready(at(on)));
    member& m = members_[on];
    if (m.live && !m.target_port)
        if (const auto port = keep(on, at(on).target_port()))
            m.target_port = *port;
    return answer;
}

result<void> nexus_work::ask_capabilities(std::size_t on) {
    const auto told = keep(on, report_capabilities(at(on)));
    if (!told)
        return told.error().code == errc::unsupported || told.error().code == errc::invalid
                   ? result<void>()
                   : result<void>(told.error());
    persist_ = persist_ && told->persists;
    if (told->supports(ownership_type))
        return {};
    last_failure_ = failure{errc::unsupported, {}, 0};
    return last_failure_;
}

result<void> nexus_work::add(std::size_t on) {
    register_options options;
    options.persist = persist_;
    auto answer = keep(on, register_and_ignore(at(on), own(), options));
    member& m = members_[on];
    if (answer) {
        ++changes_;
        m.tested = m.added = true;
        m.told_preempted = false; // it was told before it was registered
    } else if (answer.error().code == errc::invalid && persist_) {
        persist_ = false;
    } else if (answer.error().code != errc::reservation_conflict) {
        m.tested = true; // may be: the next look tests it
    }
    ++m.failed_adds; // until a look shows it
    return answer;
}

result<void> nexus_work::remove(std::size_t on) {
    auto answer = keep(on, register_key(at(on), own(), no_key));
    if (answer || answer.error().code == errc::reservation_conflict)
        members_[on].tested = false;
    return answer;
}

result<void> nexus_work::reserve(std::size_t on) {
    holder_ = members_[on].name; // the view tells whether it worked
    return keep(on, sgpr::reserve(at(on), own(), ownership_type));
}

result<void> nexus_work::release(std::size_t on) {
    return keep(on, sgpr::release(at(on), own(), ownership_type));
}

result<void> nexus_work::preempt(std::size_t on, key victim) {
    // The device removes no registration of the nexus that asks; all others with the key are gone.
    if (victim == own() || (view_.held && view_.held->holder == victim))
        holder_ = members_[on].name;
    if (victim == own())
        for (std::size_t i = 0; i < members_.size(); ++i)
            if (i != on)
                members_[i].tested = members_[i].added = false;
    auto answer = keep(on, sgpr::preempt(at(on), own(), victim, ownership_type));
    changes_ += answer ? 1 : 0;
    return answer;
}

result<void> nexus_work::flush(std::size_t on) {
    return keep(on, synchronize_cache(at(on)));
}

look_state nexus_work::look_failed(const failure& why) {
    last_failure_ = why;
    stage_ = stage::begin;
    return look_state::failed;
}

look_state nexus_work::look(time_point now, std::size_t on, bool every) {
    switch (stage_) {
    case stage::begin:
        fresh_ = disk_view{};
        fresh_.since = now;
        next_test_ = 0;
        torn_ = 0;
        return full_status_ ? look_full(now, on) : look_keys(on);
    case stage::keys:
        fresh_.since = now;
        return look_keys(on);
    case stage::reservation:
        return look_reservation(on);
    case stage::tests:
        return look_tests(on, every);
    }
    return look_state::failed;
}

look_state nexus_work::look_full(time_point, std::size_t on) {
    auto status = keep(on, read_full_status(at(on)));
    if (!status &&
        (status.error().code == errc::unsupported || status.error().code == errc::invalid)) {
        full_status_ = false;
        stage_ = stage::keys;
        return look_state::more;
    }
    if (!status)
        return look_failed(status.error());
    fresh_.generation = status->generation;
    for (const registration& entry : status->registrations) {
        fresh_.keys.push_back(entry.registered);
        if (entry.holds)
            fresh_.held = reservation{
                held_by_all_registrants(*entry.holds) ? no_key : entry.registered, *entry.holds};
    }
    fresh_.registrations = std::move(status->registrations);
    if (rules::belief_from_answer)
        fresh_.since = at(on).time().now();
    if (all_nexuses_known()) {
        view_ = std::move(fresh_);
        stage_ = stage::begin;
        return look_state::done;
    }
    stage_ = stage::tests;
    return look_state::more;
}

look_state nexus_work::look_keys(std::size_t on) {
    auto keys = keep(on, read_keys(at(on)));
    if (!keys)
        return look_failed(keys.error());
    fresh_.generation = keys->generation;
    fresh_.keys = std::move(keys->keys);
    stage_ = stage::reservation;
    return look_state::more;
}

look_state nexus_work::look_reservation(std::size_t on) {
    constexpr unsigned max_torn = 5;
    auto state = keep(on, read_reservation(at(on)));
    if (!state)
        return look_failed(state.error());
    if (state->generation != fresh_.generation) {
        if (++torn_ > max_torn)
            return look_failed(failure{errc::busy, {}, 0});
        stage_ = stage::keys;
        return look_state::more;
    }
    fresh_.held = state->held;
    stage_ = stage::tests;
    return look_state::more;
}

namespace {

/// Nothing: the answer tells neither.
std::optional<bool> told_by_test(const result<void>& answer) {
    if (answer)
        return true;
    if (answer.error().code == errc::reservation_conflict)
        return false;
    // A target that cannot store its state accepts the key and then says so (LIO: 02/08/00); ASC 04
    // is a unit, or a path to it, that does nothing at all.
    if (answer.error().code == errc::not_ready && answer.error().sense.code != 0x04)
        return true;
    return std::nullopt;
}

} // namespace

/// Tests one path; done when none is left.
look_state nexus_work::look_tests(std::size_t, bool every) {
    for (; next_test_ < members_.size(); ++next_test_) {
        member& m = members_[next_test_];
        if (!m.live || (!every && !m.tested) || (fresh_.registrations && nexus_known(next_test_)))
            continue;
        register_options options;
        options.persist = persist_;
        const auto answer = keep(next_test_, register_key(at(next_test_), own(), own(), options));
        if (!answer && answer.error().code == errc::invalid && persist_) {
            persist_ = false; // and once more without it
            return look_state::more;
        }
        if (const auto told = told_by_test(answer))
            m.tested = *told;
        changes_ += answer ? 1 : 0;
        ++next_test_;
        return look_state::more;
    }
    view_ = std::move(fresh_);
    stage_ = stage::begin;
    return look_state::done;
}

std::optional<transport_id> nexus_work::nexus_port(std::size_t which) const {
    return disk_.find_path(members_[which].name)->initiator();
}

bool nexus_work::nexus_known(std::size_t which) const {
    return members_[which].target_port && nexus_port(which);
}

bool nexus_work::all_nexuses_known() const {
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].live && !nexus_known(i))
            return false;
    return true;
}

bool nexus_work::is_nexus_of(std::size_t which, const registration& entry) const {
    const auto& port = members_[which].target_port;
    return nexus_port(which) == entry.initiator &&
           (entry.all_target_ports || port == entry.relative_target_port);
}

bool nexus_work::registered(std::size_t which) const {
    if (rules::registered_by_key_alone)
        return view_.count(own()) > 0;
    if (rules::holder_key_is_registration && view_.held && view_.held->holder == own())
        return true;
    if (!view_.registrations || !nexus_known(which))
        return members_[which].tested;
    return std::ranges::any_of(*view_.registrations, [&](const registration& entry) {
        return entry.registered == own() && is_nexus_of(which, entry);
    });
}

std::optional<std::size_t> nexus_work::holder() const {
    if (!view_.held || view_.held->holder != own())
        return std::nullopt;
    if (!view_.registrations)
        return find(holder_);
    for (const registration& entry : *view_.registrations)
        if (entry.holds && entry.registered == own())
            for (std::size_t i = 0; i < members_.size(); ++i)
                if (nexus_known(i) ? is_nexus_of(i, entry) : members_[i].name == holder_)
                    return i;
    return std::nullopt;
}

bool nexus_work::own_beside(bool live_only) const {
    if (rules::own_stale_keys_stay)
        return false;
    const auto counts = [&](const member& m) { return m.live || !live_only; };
    if (ours()) {
        const auto by = holder();
        if (!by || !counts(members_[*by]))
            return true;
    }
    std::size_t accounted = 0;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (counts(members_[i]) && registered(i))
            ++accounted;
    return view_.count(own()) > accounted;
}

bool nexus_work::ours() const {
    return view_.held && view_.held->holder == own() &&
           (view_.held->type == ownership_type || rules::any_type_is_ours);
}

bool nexus_work::used_elsewhere(key which) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (const auto port = nexus_port(i); port && port->kind == protocol::iscsi)
            names.push_back(port->iscsi_name);
    if (names.empty() || !view_.registrations)
        return false;
    return std::ranges::any_of(*view_.registrations, [&](const registration& entry) {
        return entry.registered == which && entry.initiator.kind == protocol::iscsi &&
               std::ranges::find(names, entry.initiator.iscsi_name) == names.end();
    });
}

} // namespace sgpr
