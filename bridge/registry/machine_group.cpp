// SPDX-License-Identifier: Apache-2.0
// Who is there, who may take part, and when the epoch has to change.
#include "bridge/registry/machine_impl.hpp"

#include <algorithm>
#include <iterator>

namespace bridge::registry {

namespace {

bool contains(const std::vector<process_id>& list, const process_id& p) {
    return std::find(list.begin(), list.end(), p) != list.end();
}

/// Promises rise with every attempt, failed ones too: they are no reason for another.
bool brings_news(join_message known, const join_message& said) {
    known.promised = said.promised;
    return known != said;
}

} // namespace

bool machine::impl::in_view() const {
    return group && contains(group->members, self);
}

/// Group and ring tell of the same membership; before that neither says anything (section 1).
bool machine::impl::settled() const {
    return connected && in_view() && quorum && quorum->ring == group->ring;
}

/// The group without ghosts: processes of nodes that are not in the ring.
std::vector<process_id> machine::impl::members() const {
    std::vector<process_id> list;
    if (settled())
        for (const process_id& p : group->members)
            if (std::binary_search(quorum->nodes.begin(), quorum->nodes.end(), p.node))
                list.push_back(p);
    return list;
}

bool machine::impl::willing() const {
    return connected && !stopped && !failed && !learning() && !no_room_until;
}

/// A member that is behind takes no part until it has caught up.
bool machine::impl::learning() const {
    return fetching && !fetching->for_install;
}

bool machine::impl::candidate(const process_id& p) const {
    const auto found = peers.find(p);
    if (found == peers.end())
        return false;
    const peer& c = found->second;
    const bool same_lineage =
        c.join.lineage == d.lineage || c.join.lineage == random_id{} || d.lineage == random_id{};
    if (c.greeted == 0 || c.evicted || c.leaving || !c.join.willing || !same_lineage ||
        c.join.supported.protocol_least > limits::protocol ||
        c.join.supported.protocol_most < limits::protocol)
        return false;
    // Of two processes of one node the older one is a shadow (section 1, #497).
    return std::none_of(peers.begin(), peers.end(), [&](const auto& other) {
        return other.first.node == p.node && other.second.greeted > c.greeted;
    });
}

void machine::impl::greet() {
    told_learning = learning();
    greeted_at = now;
    send(join_message{.supported = {limits::protocol, limits::protocol, limits::level_least,
                                    limits::level_most},
                      .store = d.store,
                      .lineage = d.lineage,
                      .promised = d.promised,
                      .installed = d.installed,
                      .participating = active(),
                      .willing = willing()},
         d.promised);
}

/// However a transfer begins and ends: who is not willing is invited nowhere.
void machine::impl::tell_learning() {
    if (learning() != told_learning && in_view() && !stopped && !failed && !no_room_until)
        greet();
}

/// A greeting may have been lost on its way to some, or those who heard it count this process as
/// silent since. Who takes part in nothing says again that it is here, ever more seldom.
void machine::impl::greet_again() {
    if (active() || stopped || !in_view()) {
        greeting_pause = limits::greeting_again_least;
        return;
    }
    if (!due(greeted_at + greeting_pause))
        return;
    greeting_pause =
        std::min<std::chrono::milliseconds>(2 * greeting_pause, limits::greeting_again_most);
    greet();
}

void machine::impl::got(const process_id& from, const message_header& h, const join_message& m) {
    peer& p = peers[from];
    if (p.greeted == 0 || p.evicted || p.leaving || brings_news(p.join, m))
        news();
    if (p.greeted != 0 && !m.participating && from != self && active())
        greet(); // what it waits for may be the greeting of this process
    p.join = m;
    p.greeted = ++greetings;
    p.evicted = p.leaving = false;
    if (run)
        if (core_peer* c = core_member({from.node, h.incarnation}))
            c->heard = now;
    if (m.lineage != random_id{} && d.lineage != random_id{} && m.lineage != d.lineage)
        say("node " + std::to_string(from.node) +
            " holds another registry and is left out; its store or this one must be set aside");
}

void machine::impl::got(const process_id& from, const message_header& h, const leave_message& m) {
    news();
    if (m.reason != leave_reason::epoch) {
        peers[from].leaving = true;
        return;
    }
    if (run && run->id == h.epoch)
        if (core_peer* p = core_member({from.node, h.incarnation}))
            p->left = true;
    if (joined_epoch && joined_epoch->id == h.epoch && !joined_epoch->installing && !run)
        joined_epoch.reset();
}

void machine::impl::remember_dead(const life& l) {
    if (l.incarnation == random_id{} || std::find(dead.begin(), dead.end(), l) != dead.end())
        return;
    if (dead.size() == limits::dead_incarnations)
        dead.erase(dead.begin());
    dead.push_back(l);
    news();
}

void machine::impl::take(const joined& in) {
    connected = true;
    self = in.self;
    incarnation = in.incarnation;
    sequence = 0;
    unheard.clear();
    peers.clear();
    group.reset();
    live = false;
}

void machine::impl::take(const disconnected&) {
    if (participating())
        end_epoch("the connection to the group is lost");
    connected = false;
    live = false;
    run.reset();
    joined_epoch.reset();
    attempt.reset();
    pending_sync.reset();
    fetching.reset();
    group.reset();
    peers.clear();
    unheard.clear();
}

void machine::impl::take(const view_changed& in) {
    if (!connected)
        return;
    news();
    for (const auto& [process, why] : in.left) {
        const auto found = peers.find(process);
        if (found == peers.end())
            continue;
        if (why != departure::node_lost)
            remember_dead({process.node, found->second.incarnation});
        if (core_peer* c = core_member({process.node, found->second.incarnation}))
            c->left = true;
        peers.erase(found); // also when it is back already: it may have missed something
    }
    std::erase_if(peers, [&](const auto& p) { return !contains(in.members, p.first); });
    for (const process_id& p : in.members)
        peers.try_emplace(p);
    group = in;
    view_since = now;
    greeting_pause = limits::greeting_again_least;
    if (attempt && !attempt->planned)
        attempt.reset();
    abandon_broken_promise();
    if (mutations::resume_after_restart)
        resume();
    greet();
}

/// An epoch that was promised, not installed: it goes on only when its whole core is still here.
void machine::impl::abandon_broken_promise() {
    if (!joined_epoch || joined_epoch->installing || (run && run->id == joined_epoch->id))
        return;
    const auto& plan = joined_epoch->plan;
    if (plan && std::all_of(plan->core.begin(), plan->core.end(),
                            [&](const life& l) { return find_peer(l) != nullptr; }))
        return;
    joined_epoch.reset();
    attempt.reset();
}

void machine::impl::take(const quorum_changed& in) {
    quorum = in;
    news();
}

void machine::impl::take(const nodes_configured& in) {
    configured = in.nodes;
    if (d.installed != epoch_id{} && now <= granted_before + settings.lease)
        for (const node_id node : configured) // voters or not
            granted[{node, {}}] = granted_before;
    news();
}

void machine::impl::take(const node_confirmed_dead& in) {
    const auto present = [&](const life& l) { return find_peer(l) != nullptr; };
    std::vector<life> candidates = d.lives;
    for (const auto& [l, at] : granted)
        candidates.push_back(l);
    for (const life& l : candidates)
        if (l.node == in.node && !present(l))
            remember_dead(l);
}

/// The process in the group with this incarnation.
const peer* machine::impl::find_peer(const life& l) const {
    for (const auto& [process, p] : peers)
        if (process.node == l.node && p.incarnation == l.incarnation && p.greeted != 0)
            return &p;
    return nullptr;
}

/// A member that stands still is left out of the next epoch (4.5).
void machine::impl::watch_silence() {
    if (!participating() || run->core.size() == 1)
        return;
    for (const core_peer& p : run->core) {
        if (p.id.node == self.node ||
            !due(p.heard + settings.silence + std::chrono::milliseconds(1)))
            continue;
        for (auto& [process, known] : peers)
            if (process.node == p.id.node && known.incarnation == p.id.incarnation &&
                !known.evicted) {
                known.evicted = true;
                news();
                say("node " + std::to_string(process.node) + " is silent and will be left out");
            }
    }
}

/// Nodes that stay voters though they are absent: those that the configuration names and that
/// corosync counts. nullopt: all.
std::optional<std::vector<node_id>> machine::impl::counted() const {
    const bool in_ring_only = quorum && quorum->absent_dropped;
    if (configured.empty())
        return in_ring_only ? std::optional(quorum->nodes) : std::nullopt;
    if (!in_ring_only)
        return configured;
    std::vector<node_id> both;
    std::set_intersection(configured.begin(), configured.end(), quorum->nodes.begin(),
                          quorum->nodes.end(), std::back_inserter(both));
    return both;
}

/// A voter that does not count any more and takes no part: the next epoch drops it.
bool machine::impl::former_voter() const {
    const auto still = counted();
    return still && std::any_of(d.voters.begin(), d.voters.end(), [&](const voter& v) {
               return !std::binary_search(still->begin(), still->end(), v.node) &&
                      !std::binary_search(d.core.begin(), d.core.end(), v.node);
           });
}

bool machine::impl::change_needed() const {
    if (!participating())
        return true;
    if (!run->active && now >= std::max(run->since, run->lapse) + limits::takeover)
        return true; // somebody's READY is lost
    for (const core_peer& p : run->core) {
        const peer* known = find_peer(p.id);
        if (p.left || (known && (known->evicted || known->leaving)))
            return true;
        if (known)
            continue;
        // Perhaps it has only not greeted yet; its silence would be noticed.
        const bool there = std::any_of(peers.begin(), peers.end(), [&](const auto& other) {
            return other.first.node == p.id.node && other.second.greeted == 0;
        });
        if (!there)
            return true;
    }
    if (former_voter())
        return true;
    for (const process_id& p : members()) {
        const auto in_core = [&](const core_peer& c) {
            return c.id.node == p.node && c.id.incarnation == peers.at(p).incarnation;
        };
        if (candidate(p) && std::none_of(run->core.begin(), run->core.end(), in_core))
            return true;
    }
    return false;
}

/// Candidates that come before this node.
std::size_t machine::impl::rank() const {
    const auto list = members();
    return static_cast<std::size_t>(std::count_if(list.begin(), list.end(), [&](const auto& p) {
        return p.node < self.node && candidate(p);
    }));
}

/// Begins an epoch change when one is needed and it is this node's turn (4.3, 4.5).
void machine::impl::consider_change() {
    if (!quorate() || !willing() || !candidate(self) || !change_needed()) {
        need_since.reset();
        if (run && run->active && due(run->since + limits::settled_for))
            back_off = std::chrono::milliseconds(0);
        return;
    }
    if (!need_since)
        need_since = now;
    if (attempt || (stalled_at == news_count && !due(stalled_until)))
        return;
    const std::size_t place = rank();
    time_point at = *need_since + place * limits::takeover;
    const auto list = members();
    const bool all_greeted = std::all_of(
        list.begin(), list.end(), [&](const process_id& p) { return peers.at(p).greeted != 0; });
    if (!all_greeted)
        at = std::max<time_point>(at, view_since + limits::greeting);
    if (joined_epoch && (!run || run->id != joined_epoch->id))
        at = std::max<time_point>(at, joined_epoch->progress + limits::takeover);
    if (due(std::max(at, next_attempt)))
        begin_attempt();
}

} // namespace bridge::registry
