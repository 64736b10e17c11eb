// SPDX-License-Identifier: Apache-2.0
#include "sgpr/logical_unit.hpp"

#include "sgpr/src/nexus_match.hpp"

#include <algorithm>
#include <iterator>

namespace sgpr {
namespace {

constexpr auto usual_type = reservation_type::write_exclusive_registrants_only;

/// Failures of a way, not of the unit behind it.
bool of_the_path(errc code) {
    return code == errc::gone || code == errc::timeout || code == errc::transport;
}

template <class T>
bool path_failed(const result<T>& got) {
    return !got && of_the_path(got.error().code);
}

bool path_failed(const result<verified>& got) {
    return got ? !got->done && got->answer && of_the_path(got->answer->code)
               : of_the_path(got.error().code);
}

bool live(const path_report& report) {
    return !report.problem || !of_the_path(report.problem->code);
}

result<unit_identity> identity_through(path& on) {
    const auto all = read_designators(on);
    if (!all) {
        return all.error();
    }
    const auto found = identity_of(*all);
    return found ? result<unit_identity>(*found) : failure{.code = errc::unsupported};
}

/// Whether the registration that holds the reservation is that of this path, as far as READ FULL
/// STATUS tells.
bool holds_reservation(const reservation_picture& picture, path& on) {
    const auto ours = on.initiator();
    const auto port = on.target_port();
    return picture.registrations && ours && port &&
           std::any_of(
               picture.registrations->begin(), picture.registrations->end(),
               [&](const registration& one) { return one.holds && same_nexus(one, *ours, *port); });
}

result<registration_report> answered(registration_report report) {
    if (std::none_of(report.paths.begin(), report.paths.end(), live)) {
        return report.paths.empty() ? failure{.code = errc::gone} : *report.paths.front().problem;
    }
    return report;
}

} // namespace

std::size_t registration_report::registered() const {
    return static_cast<std::size_t>(std::count_if(
        paths.begin(), paths.end(), [](const path_report& one) { return one.registered; }));
}

bool registration_report::all_live_registered() const {
    return registered() > 0 && std::all_of(paths.begin(), paths.end(), [](const auto& one) {
               return one.registered || !live(one);
           });
}

bool registration_report::none_registered() const {
    return std::all_of(paths.begin(), paths.end(), [](const path_report& one) {
        return !one.registered && (!one.problem || !live(one));
    });
}

logical_unit::logical_unit(unit_identity identity, std::unique_ptr<path> first)
    : identity_(std::move(identity)) {
    paths_.push_back(std::move(first));
}

template <class Action>
auto logical_unit::through_any(Action action) -> decltype(action(std::declval<path&>())) {
    using answer = decltype(action(std::declval<path&>()));
    answer got = failure{.code = errc::gone};
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        const auto at = (answered_last_ + i) % paths_.size();
        got = action(*paths_[at]);
        if (!path_failed(got)) {
            answered_last_ = at;
            return got;
        }
    }
    return got;
}

result<std::unique_ptr<logical_unit>> logical_unit::open(std::unique_ptr<path> first) {
    auto identity = identity_through(*first);
    if (!identity) {
        return identity.error();
    }
    return std::unique_ptr<logical_unit>(new logical_unit(std::move(*identity), std::move(first)));
}

result<void> logical_unit::add_path(std::unique_ptr<path> another) {
    if (paths_.size() == max_paths || find_path(another->name()) != nullptr) {
        return failure{.code = errc::invalid};
    }
    const auto identity = identity_through(*another);
    if (!identity) {
        return identity.error();
    }
    if (*identity != identity_) {
        return failure{.code = errc::invalid};
    }
    if (own_) {
        const auto report = register_one(*another, own_);
        if (!report.registered) {
            return report.problem.value_or(failure{.code = errc::reservation_conflict});
        }
    }
    paths_.push_back(std::move(another));
    return {};
}

bool logical_unit::remove_path(std::string_view name) {
    const auto found = std::find_if(paths_.begin(), paths_.end(),
                                    [&](const auto& one) { return one->name() == name; });
    if (found == paths_.end()) {
        return false;
    }
    paths_.erase(found);
    answered_last_ = 0;
    return true;
}

