// SPDX-License-Identifier: Apache-2.0
#include "sgpr/verified.hpp"

#include "sgpr/path.hpp"
#include "sgpr/src/nexus_match.hpp"

#include <algorithm>
#include <utility>

namespace sgpr {
namespace {

constexpr int max_reads = 5;

std::optional<failure> answer_of(const result<void>& sent) {
    return sent ? std::nullopt : std::optional(sent.error());
}

/// What READ FULL STATUS says about the reservation, in the form of READ RESERVATION.
std::optional<reservation> held_in(const std::vector<registration>& all) {
    const auto holder = std::find_if(all.begin(), all.end(),
                                     [](const registration& one) { return one.holds.has_value(); });
    if (holder == all.end()) {
        return std::nullopt;
    }
    return reservation{held_by_all_registrants(*holder->holds) ? no_key : holder->registered,
                       *holder->holds};
}

/// One try; nothing inside: somebody changed it between the two reads.
result<std::optional<reservation_picture>> read_once(path& on, bool& with_full_status) {
    reservation_picture picture;
    if (with_full_status) {
        auto all = read_full_status(on);
        if (all) {
            picture.generation = all->generation;
            for (const auto& one : all->registrations) {
                picture.keys.push_back(one.registered);
            }
            picture.registrations = std::move(all->registrations);
        } else if (all.error().code == errc::unsupported) {
            with_full_status = false;
        } else {
            return all.error();
        }
    }
    if (!with_full_status) {
        auto keys = read_keys(on);
        if (!keys) {
            return keys.error();
        }
        picture.generation = keys->generation;
        picture.keys = std::move(keys->keys);
    }
    const auto state = read_reservation(on);
    if (!state) {
        return state.error();
    }
    // RESERVE and RELEASE leave the generation alone, so the holder must be the same too.
    if (state->generation != picture.generation ||
        (picture.registrations && held_in(*picture.registrations) != state->held)) {
        return std::optional<reservation_picture>();
    }
    picture.held = state->held;
    return std::optional(std::move(picture));
}

result<bool> registered_by_test(path& on, key own, bool persist) {
    const auto sent = register_key(on, own, own, {.persist = persist});
    if (sent) {
        return true;
    }
    if (sent.error().code == errc::reservation_conflict) {
        return false;
    }
    return sent.error();
}

/// Registrations of others can have the same key, so the list alone proves a registration only with
/// a GOOD beside it.
result<bool> registration_made(path& on, key wanted, bool persist, const verified& so_far) {
    const auto found = registration_in(so_far.picture, on, wanted);
    if (found.registered && (found.how == evidence::by_nexus || !so_far.answer)) {
        return true;
    }
    if (!so_far.picture.has(wanted)) {
        return false;
    }
    return registered_by_test(on, wanted, persist);
}

/// `current` is the key before, no_key if nobody knows.
result<bool> registration_removed(path& on, key current, bool persist, const verified& so_far) {
    const auto found = registration_in(so_far.picture, on, current);
    if (found.how == evidence::by_nexus) {
        return !found.registered && !found.other;
    }
    if (!so_far.answer || (current && !so_far.picture.has(current))) {
        return true;
    }
    if (!current) {
        return false;
    }
    const auto still = registered_by_test(on, current, persist);
    return still ? result<bool>(!*still) : still;
}

result<verified> after_register(path& on, const result<void>& sent, key current, key wanted,
                                bool persist) {
    auto picture = read_picture(on);
    if (!picture) {
        return picture.error();
    }
    verified change{.done = false, .answer = answer_of(sent), .picture = std::move(*picture)};
    const auto done = wanted ? registration_made(on, wanted, persist, change)
                             : registration_removed(on, current, persist, change);
    if (!done) {
        return done.error();
    }
    change.done = *done;
    return change;
}

template <class Done>
result<verified> after(path& on, const result<void>& sent, Done done) {
    auto picture = read_picture(on);
    if (!picture) {
        return picture.error();
    }
    const bool shown = done(*picture);
    return verified{.done = shown, .answer = answer_of(sent), .picture = std::move(*picture)};
}

/// Whether a registration with `victim` holds the reservation; with types 7 and 8 victim and holder
/// are 0.
bool holds(const reservation_picture& picture, key victim) {
    return picture.held && picture.held->holder == victim;
}

bool preempted(const reservation_picture& now, key own, key victim) {
    const auto is_own = [own](key one) { return one == own; };
    if (!victim) { // preempting an all-registrants reservation: everybody else goes
        return std::all_of(now.keys.begin(), now.keys.end(), is_own);
    }
    if (victim == own) {
        return std::count_if(now.keys.begin(), now.keys.end(), is_own) <= 1;
    }
    return !now.has(victim);
}

} // namespace

bool reservation_picture::has(key which) const {
    return std::find(keys.begin(), keys.end(), which) != keys.end();
}

bool reservation_picture::held_by(key own) const {
    if (!held || !own) {
        return false;
    }
    return held_by_all_registrants(held->type) ? has(own) : held->holder == own;
}

result<reservation_picture> read_picture(path& on) {
    bool with_full_status = true;
    for (int i = 0; i < max_reads; ++i) {
        auto got = read_once(on, with_full_status);
        if (!got) {
            return got.error();
        }
        if (*got) {
            return std::move(**got);
        }
    }
    return failure{.code = errc::busy};
}

nexus_registration registration_in(const reservation_picture& picture, path& on, key own) {
    const auto ours = on.initiator();
    if (!picture.registrations || !ours) {
        return {.registered = own && picture.has(own), .how = evidence::by_key};
    }
    const auto port = on.target_port();
    const auto found = std::find_if(picture.registrations->begin(), picture.registrations->end(),
                                    [&](const registration& one) {
                                        return same_nexus(one, *ours, port ? *port : std::nullopt);
                                    });
    nexus_registration answer{.how = evidence::by_nexus};
    if (found != picture.registrations->end()) {
        answer.registered = own && found->registered == own;
        answer.other = answer.registered ? no_key : found->registered;
    }
    return answer;
}

result<nexus_registration> find_registration(path& on, key own, bool persist) {
    const auto picture = read_picture(on);
    if (!picture) {
        return picture.error();
    }
    auto found = registration_in(*picture, on, own);
    // The key is there and not with our name: an older session of ours, or a name that the system
    // tells wrongly.
    if ((found.how == evidence::by_nexus && found.registered) || !own || !picture->has(own)) {
        return found;
    }
    const auto tested = registered_by_test(on, own, persist);
    if (!tested) {
        return tested.error();
    }
    if (*tested || found.how != evidence::by_nexus) {
        found = {.registered = *tested, .how = evidence::by_test};
    }
    return found;
}

failure verified::why_not() const {
    return answer ? *answer : failure{.code = errc::reservation_conflict};
}

result<verified> verified_register(path& on, key current, key wanted,
                                   const register_options& options) {
    const auto sent = register_key(on, current, wanted, options);
    return after_register(on, sent, current, wanted, options.persist);
}

result<verified> verified_register_and_ignore(path& on, key wanted,
                                              const register_options& options) {
    const auto sent = register_and_ignore(on, wanted, options);
    return after_register(on, sent, no_key, wanted, options.persist);
}

result<verified> verified_reserve(path& on, key own, reservation_type type) {
    return after(on, reserve(on, own, type), [=](const reservation_picture& now) {
        return now.held && now.held->type == type && now.held_by(own);
    });
}

result<verified> verified_release(path& on, key own, reservation_type type) {
    return after(on, release(on, own, type),
                 [=](const reservation_picture& now) { return !now.held_by(own); });
}

result<verified> verified_clear(path& on, key own) {
    return after(on, clear(on, own),
                 [](const reservation_picture& now) { return now.keys.empty() && !now.held; });
}

result<verified> verified_preempt(path& on, key own, key victim, reservation_type type,
                                  abort_commands abort) {
    const auto before = read_picture(on);
    if (!before) {
        return before.error();
    }
    const bool takes = holds(*before, victim);
    const auto sent = abort == abort_commands::yes ? preempt_and_abort(on, own, victim, type)
                                                   : preempt(on, own, victim, type);
    return after(on, sent, [=](const reservation_picture& now) {
        const bool ours = now.held && now.held->type == type && now.held_by(own);
        return preempted(now, own, victim) && (!takes || ours);
    });
}

} // namespace sgpr
