// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/replica.hpp"

#include "bridge/model/registry_batch_codec.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/random.h>

#include <algorithm>
#include <iomanip>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace bridge::registry {

namespace {

using model::registry_errc;
using model::registry_outcome;
using steady = std::chrono::steady_clock;

/// Rows that no other write has taken along are written after this time.
constexpr std::chrono::milliseconds rows_delay{50};

/// How often a batch that waits for a pending intent tries again.
constexpr std::chrono::milliseconds intent_poll{20};

random_id fresh_id() {
    random_id id{};
    if (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size()))
        throw std::runtime_error("the kernel gives no random numbers");
    return id;
}

std::string text_of(const model::registry_digest& digest) {
    std::ostringstream text;
    text << std::hex << std::setfill('0') << std::setw(16) << digest.high << std::setw(16)
         << digest.low;
    return text.str();
}

time_point now() {
    return steady::now().time_since_epoch();
}

registry_errc errc_of(refusal why) {
    switch (why) {
    case refusal::not_active:
        return registry_errc::not_active;
    case refusal::busy:
        return registry_errc::busy;
    case refusal::disk_full:
        return registry_errc::disk_full;
    case refusal::too_large:
        return registry_errc::too_large;
    case refusal::undecided:
        break;
    }
    return registry_errc::undecided;
}

ring_id ring_of(const ports::ring& r) {
    return {r.node, r.sequence};
}

process_id process_of(const ports::peer& p) {
    return {p.node, p.pid};
}

departure departure_of(ports::departure how) {
    switch (how) {
    case ports::departure::left:
        return departure::left;
    case ports::departure::died:
        return departure::process_died;
    case ports::departure::node_lost:
        break;
    }
    return departure::node_lost;
}

view_changed view_of(const ports::peer_view& from) {
    view_changed view;
    view.ring = ring_of(from.in);
    for (const ports::peer& p : from.members)
        view.members.push_back(process_of(p));
    for (const auto& [who, how] : from.left)
        view.left.emplace_back(process_of(who), departure_of(how));
    return view;
}

ports::registry_state state_of(machine_state s) {
    switch (s) {
    case machine_state::active:
        return ports::registry_state::active;
    case machine_state::learning:
        return ports::registry_state::learning;
    case machine_state::failed:
        return ports::registry_state::failed;
    case machine_state::out:
    case machine_state::promised:
    case machine_state::installed:
        break;
    }
    return ports::registry_state::outside;
}

/// One client call that waits. The timer never expires: cancelling it wakes the caller.
template <class Result>
struct waiting_call {
    explicit waiting_call(boost::asio::io_context& io) : wake(io, steady::time_point::max()) {}

    void finish(Result with) {
        if (result)
            return;
        result = std::move(with);
        wake.cancel();
    }

    boost::asio::steady_timer wake;
    std::optional<Result> result;
};

} // namespace