std::vector<std::string> logical_unit::path_names() const {
    std::vector<std::string> names;
    for (const auto& one : paths_) {
        names.push_back(one->name());
    }
    return names;
}

path* logical_unit::find_path(std::string_view name) {
    const auto found = std::find_if(paths_.begin(), paths_.end(),
                                    [&](const auto& one) { return one->name() == name; });
    return found != paths_.end() ? found->get() : nullptr;
}

register_options logical_unit::options_here() const {
    return {.persist = persist_, .all_target_ports = all_target_ports_};
}

path_report logical_unit::register_one(path& on, key wanted) {
    path_report report{.path = on.name()};
    const auto change = verified_register_and_ignore(on, wanted, options_here());
    if (!change) {
        report.problem = change.error();
        return report;
    }
    const auto found = registration_in(change->picture, on, wanted);
    report.how = found.how;
    // To unregister is done when it is not registered any more.
    report.registered = change->done == static_cast<bool>(wanted);
    if (!change->done) {
        report.problem = change->why_not();
    }
    return report;
}

path_report logical_unit::find_one(path& on, key wanted) {
    path_report report{.path = on.name()};
    const auto found = find_registration(on, wanted, persist_);
    if (!found) {
        report.problem = found.error();
        return report;
    }
    report.registered = found->registered;
    report.how = found->how;
    return report;
}

result<registration_report> logical_unit::register_everywhere(key own,
                                                              const register_options& options) {
    if (!own || !options.initiators.empty()) {
        return failure{.code = errc::invalid};
    }
    own_ = own;
    persist_ = options.persist;
    all_target_ports_ = options.all_target_ports;
    registration_report report;
    for (const auto& one : paths_) {
        report.paths.push_back(register_one(*one, own));
    }
    return answered(std::move(report));
}

result<registration_report> logical_unit::registered_paths() {
    registration_report report;
    for (const auto& one : paths_) {
        report.paths.push_back(find_one(*one, own_));
    }
    return answered(std::move(report));
}

result<registration_report> logical_unit::repair() {
    if (!own_) {
        return failure{.code = errc::invalid};
    }
    registration_report report;
    for (const auto& one : paths_) {
        auto found = find_one(*one, own_);
        if (!found.registered && live(found)) {
            found = register_one(*one, own_);
        }
        report.paths.push_back(std::move(found));
    }
    return answered(std::move(report));
}

path* logical_unit::first_registered(key with) {
    for (const auto& one : paths_) {
        if (find_one(*one, with).registered) {
            return one.get();
        }
    }
    return nullptr;
}

/// Registrations with our key that are not those of paths that answer: preempting the own key
/// removes them.
void logical_unit::remove_leftovers(path& last) {
    const auto picture = sgpr::read_picture(last);
    if (!picture || std::count(picture->keys.begin(), picture->keys.end(), own_) < 2) {
        return;
    }
    const auto type = picture->held ? picture->held->type : usual_type;
    static_cast<void>(verified_preempt(last, own_, own_, type));
}

/// The holder's path, since its registration takes the reservation along, else any that is
/// registered; only one that answers, for it may have to remove what others left.
path* logical_unit::last_to_unregister() {
    path* last = nullptr;
    for (const auto& one : paths_) {
        if (!own_ || !find_one(*one, own_).registered) {
            continue;
        }
        const auto picture = sgpr::read_picture(*one);
        if (picture && holds_reservation(*picture, *one)) {
            return one.get();
        }
        last = last == nullptr ? one.get() : last;
    }
    return last;
}

result<registration_report> logical_unit::unregister_everywhere() {
    path* const last = last_to_unregister();
    registration_report report;
    report.paths.resize(paths_.size());
    path_report* last_report = nullptr;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        if (paths_[i].get() == last) {
            last_report = &report.paths[i];
        } else {
            report.paths[i] = register_one(*paths_[i], no_key);
        }
    }
    if (last != nullptr) {
        remove_leftovers(*last);
        *last_report = register_one(*last, no_key);
    }
    own_ = no_key;
    return answered(std::move(report));
}

result<verified> logical_unit::reserve(reservation_type type) {
    if (!own_) {
        return failure{.code = errc::invalid};
    }
    return through_any([&](path& on) { return verified_reserve(on, own_, type); });
}

