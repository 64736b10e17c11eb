// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"
#include "bridge/registry/types.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// The replication protocol as a pure state machine: input in, actions out; no clock, no I/O, no
/// randomness of its own.
namespace bridge::registry {

using ticket = std::uint64_t; ///< the driver's name for a client call

// ---- the replicated state
// ------------------------------------------------------------------------

/// What entries mean. Pure and deterministic. The machine calls it for each committed entry, once,
/// in order.
class replicated_state {
public:
    virtual ~replicated_state() = default;

    /// Applies one committed entry. What came of it is kept by the implementation for whoever asked
    /// (by operation id) and for the tables.
    virtual void apply(const log_entry& entry) = 0;

    /// Commutative digest of the whole state.
    [[nodiscard]] virtual std::array<std::byte, 16> digest() const = 0;

    /// The whole state as bytes, for a member that lacks the log; the index is the machine's.
    [[nodiscard]] virtual std::vector<std::byte> save() const = 0;

    /// Takes over a saved state; false when it is malformed (nothing has changed then).
    virtual bool load(std::span<const std::byte> saved) = 0;
};

// ---- inputs
// --------------------------------------------------------------------------------------

struct ring_id {
    node_id node = 0;
    std::uint64_t sequence = 0;

    auto operator<=>(const ring_id&) const = default;
};

/// How a process left the group, as far as that proves anything.
enum class departure : std::uint8_t {
    left,         ///< it said so (CPG reason LEAVE)
    process_died, ///< PROCDOWN while its node is in the ring
    node_lost,    ///< proves nothing
};

/// The group changed. `members` is the whole group, this process included.
struct view_changed {
    ring_id ring;
    std::vector<process_id> members; ///< sorted
    std::vector<std::pair<process_id, departure>> left;
};

struct quorum_changed {
    ring_id ring;
    bool quorate = false;
    std::vector<node_id> nodes; ///< in the ring, sorted
    /// Corosync does not count nodes outside of the ring any more (last_man_standing): they are to
    /// be voters no longer.
    bool absent_dropped = false;
};

/// The node list of the cluster's configuration.
struct nodes_configured {
    std::vector<node_id> nodes; ///< sorted
};

/// Proof that whatever ran on the node before is gone: fenced, or confirmed by the operator. Only
/// when that is newer than all that was heard of the node; what runs in the group now is excepted.
struct node_confirmed_dead {
    node_id node = 0;
};

struct message_received {
    process_id from;
    std::span<const std::byte> bytes;
};

/// The write with this number is on the disk, or failed.
struct journal_done {
    std::uint64_t number = 0;
    journal_errc result = journal_errc::none;
};

/// A client's write. The body is what replicated_state::apply will get.
struct propose {
    ticket call = 0;
    shared_bytes body;
};

/// A client asks whether it may read the state now.
struct read_request {
    ticket call = 0;
};

struct room_changed {
    bool has_room = true; ///< for new entries, on this node's disk
};

/// This process joined the group under this identity. `incarnation` is fresh random for every join.
struct joined {
    process_id self;
    random_id incarnation{};
};

/// The connection to the group is gone; what was multicast may or may not arrive anywhere.
struct disconnected {};

/// The tables on the disk hold the effects of all entries up to here; the log may be trimmed so
/// far.
struct rows_durable {
    std::uint64_t index = 0;
};

/// Operator commands.
/// Begin a registry with this node alone as voter (forced), under a lineage that never was; none:
/// machine_settings::seed_lineage. Stores of the old lineage are refused from then on.
struct bootstrap_lineage {
    random_id lineage{};
};
struct stop {}; ///< say goodbye; nothing is served any more

/// Time has passed; `now` of the step is all there is to it.
struct tick {};

using input = std::variant<joined, disconnected, rows_durable, view_changed, quorum_changed,
                           nodes_configured, node_confirmed_dead, message_received, journal_done,
                           propose, read_request, room_changed, bootstrap_lineage, stop, tick>;

// ---- actions
// -------------------------------------------------------------------------------------

/// To everyone in the group, this process included, in order. At most max_message_bytes.
struct multicast {
    std::vector<std::byte> bytes;
};

/// To be written durably; answered by journal_done with the same number, in order. A write with
/// `restart_after` must carry the rows of the whole state too: the driver adds them, the state is
/// at that very index when the step returns. To any other write the driver may add rows.
struct write_journal {
    std::uint64_t number = 0;
    journal_write what;
};

enum class refusal : std::uint8_t {
    not_active, ///< no quorate, synchronised registry here
    busy,
    disk_full,
    too_large,
    undecided, ///< this daemon stops, or gives up waiting, before it knows
};

/// A proposal was committed and applied: `index` of its entry.
struct proposal_committed {
    ticket call = 0;
    std::uint64_t index = 0;
    operation_id operation;
};

/// A proposal is not applied and never will be (for `undecided`: may be).
struct proposal_refused {
    ticket call = 0;
    refusal why{};
};

struct read_answered {
    ticket call = 0;
    bool fresh = false;
};

/// Something an administrator should see. Rate limits are the driver's.
struct note {
    std::string text;
};

/// The node must not go on: the process ends (disk broken, history diverged).
struct fail {
    std::string reason;
};

/// The state was replaced by another member's (replicated_state::load has been called).
struct state_replaced {
    std::uint64_t index = 0;
};

using action = std::variant<multicast, write_journal, proposal_committed, proposal_refused,
                            read_answered, note, fail, state_replaced>;

// ---- the machine
// ---------------------------------------------------------------------------------

using time_point = std::chrono::nanoseconds; ///< monotonic; the origin does not matter

struct machine_settings {
    random_id seed_lineage{}; ///< lineage to begin when all configured nodes are present and blank
    std::chrono::milliseconds lease{1000};
    std::chrono::milliseconds lease_interval{250};
    std::chrono::milliseconds silence{2000};       ///< a core member this silent is left out
    std::chrono::milliseconds sync_deadline{2000}; ///< for answers to an epoch change
    std::chrono::milliseconds read_wait{5000};
    std::chrono::milliseconds propose_wait{5000};
    std::size_t operations_in_flight = 64;
    std::size_t bytes_in_flight = 4U << 20;
    std::size_t waiting_reads = 1024;
    std::size_t log_entries = 10'000;
    std::size_t log_bytes = 64U << 20;
    /// Further behind, a member learns before it takes part, if the others can go on without it.
    std::uint64_t near_entries = 1000;
    /// A learner that is so close to its donor asks to take part.
    std::uint64_t caught_up_entries = 64;
    bool unsafe_two_node = false; ///< go on alone without proof that the peer is dead
};

/// Largest message that the machine multicasts.
inline constexpr std::size_t max_message_bytes = 920U << 10;

enum class machine_state : std::uint8_t { out, promised, installed, active, learning, failed };

/// For status and tests; a copy.
struct machine_view {
    machine_state state = machine_state::out;
    epoch_id promised, installed;
    std::vector<node_id> core;
    std::vector<voter> voters;
    std::uint64_t last = 0;                                   ///< last entry in the log
    std::uint64_t committed = 0;                              ///< last applied entry
    std::vector<std::pair<node_id, std::uint64_t>> confirmed; ///< per core member
    bool lease_valid = false;
    std::string why_not_active;
};

class machine {
public:
    /// `state` outlives the machine and holds what the journal's rows said.
    machine(const machine_settings& settings, durable_state loaded, replicated_state& state);
    ~machine();
    machine(machine&&) noexcept;
    machine& operator=(machine&&) noexcept;

    /// Takes one input and appends what is to be done, in order. `now` never goes back.
    void step(const input& in, time_point now, std::vector<action>& out);

    /// When to send a tick at the latest; nullopt: nothing is waiting for time.
    [[nodiscard]] std::optional<time_point> deadline() const;

    [[nodiscard]] machine_view view(time_point now) const;
    [[nodiscard]] machine_state state() const; ///< as in view()

    /// What is durable if every write so far reached the disk; for tests and state dumps.
    [[nodiscard]] const durable_state& durable() const;

private:
    friend struct machine_probe; ///< of the simulation
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace bridge::registry
