// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/catalog.hpp"

#include <algorithm>
#include <string>

namespace sgpr::validate {
namespace {

const std::string ask_vendor =
    "The array does not do what SPC-4 5.13 asks for; a cluster on it can lose data. Look for a "
    "firmware update or a setting of the LUN for SCSI-3 persistent reservations, and show this "
    "report to the vendor.";

bool conflict(const answer& got) {
    return got.failed && got.failed->code == errc::reservation_conflict;
}

/// What the disk shows now, as node `node` sees it.
reservation_picture look(context& on, std::size_t node) {
    const auto got = on.ask(node, {.what = verb::picture});
    on.expect(got.picture.has_value(), "The registrations cannot be read.", ask_vendor);
    return got.picture.value_or(reservation_picture{});
}

void register_both(context& on, key a, key b) {
    on.expect(on.ask(0, {.what = verb::register_all, .own = a}).good(),
              "The first node cannot register its key.", ask_vendor);
    on.expect(on.ask(1, {.what = verb::register_all, .own = b}).good(),
              "The second node cannot register its key.", ask_vendor);
    const auto shown = look(on, 0);
    on.expect(shown.has(a) && shown.has(b),
              "Keys that were registered are not there: the target forgets registrations.",
              ask_vendor);
}

/// A reserves; the picture says so; B may neither reserve nor, unregistered, write.
void reserve_and_refuse(context& on, key a, key b) {
    on.expect(on.ask(0, {.what = verb::reserve, .own = a}).good(),
              "A registered node cannot reserve the disk.", ask_vendor);
    on.expect(look(on, 1).held_by(a), "The reservation is not shown to the other node.",
              ask_vendor);
    on.expect(on.ask(1, {.what = verb::reserve, .own = b}).failed.has_value(),
              "A second node may reserve the disk although the first holds it.", ask_vendor);
    on.expect(look(on, 1).held_by(a), "The reservation moved by a refused RESERVE.", ask_vendor);
    static_cast<void>(on.ask(1, {.what = verb::release, .own = b})); // GOOD and nothing, or refused
    on.expect(look(on, 0).held_by(a), "A node released the reservation of another.", ask_vendor);
}

void enforcement(context& on, key b, bool sectors) {
    if (sectors) {
        on.expect(on.ask(1, {.what = verb::write_sector, .data = {2}}).good(),
                  "A registered node cannot write under \"registrants only\".", ask_vendor);
    }
    on.expect(on.ask(1, {.what = verb::register_all, .own = no_key}).good(),
              "A node cannot unregister.", ask_vendor);
    on.expect(!look(on, 0).has(b), "A key is still registered after it was unregistered.",
              ask_vendor);
    const auto reserve = on.ask(1, {.what = verb::reserve, .own = b});
    on.expect(reserve.failed.has_value(), "A node that is not registered may reserve the disk.",
              ask_vendor);
    if (reserve.failed && !conflict(reserve) && !on.stopped()) {
        on.warning("RESERVE from a node that is not registered is refused with \"" +
                       text(*reserve.failed) + "\" instead of RESERVATION CONFLICT.",
                   "A small deviation from SPC-4 (Linux' LIO does it too); nothing to do.");
    }
    if (sectors) {
        on.expect(conflict(on.ask(1, {.what = verb::write_sector, .data = {3}})),
                  "A node that is not registered can write to the reserved disk: the reservation "
                  "is not enforced.",
                  ask_vendor);
        on.expect(on.ask(0, {.what = verb::write_sector, .data = {1}}).good(),
                  "The owner cannot write to its own disk.", ask_vendor);
    }
}

void preempt_and_fence(context& on, key a, key b, bool sectors) {
    on.expect(on.ask(1, {.what = verb::register_all, .own = b}).good(),
              "A node cannot register again.", ask_vendor);
    on.expect(on.ask(1, {.what = verb::preempt, .own = b, .other = a}).good(),
              "A registered node cannot preempt another.", ask_vendor);
    const auto shown = look(on, 1);
    on.expect(shown.held_by(b) && !shown.has(a),
              "After PREEMPT the disk is not reserved by the new owner alone.", ask_vendor);
    if (sectors) {
        on.expect(conflict(on.ask(0, {.what = verb::write_sector, .data = {4}})),
                  "A node that was preempted can still write: fencing by reservations does not "
                  "work.",
                  ask_vendor);
        on.expect(on.ask(0, {.what = verb::read_sector}).good(),
                  "A node that was preempted cannot read, although type 5 only refuses writes.",
                  ask_vendor);
    }
    on.expect(on.ask(0, {.what = verb::reserve, .own = a}).failed.has_value(),
              "A node that was preempted may reserve.", ask_vendor);
}

void release_and_clear(context& on, key a, key b) {
    on.expect(on.ask(1, {.what = verb::release, .own = b}).good(), "The owner cannot release.",
              ask_vendor);
    on.expect(!look(on, 0).held, "The reservation is still there after RELEASE.", ask_vendor);
    on.expect(on.ask(0, {.what = verb::register_all, .own = a}).good(),
              "A node that was preempted cannot register again.", ask_vendor);
    on.expect(on.ask(0, {.what = verb::clear, .own = a}).good(), "CLEAR fails.", ask_vendor);
    const auto shown = look(on, 1);
    on.expect(shown.keys.empty() && !shown.held, "Keys or a reservation are left after CLEAR.",
              ask_vendor);
}

void persistent_reservations(context& on) {
    if (!start_clean(on)) {
        return;
    }
    const auto a = context::key_of(0);
    const auto b = context::key_of(1);
    const bool sectors =
        on.ask(0, {.what = verb::sectors}).good() && on.ask(1, {.what = verb::sectors}).good();
    if (!sectors && !on.stopped()) {
        on.warning("No unused sectors: that writes are refused was not tried.",
                   "Run the test on a disk with an unused gap before its first partition (all "
                   "usual partitioning tools leave one).");
    }
    register_both(on, a, b);
    reserve_and_refuse(on, a, b);
    enforcement(on, b, sectors);
    preempt_and_fence(on, a, b, sectors);
    release_and_clear(on, a, b);
    on.passed("Registered, reserved, refused, preempted, released and cleared from two nodes.");
}

void read_full_status(context& on) {
    if (!start_clean(on)) {
        return;
    }
    const auto own = context::key_of(0);
    on.expect(on.ask(0, {.what = verb::register_all, .own = own}).good(),
              "The node cannot register.", ask_vendor);
    const auto got = on.ask(0, {.what = verb::full_status});
    if (got.failed) {
        if (!on.stopped()) {
            on.warning("The disk has no READ FULL STATUS (" + text(*got.failed) + ").",
                       "Registrations of single paths can only be found out by trying; the "
                       "cluster works without it. A firmware update may bring it.");
        }
        return;
    }
    const auto wanted = on.disk(0) == nullptr ? 0 : on.disk(0)->paths.size();
    const auto shown = static_cast<std::size_t>(
        std::count(got.picture->keys.begin(), got.picture->keys.end(), own));
    on.expect(shown >= 1 && shown <= wanted,
              "READ FULL STATUS shows " + std::to_string(shown) + " registrations for " +
                  std::to_string(wanted) + " paths.",
              ask_vendor);
    on.passed("READ FULL STATUS is there and shows the registrations.");
}

void persistence(context& on) {
    const auto can = on.ask(0, {.what = verb::capabilities});
    if (can.failed || !can.capabilities) {
        if (!on.stopped()) {
            on.warning("The disk does not report its capabilities.",
                       "Nothing to do if the other reservation tests pass.");
        }
        return;
    }
    if (!can.capabilities->persists) {
        on.warning("Registrations do not outlive a power loss of the target (no APTPL).",
                   "After a power loss of the array all nodes must register again; the cluster "
                   "does so, but until then no reservation protects the disk.");
        return;
    }
    if (!start_clean(on)) {
        return;
    }
    const auto own = context::key_of(0);
    const auto done = on.ask(0, {.what = verb::register_all, .own = own, .persist = true});
    on.expect(done.good(), "APTPL is reported, but a registration with it is refused.", ask_vendor);
    const auto after = on.ask(0, {.what = verb::capabilities});
    if (after.capabilities && !after.capabilities->persistence_active) {
        on.warning("APTPL was accepted, but PTPL_A does not show it as active.",
                   "Ask the vendor whether registrations outlive a power loss.");
    }
    on.passed("Registrations can be kept through a power loss of the target (APTPL).");
}

/// In the loopback target of Linux PREEMPT AND ABORT deadlocks. The host calls itself
/// "tcm_loopback".
bool abort_is_safe(const context& on, std::string& why) {
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        const auto* disk = on.disk(n);
        for (const auto& one : disk == nullptr ? std::vector<path_facts>{} : disk->paths) {
            if (one.adapter.starts_with("tcm_loop")) {
                why = "Not tried: Linux' tcm_loop hangs for ever on this command (path " +
                      one.device + " of node " + on.facts(n).name + ").";
                return false;
            }
        }
    }
    return true;
}

void preempt_and_abort(context& on) {
    std::string why;
    if (!abort_is_safe(on, why)) {
        on.not_applicable(why);
        return;
    }
    if (!start_clean(on)) {
        return;
    }
    const auto a = context::key_of(0);
    const auto b = context::key_of(1);
    register_both(on, a, b);
    on.expect(on.ask(0, {.what = verb::reserve, .own = a}).good(), "RESERVE fails.", ask_vendor);
    const auto got = on.ask(1, {.what = verb::preempt_and_abort, .own = b, .other = a});
    if (got.failed &&
        (got.failed->code == errc::unsupported || got.failed->code == errc::invalid)) {
        on.warning("The disk has no PREEMPT AND ABORT.",
                   "The cluster uses PREEMPT; writes that are under way in the array at a failover "
                   "may still complete.");
        return;
    }
    on.expect(got.good(), "PREEMPT AND ABORT fails.", ask_vendor);
    const auto shown = look(on, 1);
    on.expect(shown.held_by(b) && !shown.has(a),
              "After PREEMPT AND ABORT the disk is not the new owner's.", ask_vendor);
    on.passed("PREEMPT AND ABORT moves the reservation.");
}

} // namespace