struct replica::core : std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, ports::peers& group, journal& to,
         journal_content content, model::registry_tree tree, replica_settings with)
        : io(context), peers(group), store(to), settings(std::move(with)),
          state(std::move(tree), content.state.applied),
          replication(settings.protocol, std::move(content.state), state), timer(context),
          rows_timer(context) {}

    void note_text(std::string_view text) const {
        if (settings.log)
            settings.log(text);
    }

    void listen() {
        ports::peers::listener told;
        told.opened = [this](ports::peer self) { step(joined{process_of(self), fresh_id()}); };
        told.closed = [this] {
            quorate = false;
            step(disconnected{});
        };
        told.changed = [this](const ports::peer_view& view) { step(view_of(view)); };
        told.quorum = [this](const ports::quorum_view& q) {
            quorate = q.quorate;
            step(quorum_changed{ring_of(q.in), q.quorate, q.nodes, q.absent_dropped});
        };
        told.configured = [this](const std::vector<std::uint32_t>& nodes) {
            step(nodes_configured{nodes});
        };
        told.received = [this](ports::peer from, std::span<const std::byte> bytes) {
            step(message_received{process_of(from), bytes});
        };
        peers.listen(ports::channel::registry, std::move(told));
    }

    /// One input through the machine. Inputs that its actions cause come by post.
    /// This node knows that others may go on without it.
    [[nodiscard]] bool cut_off() const {
        return !quorate && replication.state() != machine_state::active;
    }

    void step(const input& in) {
        if (broken)
            return;
        std::vector<action> actions;
        replication.step(in, now(), actions);
        for (action& a : actions)
            std::visit([this](auto& what) { act(what); }, a);
        arm();
        schedule_rows();
        tell_state();
    }

    void act(multicast& m) {
        // What cannot be sent is lost, as it may be on the way: the machine sends again.
        peers.send(ports::channel::registry, m.bytes);
    }

    void act(write_journal& w) {
        std::uint64_t rows_index = 0;
        if (auto rows = state.take_rows()) {
            rows_index = rows->index;
            w.what.rows = std::move(rows);
        }
        ++writes_in_flight;
        store.write(std::move(w.what),
                    [self = shared_from_this(), number = w.number, rows_index](
                        journal_errc result) { self->written(number, rows_index, result); });
    }

    void written(std::uint64_t number, std::uint64_t rows_index, journal_errc result) {
        --writes_in_flight;
        if (number != 0)
            step(journal_done{number, result});
        else if (result == journal_errc::failed)
            act_fail("the registry's disk failed");
        if (rows_index != 0 && result == journal_errc::none)
            step(rows_durable{rows_index});
        finish_stop();
    }

    void act(proposal_committed& p) {
        registry_outcome result;
        if (auto known = state.outcome(p.operation))
            result = std::move(*known);
        else
            result.code = registry_errc::undecided;
        result.index = p.index;
        finish(commits, p.call, std::move(result));
    }

    void act(proposal_refused& p) {
        registry_outcome result;
        result.code = errc_of(p.why);
        finish(commits, p.call, std::move(result));
    }

    void act(read_answered& r) { finish(reads, r.call, r.fresh); }

    void act(note& n) { note_text(n.text); }

    void act(fail& f) { act_fail(f.reason); }

    void act(state_replaced& s) {
        state.loaded_at(s.index);
        note_text("the registry was received from another node, up to entry " +
                  std::to_string(s.index));
        told_state.reset();
    }

    void act_fail(const std::string& reason) {
        if (std::exchange(broken, true))
            return;
        failure = reason;
        for (const auto& [call, waiting] : commits)
            waiting->finish(undecided());
        for (const auto& [call, waiting] : reads)
            waiting->finish(false);
        tell_state();
        if (settings.failed)
            settings.failed(reason);
    }

    static registry_outcome undecided() {
        registry_outcome o;
        o.code = registry_errc::undecided;
        return o;
    }

    template <class Result>
    using calls = std::map<ticket, std::shared_ptr<waiting_call<Result>>>;

    template <class Result>
    static void finish(calls<Result>& in, ticket call, Result with) {
        if (const auto found = in.find(call); found != in.end())
            found->second->finish(std::move(with));
    }

    /// A call that is in the table as long as somebody awaits it, also when the awaiting coroutine
    /// is destroyed.
    template <class Result>
    struct entry {
        entry(boost::asio::io_context& io, calls<Result>& in, ticket call)
            : table(in), key(call), waiting(std::make_shared<waiting_call<Result>>(io)) {
            table.emplace(key, waiting);
        }
        ~entry() { table.erase(key); }
        entry(const entry&) = delete;
        entry& operator=(const entry&) = delete;

        calls<Result>& table;
        ticket key;
        std::shared_ptr<waiting_call<Result>> waiting;
    };

    static boost::asio::awaitable<registry_outcome> propose_once(std::shared_ptr<core> c,
                                                                 shared_bytes body) {
        const entry<registry_outcome> call(c->io, c->commits, ++c->last_ticket);
        c->step(propose{call.key, std::move(body)});
        if (!call.waiting->result) {
            auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
            co_await call.waiting->wake.async_wait(token);
        }
        co_return call.waiting->result.value_or(undecided());
    }

    void arm() {
        const auto deadline = replication.deadline();
        if (!deadline || broken) {
            timer.cancel();
            armed.reset();
            return;
        }
        if (armed == deadline)
            return;
        armed = deadline;
        timer.expires_at(
            steady::time_point(std::chrono::duration_cast<steady::duration>(*deadline)));
        timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (error)
                return;
            self->armed.reset();
            self->step(tick{});
        });
    }

    /// Changes reach the tables with the next entry; when none comes, by themselves.
    void schedule_rows() {
        if (!state.has_rows() || rows_scheduled || broken)
            return;
        rows_scheduled = true;
        rows_timer.expires_after(rows_delay);
        rows_timer.async_wait([self = shared_from_this()](boost::system::error_code) {
            self->rows_scheduled = false;
            self->write_rows();
        });
    }

    void write_rows() {
        if (broken || !state.has_rows())
            return;
        write_journal w;
        act(w);
    }

    void tell_state() {
        const auto current = broken ? machine_state::failed : replication.state();
        if (told_state == current)
            return;
        told_state = current;
        for (const auto& told : state_watchers)
            boost::asio::post(io, told);
    }

    void stop(std::function<void()> done) {
        step(bridge::registry::stop{});
        stopping = std::move(done);
        timer.cancel();
        rows_timer.cancel();
        write_rows();
        finish_stop();
    }

    void finish_stop() {
        if (!stopping || (writes_in_flight != 0 && !broken))
            return;
        boost::asio::post(io, std::exchange(stopping, nullptr));
    }

    boost::asio::io_context& io;
    ports::peers& peers;
    journal& store;
    replica_settings settings;
    tree_state state;
    machine replication;
    boost::asio::steady_timer timer;
    std::optional<time_point> armed;
    boost::asio::steady_timer rows_timer;
    bool rows_scheduled = false;
    std::size_t writes_in_flight = 0;
    bool quorate = false; ///< as corosync says, of whatever ring
    bool broken = false;
    std::string failure;
    ticket last_ticket = 0;
    calls<registry_outcome> commits;
    calls<bool> reads;
    std::optional<machine_state> told_state;
    std::vector<std::function<void()>> state_watchers;
    std::function<void()> stopping;
};