/// RELEASE is GOOD from anybody and works from the holder only, so every path is tried.
result<verified> logical_unit::release_through_each(reservation_type type) {
    result<verified> got = failure{.code = errc::gone};
    for (const auto& one : paths_) {
        auto here = verified_release(*one, own_, type);
        if (here && here->done) {
            return here;
        }
        // What a device showed says more than that another path failed.
        if (here || !got) {
            got = std::move(here);
        }
    }
    return got;
}

result<verified> logical_unit::release(reservation_type type) {
    if (!own_) {
        return failure{.code = errc::invalid};
    }
    auto got = release_through_each(type);
    // A path that is lost may hold it. Of another type it is not what was meant.
    const bool still_held = got && !got->done && got->picture.held->type == type;
    if (still_held && reclaim(type)) {
        got = release_through_each(type);
    }
    return got;
}

result<verified> logical_unit::preempt(key victim, reservation_type type, abort_commands abort) {
    if (!own_) {
        return failure{.code = errc::invalid};
    }
    return through_any([&](path& on) { return verified_preempt(on, own_, victim, type, abort); });
}

result<verified> logical_unit::clear() {
    if (!own_) {
        return failure{.code = errc::invalid};
    }
    return through_any([&](path& on) { return verified_clear(on, own_); });
}

result<registration_report> logical_unit::reclaim(reservation_type type, key interim) {
    if (!own_ || interim == own_) {
        return failure{.code = errc::invalid};
    }
    path* through = first_registered(own_);
    if (through == nullptr) {
        const auto report = repair();
        through = report ? first_registered(own_) : nullptr;
    }
    if (through == nullptr) {
        return failure{.code = errc::gone};
    }
    if (!interim) {
        const auto taken = verified_preempt(*through, own_, own_, type);
        if (!taken) {
            return taken.error();
        }
        return repair();
    }
    for (const auto& one : paths_) {
        if (find_one(*one, own_).registered) {
            static_cast<void>(register_one(*one, interim));
        }
    }
    const auto taken = verified_preempt(*through, interim, own_, type);
    auto report = repair();
    // A path that failed in between may have kept the interim key.
    const auto now = read_picture();
    if (report && now && now->has(interim)) {
        static_cast<void>(verified_preempt(*through, own_, interim, type));
    }
    return taken ? std::move(report) : result<registration_report>(taken.error());
}

result<std::vector<registration>> logical_unit::stale_registrations() {
    const auto picture = read_picture();
    if (!picture) {
        return picture.error();
    }
    std::vector<registration> stale;
    if (!own_ || !picture->registrations) {
        return stale;
    }
    for (const auto& one : *picture->registrations) {
        bool ours = one.registered != own_;
        for (const auto& way : paths_) {
            const auto initiator = way->initiator();
            if (!initiator) {
                return std::vector<registration>();
            }
            // A path that is down does not tell its target port; then any port of that initiator is
            // ours.
            const auto port = way->target_port();
            ours = ours || same_nexus(one, *initiator, port ? *port : std::nullopt);
        }
        if (!ours) {
            stale.push_back(one);
        }
    }
    return stale;
}

result<reservation_picture> logical_unit::read_picture() {
    return through_any([](path& on) { return sgpr::read_picture(on); });
}

result<reservation_capabilities> logical_unit::capabilities() {
    return through_any([](path& on) { return report_capabilities(on); });
}

result<bytes> logical_unit::execute(const command& what, when_preempted preempted) {
    result<bytes> got = failure{.code = errc::gone};
    for (std::size_t i = 0; i < paths_.size(); ++i) {
        const auto at = (answered_last_ + i) % paths_.size();
        got = paths_[at]->execute(what, preempted);
        if (!path_failed(got)) {
            answered_last_ = at;
            return got;
        }
        // Sent twice, a write could undo what another did in between.
        if (!what.data_out.empty() && got.error().code != errc::gone) {
            return got;
        }
    }
    return got;
}

std::vector<attention> logical_unit::take_attentions() {
    std::vector<attention> all;
    for (const auto& one : paths_) {
        auto some = one->take_attentions();
        all.insert(all.end(), std::make_move_iterator(some.begin()),
                   std::make_move_iterator(some.end()));
    }
    return all;
}

} // namespace sgpr