bool start_clean(context& on) {
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        const auto done = on.ask(n, {.what = verb::register_all, .own = no_key});
        if (done.failed &&
            (done.failed->code == errc::unsupported || done.failed->code == errc::invalid)) {
            return on.expect(false, "The disk does not know PERSISTENT RESERVE OUT.",
                             "The disk cannot be shared by a cluster of this kind; ask the vendor "
                             "for SCSI-3 persistent reservations.");
        }
    }
    auto shown = on.ask(0, {.what = verb::picture});
    if (!on.expect(shown.picture.has_value(), "The registrations cannot be read.", ask_vendor)) {
        return false;
    }
    if (shown.picture->keys.empty() && !shown.picture->held) {
        return true;
    }
    // Only disks that nobody uses, or that the administrator named, come here.
    const auto own = context::key_of(0, 0xff);
    static_cast<void>(on.ask(0, {.what = verb::register_ignore, .own = own}));
    static_cast<void>(on.ask(0, {.what = verb::clear, .own = own}));
    shown = on.ask(0, {.what = verb::picture});
    return on.expect(shown.picture && shown.picture->keys.empty() && !shown.picture->held,
                     "Registrations are left that CLEAR does not remove.", ask_vendor);
}

std::vector<test> reservation_tests() {
    return {
        {{"persistent-reservations", "SCSI-3 persistent reservations",
          "Two nodes register, reserve, are refused, preempt, release and clear; who is not "
          "registered cannot write.",
          true, true},
         2,
         persistent_reservations},
        {{"read-full-status", "READ FULL STATUS",
          "Whether the disk tells which path has which registration.", true, true},
         1,
         read_full_status},
        {{"persist-through-power-loss", "Persistence through power loss (APTPL)",
          "Whether registrations outlive a power loss of the target.", true, true},
         1,
         persistence},
        {{"preempt-and-abort", "PREEMPT AND ABORT",
          "Preempts a node and aborts its commands, where that is safe to try.", true, true},
         2,
         preempt_and_abort},
    };
}

} // namespace sgpr::validate