replica::replica(boost::asio::io_context& io, ports::peers& peers, journal& store,
                 journal_content content, model::registry_tree tree, replica_settings settings)
    : core_(std::make_shared<core>(io, peers, store, std::move(content), std::move(tree),
                                   std::move(settings))) {
    core_->listen();
}

replica::~replica() {
    core_->timer.cancel();
    core_->rows_timer.cancel();
    core_->peers.listen(ports::channel::registry, {});
}

void replica::stop(std::function<void()> done) {
    core_->stop(std::move(done));
}

const model::registry_tree& replica::tree() const {
    return core_->state.tree();
}

boost::asio::awaitable<registry_errc> replica::readable() {
    const auto c = core_;
    if (c->broken)
        co_return registry_errc::not_active;
    // Cut off and told so: no wait would help. Otherwise the answer must be fresh or none.
    if (c->cut_off())
        co_return registry_errc::stale;
    const core::entry<bool> call(c->io, c->reads, ++c->last_ticket);
    c->step(read_request{call.key});
    if (!call.waiting->result) {
        auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
        co_await call.waiting->wake.async_wait(token);
    }
    if (call.waiting->result.value_or(false))
        co_return registry_errc::none;
    co_return c->cut_off() ? registry_errc::stale : registry_errc::not_active;
}

boost::asio::awaitable<registry_outcome> replica::commit(model::registry_batch batch) {
    const auto c = core_;
    registry_outcome result;
    const auto body = std::make_shared<const std::vector<std::byte>>(model::encode_batch(batch));
    if (c->broken)
        result.code = registry_errc::not_active;
    else if (body->size() > model::registry_limit::batch_bytes ||
             batch.commands.size() > model::registry_limit::batch_commands)
        result.code = registry_errc::too_large;
    if (result.code != registry_errc::none)
        co_return result;
    const auto deadline = steady::now() + c->settings.protocol.propose_wait;
    for (;;) {
        auto proposing = core::propose_once(c, body);
        result = co_await std::move(proposing);
        // An entry that did nothing because a write to the CIB is pending: its turn comes.
        const bool waits = result.code == registry_errc::busy && result.index != 0;
        if (!waits || steady::now() >= deadline || c->broken)
            co_return result;
        boost::asio::steady_timer pause(c->io, intent_poll);
        auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
        co_await pause.async_wait(token);
    }
}

void replica::watch(handler changed) {
    core_->state.watch(std::move(changed));
}

void replica::watch_state(std::function<void()> changed) {
    core_->state_watchers.push_back(std::move(changed));
}

std::uint64_t replica::flush_rows() {
    core_->write_rows();
    return core_->state.rows_index();
}

void replica::room_changed(bool has_room) {
    core_->step(bridge::registry::room_changed{has_room});
}

void replica::confirm_dead(std::uint32_t node) {
    core_->step(node_confirmed_dead{node});
}

void replica::force() {
    core_->step(bootstrap_lineage{fresh_id()});
}

ports::registry_state replica::state() const {
    return core_->broken ? ports::registry_state::failed : state_of(core_->replication.state());
}

ports::registry_status replica::status() const {
    const machine_view v = core_->replication.view(now());
    ports::registry_status s;
    s.state = state();
    s.reason = core_->broken ? core_->failure : v.why_not_active;
    s.epoch = std::to_string(v.installed.number) + "." + std::to_string(v.installed.coordinator);
    s.last = v.last;
    s.committed = v.committed;
    const model::registry_tree& tree = core_->state.tree();
    s.keys = tree.keys();
    s.values = tree.values();
    s.bytes = tree.bytes();
    s.digest = text_of(tree.digest());
    for (const voter& voting : v.voters)
        s.members.push_back({voting.node, true, false, 0});
    for (const node_id node : v.core) {
        const auto found = std::find_if(s.members.begin(), s.members.end(),
                                        [node](const auto& m) { return m.node == node; });
        if (found != s.members.end())
            found->in_core = true;
        else
            s.members.push_back({node, false, true, 0});
    }
    for (ports::registry_member& member : s.members)
        for (const auto& [node, index] : v.confirmed)
            if (node == member.node)
                member.index = index;
    return s;
}

} // namespace bridge::registry
