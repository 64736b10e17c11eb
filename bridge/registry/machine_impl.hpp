// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/history.hpp"
#include "bridge/registry/limits.hpp"
#include "bridge/registry/machine.hpp"
#include "bridge/registry/messages.hpp"
#include "bridge/registry/mutations.hpp"
#include "bridge/registry/plan.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// The inside of the machine, for its own files only. Section numbers: protocol.md.
namespace bridge::registry {

/// A process of the group, as far as it has spoken.
struct peer {
    random_id incarnation{}; ///< none: has not greeted
    std::uint64_t sequence = 0;
    join_message join;
    std::uint64_t greeted = 0; ///< order of the greetings
    bool evicted = false;      ///< was silent or did not answer; until it greets again
    bool leaving = false;
};

struct core_peer {
    life id;
    bool ready = false;
    bool left = false;             ///< the group, or only the epoch
    position confirmed;            ///< on its disk, and the same as here
    std::optional<position> ahead; ///< on its disk, not yet here
    std::uint64_t tables = 0;
    bool room = true;
    time_point heard{};
    std::int64_t time = 0;           ///< its clock, as last heard
    std::int64_t confirmed_time = 0; ///< own clock, as it last confirmed; 0: never
};

/// The epoch that this incarnation installed.
struct running_epoch {
    epoch_id id;
    std::vector<core_peer> core; ///< sorted by node
    position base;
    bool ready_sent = false;
    bool activating = false; ///< known_voters on their way to the disk
    bool active = false;
    time_point since{}; ///< installed, then active
    time_point lapse{}; ///< until then somebody outside may hold a lease
    std::uint64_t last_assigned = 0;
    std::vector<log_entry> unwritten; ///< have an index, wait for the disk
    bool appending = false;
    std::map<std::pair<node_id, random_id>, std::uint64_t>
        proposed; ///< last sequence of each origin
};

/// The epoch that this incarnation promised to take part in.
struct promised_epoch {
    epoch_id id;
    process_id coordinator;
    bool durable = false;
    bool installing = false;
    std::optional<plan_message> plan;
    std::vector<life> ready; ///< members that were ready before this one
    time_point progress{};
};

/// This node coordinates a change.
struct change_attempt {
    epoch_id epoch;
    std::vector<process_id> view, invited;
    bool sent = false;
    bool planned = false;
    std::map<process_id, member_state> states;
    time_point deadline{};
};

struct waiting_proposal {
    ticket call = 0;
    std::uint8_t kind = 0;
    shared_bytes body;
    time_point since{};
};

struct operation_in_flight {
    ticket call = 0;
    bool own = false; ///< the machine's, nobody is to be answered
    std::uint8_t kind = 0;
    operation_id operation;
    shared_bytes body;
    time_point since{};
};

struct waiting_read {
    ticket call = 0;
    std::uint64_t index = 0;
    time_point since{};
};

enum class write_kind : std::uint8_t { promise, append, install, known_voters, trim };

struct pending_write {
    std::uint64_t number = 0;
    write_kind kind{};
    epoch_id epoch;
    std::size_t entries = 0;
    epoch_id promised_before;
    std::vector<voter> known_before;
    std::shared_ptr<durable_state> before; ///< install: what there was
};

/// A learner's (and an installing member's) copy of history beyond its durable log.
struct staged_history {
    std::optional<position> snapshot; ///< `saved` is the state after this entry
    std::vector<std::byte> saved;
    std::array<std::byte, 16> digest{};
    position begin; ///< entries follow this: the snapshot, or an entry of the durable log
    std::vector<log_entry> entries;
    std::size_t bytes = 0;
};

/// What is asked of a donor.
struct transfer {
    node_id donor = 0;
    std::uint64_t up_to = 0; ///< 0: what is committed there
    bool for_install = false;
    std::uint64_t request = 0; ///< that an answer is awaited for; 0: none
    time_point asked{};
    time_point next{}; ///< pace
    unsigned tries = 0;
    bool snapshot = false;
    history_hash snapshot_id{};
    chunk_message first; ///< what the donor said of the snapshot
    std::vector<std::byte> received;
    std::uint32_t next_chunk = 0;
    std::uint32_t window = 0; ///< chunks outstanding
};

/// A saved state that is being given to learners.
struct offered_snapshot {
    position at;
    history_hash id{};
    std::array<std::byte, 16> digest{};
    std::vector<std::byte> saved;
    time_point used{};
};

inline constexpr std::uint8_t kind_operation = 0;
inline constexpr std::uint8_t kind_verify = 1;

struct machine::impl {
    impl(const machine_settings& s, durable_state loaded, replicated_state& state);

