// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/changes.hpp"

#include "sgpr/command/json.hpp"
#include "sgpr/command/views.hpp"

#include <algorithm>
#include <utility>

namespace sgpr::command_line {
namespace {

using opened_target = std::variant<target, exit_code>;

std::vector<path*> paths_of(const target& of) {
    std::vector<path*> found;
    for (const auto& name : of.unit().path_names())
        found.push_back(of.unit().find_path(name));
    return found;
}

std::string name_of(const target& of, const path& way) {
    const auto names = of.unit().path_names();
    const auto at = std::ranges::find(names, way.name()) - names.begin();
    return of.opened.names.at(static_cast<std::size_t>(at));
}

/// APTPL has one state for the whole unit: leave it on when it is on.
bool persists(const target& of, const change_request& what) {
    const auto told = of.unit().capabilities();
    return what.persist || (told && told->persistence_active);
}

/// Of one path, after what was asked of it.
path_report report_of(path& way, const result<verified>& answer) {
    path_report out{.path = way.name()};
    if (!answer)
        out.problem = answer.error();
    else if (answer->done)
        out.registered = true;
    else
        out.problem = answer->why_not();
    return out;
}

path_report register_one(path& way, const change_request& what, const register_options& options) {
    const auto before = find_registration(way, what.own, options.persist);
    if (!before)
        return {.path = way.name(), .problem = before.error()};
    if (before->registered && before->how != evidence::by_key)
        return {.path = way.name(), .registered = true, .how = before->how};
    // From "not registered": a path that has another key answers RESERVATION CONFLICT.
    return report_of(way, verified_register(way, no_key, what.own, options));
}

std::string path_line(const target& of, const path_report& report) {
    for (path* const way : paths_of(of)) {
        if (way->name() == report.path)
            return name_of(of, *way);
    }
    return report.path;
}

exit_code tell(const console& with, const target& of, const registration_report& report,
               bool registered) {
    bool good = !report.paths.empty();
    std::optional<failure> first;
    for (const path_report& path : report.paths) {
        good = good && !path.problem && path.registered == registered;
        if (path.problem && !first)
            first = path.problem;
    }
    if (with.json) {
        print(with, to_json(report, of));
    } else {
        for (const path_report& path : report.paths)
            with.out << path_line(of, path) << ": "
                     << (path.problem
                             ? text(*path.problem)
                             : std::string(path.registered ? "registered" : "not registered"))
                     << '\n';
    }
    if (good)
        return exit_ok;
    return first ? status_of(*first) : exit_error;
}

exit_code tell(const console& with, const target& of, std::string_view doing,
               const result<verified>& answer) {
    if (!answer) {
        complain(with, doing, answer.error());
        return complain(with, exit_unknown_outcome,
                        "what became of it could not be read: look with `sgpr status`");
    }
    if (with.json) {
        auto out = to_json(answer->picture);
        out["id"] = text(of.unit().identity());
        out["done"] = answer->done;
        print(with, out);
    } else {
        with.out << of.which.device() << ": " << held_text(answer->picture) << ", "
                 << answer->picture.keys.size() << " keys\n";
    }
    return answer->done ? exit_ok : complain(with, doing, answer->why_not());
}

/// The paths whose nexus is registered with the key; none: that has been said.
std::vector<path*> registered_paths(const console& with, const target& of,
                                    const change_request& what) {
    std::vector<path*> found;
    const bool persist = persists(of, what);
    for (path* const way : paths_of(of)) {
        const auto here = find_registration(*way, what.own, persist);
        if (here && here->registered)
            found.push_back(way);
    }
    if (found.empty())
        complain(with, exit_refused,
                 "no path of " + of.which.device() + " is registered with " + text(what.own) +
                     ": `sgpr register " + of.which.device() + ' ' + text(what.own) + "` first");
    return found;
}

/// The nexus that holds the reservation goes last: until then the others' writes stay allowed.
void holder_last(std::vector<path*>& ways, const target& of, key own) {
    const auto picture = of.unit().read_picture();
    if (!picture || !picture->registrations)
        return;
    reservation_picture holders;
    holders.registrations.emplace();
    for (const registration& one : *picture->registrations) {
        if (one.holds)
            holders.registrations->push_back(one);
    }
    std::stable_partition(ways.begin(), ways.end(), [&](path* way) {
        const auto held = registration_in(holders, *way, own);
        return !(held.registered && held.how == evidence::by_nexus);
    });
}

/// `action` on the opened disk and a path that is registered with our key.
template <class Action>
exit_code through_registered(const console& with, const change_request& what, Action action) {
    const opened_target opened = open_target(with, what.disk);
    if (const auto* status = std::get_if<exit_code>(&opened))
        return *status;
    const auto& of = std::get<target>(opened);
    const auto ways = registered_paths(with, of, what);
    return ways.empty() ? exit_refused : action(of, ways);
}

} // namespace

exit_code register_disk(const console& with, const change_request& what) {
    const opened_target opened = open_target(with, what.disk);
    if (const auto* status = std::get_if<exit_code>(&opened))
        return *status;
    const auto& of = std::get<target>(opened);
    const register_options options{.persist = persists(of, what)};
    if (what.replace) {
        const auto report = of.unit().register_everywhere(what.own, options);
        return report ? tell(with, of, *report, true)
                      : complain(with, "registering " + of.which.device(), report.error());
    }
    registration_report report;
    bool conflict = false;
    for (path* const way : paths_of(of)) {
        report.paths.push_back(register_one(*way, what, options));
        const auto& problem = report.paths.back().problem;
        conflict = conflict || (problem && problem->code == errc::reservation_conflict);
    }
    const exit_code status = tell(with, of, report, true);
    if (!conflict)
        return status;
    return complain(with, exit_refused,
                    "a path is registered with another key already: `sgpr status` shows it, "
                    "--replace puts this key in its place");
}

exit_code unregister_disk(const console& with, const change_request& what) {
    return through_registered(with, what, [&](const target& of, std::vector<path*> ways) {
        holder_last(ways, of, what.own);
        const register_options options{.persist = persists(of, what)};
        registration_report report;
        for (path* const way : ways) {
            path_report one = report_of(*way, verified_register(*way, what.own, no_key, options));
            one.registered = !one.registered; // done is "not registered" here
            report.paths.push_back(std::move(one));
        }
        return tell(with, of, report, false);
    });
}

exit_code reserve_disk(const console& with, const change_request& what) {
    return through_registered(with, what, [&](const target& of, const std::vector<path*>& ways) {
        return tell(with, of, "reserving " + of.which.device(),
                    verified_reserve(*ways.front(), what.own, what.type));
    });
}

exit_code release_disk(const console& with, const change_request& what) {
    return through_registered(with, what, [&](const target& of, const std::vector<path*>& ways) {
        const auto picture = of.unit().read_picture();
        if (!picture)
            return complain(with, "reading " + of.which.device(), picture.error());
        if (!picture->held || !picture->held_by(what.own))
            return complain(with, exit_refused,
                            of.which.device() + " is not reserved with " + text(what.own) +
                                ": the reservation is " + held_text(*picture));
        // RELEASE through another path than the holder's is GOOD and does nothing.
        auto answer = verified_release(*ways.front(), what.own, picture->held->type);
        for (std::size_t i = 1; i < ways.size() && answer && !answer->done; ++i)
            answer = verified_release(*ways[i], what.own, picture->held->type);
        return tell(with, of, "releasing " + of.which.device(), answer);
    });
}

exit_code preempt_key(const console& with, const change_request& what) {
    if (what.victim != what.own && !what.yes)
        return complain(with, exit_needs_force,
                        "whoever has " + text(what.victim) +
                            " loses the disk at once, mounted or not: say --yes if that is meant");
    return through_registered(with, what, [&](const target& of, const std::vector<path*>& ways) {
        return tell(with, of, "preempting on " + of.which.device(),
                    verified_preempt(*ways.front(), what.own, what.victim, what.type,
                                     what.abort ? abort_commands::yes : abort_commands::no));
    });
}

exit_code clear_disk(const console& with, const change_request& what) {
    if (!what.yes)
        return complain(with, exit_needs_force,
                        "every machine's registration and the reservation go, and nothing keeps "
                        "two machines from writing: say --yes if that is meant");
    return through_registered(with, what, [&](const target& of, const std::vector<path*>& ways) {
        return tell(with, of, "clearing " + of.which.device(),
                    verified_clear(*ways.front(), what.own));
    });
}

} // namespace sgpr::command_line
