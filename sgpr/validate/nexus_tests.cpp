// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/catalog.hpp"

#include <algorithm>
#include <string>

namespace sgpr::validate {
namespace {

/// A registration belongs to one path: with all but one registered, only that one cannot write.
void one_path_without(context& on, std::size_t node, std::uint32_t path, key own) {
    static_cast<void>(on.ask(node, {.what = verb::register_ignore, .path = path, .own = no_key}));
    const auto wrote = on.ask(node, {.what = verb::write_sector, .path = path, .data = {9}});
    const auto* disk = on.disk(node);
    on.expect(wrote.failed && wrote.failed->code == errc::reservation_conflict,
              "Path " + (disk == nullptr ? std::string{} : disk->paths[path].device) + " of node " +
                  on.facts(node).name +
                  " is not registered and can write all the same: the target does not tell the "
                  "paths of a node apart.",
              "Register every path all the same. Ask the vendor whether the array treats all ports "
              "of a host as one initiator, and whether that survives a new login.");
    static_cast<void>(on.ask(node, {.what = verb::register_ignore, .path = path, .own = own}));
}

void per_path_registration(context& on) {
    if (!start_clean(on)) {
        return;
    }
    bool proven = true;
    for (std::size_t n = 0; n < on.nodes() && !on.stopped(); ++n) {
        const auto own = context::key_of(n);
        on.expect(on.ask(n, {.what = verb::register_all, .own = own}).good(),
                  "Node " + on.facts(n).name + " cannot register every path.",
                  "Repair the path that failed, or remove it from the node.");
        const auto paths = on.ask(n, {.what = verb::registered, .own = own});
        for (const auto& one : paths.paths) {
            on.expect(one.registered,
                      "Path " + one.device + " of node " + on.facts(n).name +
                          " was registered, but the disk does not show it.",
                      "The target forgets registrations, or two paths share one: show this report "
                      "to the vendor.");
            proven = proven && one.by_nexus;
        }
    }
    if (!proven && !on.stopped()) {
        on.warning("The disk does not show which path a registration belongs to.",
                   "Nothing to do; the cluster tries each path instead.");
    }
    const auto* disk = on.disk(0);
    const auto paths = disk == nullptr ? 0 : disk->paths.size();
    const auto own = context::key_of(0);
    const bool can_write = on.ask(0, {.what = verb::sectors}).good();
    if (paths > 1 && can_write &&
        on.expect(on.ask(0, {.what = verb::reserve, .own = own}).good(), "RESERVE fails.", "")) {
        // The holder's own path would take the reservation along.
        for (std::uint32_t p = 1; p < paths && !on.stopped(); ++p) {
            one_path_without(on, 0, p, own);
        }
    }
    on.passed("Every path of every node was registered and found.");
}

bool mentions(const std::vector<std::string>& attentions, const std::string& code) {
    return std::any_of(attentions.begin(), attentions.end(),
                       [&](const std::string& one) { return one.find(code) != std::string::npos; });
}

void unit_attentions(context& on) {
    if (!start_clean(on)) {
        return;
    }
    const auto a = context::key_of(0);
    const auto b = context::key_of(1);
    static_cast<void>(on.ask(0, {.what = verb::register_all, .own = a}));
    static_cast<void>(on.ask(1, {.what = verb::register_all, .own = b}));
    static_cast<void>(on.ask(0, {.what = verb::reserve, .own = a}));
    static_cast<void>(on.ask(0, {.what = verb::ready})); // takes what is older
    static_cast<void>(on.ask(0, {.what = verb::attentions}));
    on.expect(on.ask(1, {.what = verb::preempt, .own = b, .other = a}).good(), "PREEMPT fails.",
              "See the test of persistent reservations.");
    static_cast<void>(on.ask(0, {.what = verb::ready}));
    const auto heard = on.ask(0, {.what = verb::attentions});
    if (mentions(heard.attentions, "(2a/05)") || mentions(heard.attentions, "(2a/03)")) {
        on.passed("The node that was preempted was told so by a unit attention.");
    } else if (!on.stopped()) {
        on.warning("The node that was preempted was not told so (no unit attention 2A/05 or "
                   "2A/03).",
                   "An owner notices a takeover at its next look, up to 3 s later, instead of at "
                   "its next command. Ask the vendor for unit attentions of SPC-4 5.13.11.");
    }
}

} // namespace

std::vector<test> nexus_tests() {
    return {
        {{"per-path-registration", "Registration of every path",
          "Every path is registered on its own, and a path that is not cannot write.", true, true},
         1,
         per_path_registration},
        {{"unit-attentions", "Unit attentions",
          "A node that loses its registration is told so by the disk.", true, true},
         2,
         unit_attentions},
    };
}

} // namespace sgpr::validate