    // machine.cpp
    void step(const input& in, time_point at, std::vector<action>& to);
    void take(const joined& in);
    void take(const disconnected& in);
    void take(const rows_durable& in);
    void take(const view_changed& in);
    void take(const quorum_changed& in);
    void take(const nodes_configured& in);
    void take(const node_confirmed_dead& in);
    void take(const message_received& in);
    void take(const journal_done& in);
    void take(const propose& in);
    void take(const read_request& in);
    void take(const room_changed& in);
    void take(const bootstrap_lineage& in);
    void take(const stop& in);
    void take(const tick& in);
    void work();
    void disk_full(const pending_write& w);
    void written(const pending_write& w);
    void room_again();
    machine_view view(time_point at) const;
    machine_state state_now() const;
    std::string why_not_active(time_point at) const;
    void say(std::string text) { out->emplace_back(note{std::move(text)}); }
    void give_up(std::string reason);
    void wake_at(time_point at) { wake = wake ? std::min(*wake, at) : at; }
    /// Whether `at` has come; otherwise there will be a step then.
    bool due(time_point at) {
        if (now >= at)
            return true;
        wake_at(at);
        return false;
    }
    /// The reference is good until the next write.
    pending_write& write(journal_write what, write_kind kind, epoch_id epoch);

    // machine_wire.cpp
    void send(const message_body& body, epoch_id epoch);
    void heard_own(std::uint64_t sequence);
    void resend();
    void damaged(const process_id& from);
    peer* track(const process_id& from, const message& m);
    void dispatch(const process_id& from, const message& m);

    // machine_group.cpp
    bool in_view() const;
    bool settled() const;
    bool quorate() const { return settled() && quorum->quorate; }
    std::vector<process_id> members() const;
    bool candidate(const process_id& p) const;
    bool willing() const;
    bool learning() const;
    void greet();
    void greet_again();
    void tell_learning();
    void got(const process_id& from, const message_header& h, const join_message& m);
    void got(const process_id& from, const message_header& h, const leave_message& m);
    void remember_dead(const life& l);
    const peer* find_peer(const life& l) const;
    void watch_silence();
    std::optional<std::vector<node_id>> counted() const;
    bool former_voter() const;
    bool change_needed() const;
    void consider_change();
    void abandon_broken_promise();
    std::size_t rank() const;
    void news() { ++news_count; }

    // machine_change.cpp
    void begin_attempt();
    void promise(epoch_id epoch, process_id coordinator);
    void promise_done(epoch_id epoch);
    void try_sync();
    void answer_sync(const sync_message& m, epoch_id epoch, process_id from);
    void send_state(epoch_id epoch, bool promised);
    void got(const process_id& from, const message_header& h, const sync_message& m);
    void got(const process_id& from, const message_header& h, const state_message& m);
    void got(const process_id& from, const message_header& h, const plan_message& m);
    void watch_attempt();
    void decide();
    void follow(const process_id& from, const message_header& h, const plan_message& m);
    void set_aside(const plan_message& m);
    bool acceptable(const plan_message& m) const;
    bool plan_names_me(const plan_message& m) const;

    // machine_epoch.cpp
    bool participating() const;
    bool active() const { return run && run->active; }
    core_peer* core_member(const life& l);
    void end_epoch(const std::string& why);
    void continue_install();
    void install(const plan_message& plan);
    bool rebase(const plan_message& plan, journal_write& w);
    bool load_staged();
    void installed(epoch_id epoch);
    time_point leases_lapse(const plan_message& plan) const;
    void watch_ready();
    void got(const process_id& from, const message_header& h, const ready_message& m);
    void activate_when_ready();
    void activated();
    void resume();
    void force(const random_id& lineage);

    // machine_write.cpp
    void start_proposals();
    void send_operation(const operation_in_flight& o);
    void refuse(ticket call, refusal why) { out->emplace_back(proposal_refused{call, why}); }
    void got(const process_id& from, const message_header& h, const propose_message& m);
    void got(const process_id& from, const message_header& h, const accept_message& m);
    void flush();
    void appended(std::size_t entries);
    void confirm(core_peer& p, const position& last);
    void commit_decided();
    void commit_to(std::uint64_t index);
    void expire_operations();
    void repropose();
    void trim();
    void undecided_all();
    bool room_everywhere() const;

