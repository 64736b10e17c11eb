// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/watch.hpp"

#include "sgpr/command/json.hpp"
#include "sgpr/command/views.hpp"

#include <algorithm>
#include <iterator>

namespace sgpr::command_line {
namespace {

std::string list_of(const std::vector<key>& keys, const char* sign) {
    std::string out;
    for (const key one : keys)
        out += std::string(" ") + sign + text(one);
    return out;
}

/// Key by key: "+0x..." came, "-0x..." went.
std::string difference(const reservation_picture& before, const reservation_picture& after) {
    std::vector<key> was = before.keys;
    std::vector<key> is = after.keys;
    std::ranges::sort(was);
    std::ranges::sort(is);
    std::vector<key> gone;
    std::vector<key> come;
    std::ranges::set_difference(was, is, std::back_inserter(gone));
    std::ranges::set_difference(is, was, std::back_inserter(come));
    return list_of(gone, "-") + list_of(come, "+");
}

void report(const console& with, const reservation_picture& before,
            const reservation_picture& after) {
    if (with.json) {
        print(with, to_json(after));
    } else {
        with.out << "generation " << after.generation << ": " << held_text(after) << ','
                 << difference(before, after) << (after.keys.empty() ? " no keys" : "") << '\n';
    }
    with.out.flush();
}

bool same(const reservation_picture& one, const reservation_picture& other) {
    return one.generation == other.generation && one.keys == other.keys && one.held == other.held;
}

} // namespace

exit_code watch_disk(const console& with, const watch_request& what) {
    const auto opened = open_target(with, what.disk);
    if (const auto* status = std::get_if<exit_code>(&opened))
        return *status;
    const auto& of = std::get<target>(opened);
    reservation_picture last;
    for (std::uint64_t i = 0; what.reads == 0 || i < what.reads; ++i) {
        if (i > 0)
            with.time.sleep_for(what.interval);
        if (with.stopped && with.stopped())
            return exit_ok;
        auto now = of.unit().read_picture();
        for (const attention& one : of.unit().take_attentions())
            complain(with, exit_ok, text(one.sense));
        if (!now && now.error().code == errc::busy)
            continue; // others change it just now
        if (!now)
            return complain(with, "watching " + of.which.device(), now.error());
        if (i == 0 || !same(last, *now))
            report(with, last, *now);
        last = std::move(*now);
    }
    return exit_ok;
}

} // namespace sgpr::command_line
