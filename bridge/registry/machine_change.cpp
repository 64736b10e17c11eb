// SPDX-License-Identifier: Apache-2.0
// The change of the epoch: SYNC, STATE, PLAN, as coordinator and as member (4.3).
#include "bridge/registry/machine_impl.hpp"
#include "bridge/registry/quorum_rule.hpp"

#include <algorithm>

namespace bridge::registry {

namespace {

bool has(const std::vector<node_id>& sorted, node_id node) {
    return std::binary_search(sorted.begin(), sorted.end(), node);
}

bool in_core(const plan_message& plan, node_id node) {
    return std::any_of(plan.core.begin(), plan.core.end(),
                       [&](const life& l) { return l.node == node; });
}

} // namespace

// ---- the promise

void machine::impl::begin_attempt() {
    const std::uint64_t number = std::max(highest_seen, d.promised.number) + 1;
    if (number > limits::epoch_number)
        return give_up("the epoch number is exhausted");
    attempt.emplace();
    attempt->epoch = {number, self.node};
    attempt->view = members();
    for (const process_id& p : attempt->view)
        if (candidate(p))
            attempt->invited.push_back(p);
    back_off = back_off == std::chrono::milliseconds(0)
                   ? limits::back_off_least
                   : std::min<std::chrono::milliseconds>(2 * back_off, limits::back_off_most);
    next_attempt = now + back_off;
    promise(attempt->epoch, self);
}

/// From here on nothing of an older epoch is accepted or served; the promise is told when durable.
void machine::impl::promise(epoch_id epoch, process_id coordinator) {
    run.reset();
    if (attempt && attempt->epoch != epoch)
        attempt.reset();
    joined_epoch.emplace();
    joined_epoch->id = epoch;
    joined_epoch->coordinator = coordinator;
    joined_epoch->progress = now;
    need_since = now;
    const epoch_id before = d.promised;
    d.promised = epoch;
    highest_seen = std::max(highest_seen, epoch.number);
    if (mutations::promise_not_durable)
        return promise_done(epoch);
    journal_write w;
    w.promised = epoch;
    write(std::move(w), write_kind::promise, epoch).promised_before = before;
}

void machine::impl::promise_done(epoch_id epoch) {
    if (!joined_epoch || joined_epoch->id != epoch)
        return;
    joined_epoch->durable = true;
    if (!attempt || attempt->epoch != epoch)
        return send_state(epoch, true);
    attempt->sent = true;
    attempt->deadline = now + settings.sync_deadline;
    send(sync_message{attempt->view, attempt->invited}, epoch);
}

void machine::impl::send_state(epoch_id epoch, bool promised) {
    state_message m;
    m.granted = promised;
    m.supported = {limits::protocol, limits::protocol, limits::level_least, limits::level_most};
    m.store = d.store;
    m.lineage = d.lineage;
    m.promised = d.promised;
    m.installed = d.installed;
    m.last = last_position(d);
    m.log_start = d.trimmed;
    m.staged = staged ? staged_end() : position{};
    m.live = live;
    m.seen_active =
        d.installed != epoch_id{} &&
        (seen_active == d.installed || (!d.log.empty() && d.log.back().epoch == d.installed));
    m.level = d.level;
    m.core = d.core;
    m.lives = d.lives;
    m.voters = d.voters;
    m.known_voters = d.known_voters;
    m.dead = dead;
    send(m, epoch);
}

// ---- SYNC

void machine::impl::got(const process_id& from, const message_header& h, const sync_message& m) {
    if (h.epoch.coordinator != from.node || h.epoch.number == 0)
        return;
    const bool foreign =
        h.lineage != random_id{} && d.lineage != random_id{} && h.lineage != d.lineage;
    if (foreign || (pending_sync && pending_sync->epoch > h.epoch))
        return;
    pending_sync = sync_received{h.epoch, from, m, now};
}

/// An invitation counts when the inviter's view is this node's; that may take until the quorum of
/// the ring is known here.
void machine::impl::try_sync() {
    if (!pending_sync || failed || stopped)
        return;
    if (!settled() || members() != pending_sync->m.view) {
        if (due(pending_sync->at + settings.sync_deadline))
            pending_sync.reset();
        return;
    }
    const sync_received received = std::move(*pending_sync);
    pending_sync.reset();
    answer_sync(received.m, received.epoch, received.from);
}

void machine::impl::answer_sync(const sync_message& m, epoch_id epoch, process_id from) {
    if (!std::binary_search(m.invited.begin(), m.invited.end(), self)) {
        if (run && epoch > d.promised)
            end_epoch("left out of the next epoch");
        else
            greet(); // still here
        return;
    }
    if (joined_epoch && joined_epoch->id == epoch && d.promised == epoch) {
        if (from == self && joined_epoch->durable)
            send_state(epoch, true);
        return;
    }
    if (d.promised >= epoch)
        return send_state(epoch, false);
    promise(epoch, from);
}

// ---- STATE and the decision

void machine::impl::got(const process_id& from, const message_header& h, const state_message& m) {
    if (!attempt || !attempt->sent || attempt->planned || attempt->epoch != h.epoch ||
        !std::binary_search(attempt->invited.begin(), attempt->invited.end(), from))
        return;
    if (!m.granted) {
        highest_seen = std::max(highest_seen, m.promised.number);
        attempt.reset();
        joined_epoch.reset();
        return;
    }
    attempt->states[from] = {from, h.incarnation, m};
    if (attempt->states.size() == attempt->invited.size())
        decide();
}

void machine::impl::watch_attempt() {
    if (!attempt || !attempt->sent || !due(attempt->deadline))
        return;
    if (attempt->planned) {
        say("the epoch that was planned did not come about");
        attempt.reset();
        if (!run)
            joined_epoch.reset();
        return;
    }
    for (const process_id& p : attempt->invited)
        if (!attempt->states.contains(p)) {
            peers[p].evicted = true;
            say("node " + std::to_string(p.node) + " does not answer and is left out");
        }
    decide();
}

void machine::impl::decide() {
    plan_question q;
    q.self = self.node;
    q.configured = configured;
    q.counted = counted();
    q.seed_lineage = settings.seed_lineage;
    q.near_entries = settings.near_entries;
    q.unsafe_two_node = settings.unsafe_two_node;
    for (const process_id& p : members())
        if (q.present.empty() || q.present.back() != p.node)
            q.present.push_back(p.node);
    for (auto& [process, state_of] : attempt->states)
        q.states.push_back(std::move(state_of));
    plan_answer answer = quorate() ? make_plan(q) : plan_answer{{}, "no quorum"};
    const epoch_id epoch = attempt->epoch;
    if (answer.plan.basis == quorum_basis::none) {
        stalled_at = news_count;
        stalled_until = now + std::chrono::seconds(10);
        stalled_why = std::move(answer.why);
        attempt.reset();
    } else {
        stalled_why.clear();
        attempt->planned = true;
        attempt->deadline = now + limits::takeover;
    }
    send(answer.plan, epoch);
}

// ---- PLAN

bool machine::impl::plan_names_me(const plan_message& m) const {
    return std::any_of(m.core.begin(), m.core.end(), [&](const life& l) {
        return l.node == self.node &&
               (l.incarnation == incarnation || mutations::resume_after_restart);
    });
}

/// What a member checks of the coordinator's decision.
bool machine::impl::acceptable(const plan_message& m) const {
    if (!consistent(m) || m.lineage == random_id{} || m.level < limits::level_least ||
        m.level > limits::level_most || m.base.index < committed)
        return false;
    if (m.basis == quorum_basis::bootstrap) {
        std::vector<node_id> nodes;
        for (const life& l : m.core)
            nodes.push_back(l.node);
        return d.lineage == random_id{} && (configured.empty() || nodes == configured);
    }
    if (d.lineage != random_id{} && d.lineage != m.lineage)
        return false;
    const std::pair mine(d.installed, last_position(d).index);
    return mine <= std::pair(m.base_epoch, m.base.index) || mutations::longest_log_wins;
}

/// Whoever answered and was not taken does not count as a candidate until it greets again.
void machine::impl::set_aside(const plan_message& m) {
    for (auto& [process, p] : peers)
        if (has(m.learners, process.node) ||
            (m.basis != quorum_basis::none && has(m.stopped, process.node) &&
             !in_core(m, process.node)))
            p.join.willing = false;
}

void machine::impl::got(const process_id& from, const message_header& h, const plan_message& m) {
    if (h.epoch.coordinator != from.node)
        return;
    set_aside(m);
    if (mutations::install_ignores_promise && h.epoch > d.installed && plan_names_me(m) &&
        (!joined_epoch || joined_epoch->id != h.epoch)) {
        joined_epoch.emplace();
        joined_epoch->id = h.epoch;
        joined_epoch->coordinator = from;
        joined_epoch->durable = true;
    } else if (d.promised != h.epoch) {
        return;
    }
    if (!joined_epoch || joined_epoch->id != h.epoch || !joined_epoch->durable ||
        joined_epoch->coordinator != from || joined_epoch->plan)
        return;
    follow(from, h, m);
}

void machine::impl::follow(const process_id& from, const message_header& h, const plan_message& m) {
    const bool taken = m.basis != quorum_basis::none && plan_names_me(m);
    if (taken && acceptable(m)) {
        joined_epoch->plan = m;
        joined_epoch->progress = now;
        return continue_install();
    }
    if (taken)
        say("the plan of node " + std::to_string(from.node) + " for epoch " +
            std::to_string(h.epoch.number) + " is not acceptable");
    joined_epoch.reset();
    // That the core goes on is the core's affair; here another attempt may be needed soon.
    if (from == self)
        attempt.reset();
    if (!has(m.learners, self.node))
        return;
    std::vector<node_id> others;
    for (const life& l : m.core)
        others.push_back(l.node);
    learn_from(m.learners_donor, std::move(others));
}

} // namespace bridge::registry