    // machine_lease.cpp
    void beat();
    void send_accept();
    std::optional<time_point> lease_until() const;
    bool may_serve() const;
    void answer_reads();
    void start_verification();
    void send_digest(const position& at);
    void got(const process_id& from, const message_header& h, const verify_message& m);

    // machine_transfer.cpp
    void learn_from(node_id donor, std::vector<node_id> others);
    bool node_present(node_id node) const;
    void change_donor();
    void start_fetch(node_id donor, std::uint64_t up_to, bool for_install);
    void drive_transfer();
    void ask();
    position staged_end() const;
    std::vector<position> staged_samples() const;
    std::optional<history_hash> known_hash(std::uint64_t index) const;
    bool stage(const tail_message& m);
    void no_match();
    void tail_complete();
    void snapshot_complete();
    void caught_up();
    void got(const process_id& from, const message_header& h, const fetch_message& m);
    void got(const process_id& from, const message_header& h, const tail_message& m);
    void got(const process_id& from, const message_header& h, const pull_message& m);
    void got(const process_id& from, const message_header& h, const chunk_message& m);
    void offer_snapshot();

    machine_settings settings;
    durable_state d;
    replicated_state* state;

    time_point now{};
    std::vector<action>* out = nullptr;
    std::optional<time_point> wake;
    bool started = false;

    // identity
    bool connected = false;
    bool stopped = false;
    bool failed = false;
    process_id self;
    random_id incarnation{};
    std::uint64_t sequence = 0;
    struct own_message {
        std::uint64_t sequence = 0;
        std::vector<std::byte> bytes;
    };
    std::deque<own_message> unheard;
    time_point resend_due{};
    std::chrono::milliseconds resend_pause{limits::resend};

    // group
    std::optional<view_changed> group;
    std::optional<quorum_changed> quorum;
    std::vector<node_id> configured;
    std::map<process_id, peer> peers;
    std::vector<life> dead;
    time_point view_since{};
    time_point greeted_at{};
    std::chrono::milliseconds greeting_pause{limits::greeting_again_least};
    std::uint64_t greetings = 0;
    std::optional<time_point> need_since;
    time_point next_attempt{};
    std::chrono::milliseconds back_off{0};
    std::uint64_t news_count = 1, stalled_at = 0; ///< nothing new since an attempt that had to fail
    time_point stalled_until{};
    std::string stalled_why;
    std::uint64_t highest_seen = 0; ///< epoch number

    // epochs
    bool live = false; ///< this incarnation has seen an epoch active
    epoch_id seen_active;
    std::optional<running_epoch> run;
    std::optional<promised_epoch> joined_epoch;
    std::optional<change_attempt> attempt;
    struct sync_received {
        epoch_id epoch;
        process_id from;
        sync_message m;
        time_point at{};
    };
    std::optional<sync_received> pending_sync;
    time_point granted_before{};        ///< start: what earlier lives confirmed is not known
    std::map<life, time_point> granted; ///< when a member's lease was last confirmed from here

    // disk
    std::uint64_t write_number = 0;
    std::deque<pending_write> writes;
    bool has_room = true;
    std::optional<time_point> no_room_until;

    // operations
    std::uint64_t committed = 0; ///< applied to the state in memory
    std::uint64_t operation_sequence = 0;
    std::deque<waiting_proposal> waiting;
    std::size_t waiting_bytes = 0;
    std::deque<operation_in_flight> in_flight;
    std::size_t bytes_in_flight = 0;
    std::size_t log_bytes = 0;

    // reads and leases
    std::deque<waiting_read> reads;
    time_point next_beat{};
    bool beat_soon = false;
    struct verification {
        position at;
        std::map<node_id, std::array<std::byte, 16>> digests;
    };
    std::optional<verification> verifying;
    time_point next_verify{};
    std::uint64_t verified_index = 0;
    bool writes_stopped = false; ///< members differ and no majority says who is right

    // transfer
    bool told_learning = false;   ///< what the group heard last
    std::vector<node_id> sources; ///< who may be a donor
    std::optional<transfer> fetching;
    std::optional<staged_history> staged;
    std::uint64_t request_number = 0;
    std::optional<offered_snapshot> offered;
};

} // namespace bridge::registry
