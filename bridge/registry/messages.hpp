// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/machine.hpp"
#include "bridge/registry/types.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

/// What the members of the group say to each other: structures and their bytes. Little-endian,
/// check-summed (CRC-32); what a peer claims is bounded here, what it means is judged elsewhere.
namespace bridge::registry {

/// A place in a history: the entry with this index has this hash, and so has all before it.
struct position {
    std::uint64_t index = 0;
    history_hash hash{};

    bool operator==(const position&) const = default;
};

struct support {
    std::uint16_t protocol_least = 1, protocol_most = 1;
    std::uint32_t level_least = 1, level_most = 1;

    bool operator==(const support&) const = default;
};

/// First words of a process in a view, whenever it wants to take part (again), and now and then
/// while it does not.
struct join_message {
    support supported;
    random_id store{};
    random_id lineage{}; ///< of the store; none: blank
    epoch_id promised, installed;
    bool participating = false; ///< in an epoch that is active: nothing is waited for
    bool willing = false;       ///< may be invited into the next epoch
    bool operator==(const join_message&) const = default;
};

enum class leave_reason : std::uint8_t {
    shutdown,
    disk_full,
    failed,
    epoch, ///< only from the epoch of the header: something was lost or damaged
};

struct leave_message {
    leave_reason reason{};
    bool operator==(const leave_message&) const = default;
};

/// Begins the change to the epoch of the header.
struct sync_message {
    std::vector<process_id> view;    ///< sorted: everyone in the group as the coordinator sees it
    std::vector<process_id> invited; ///< sorted: those of it that are to answer
    bool operator==(const sync_message&) const = default;
};

/// Answers sync_message: what is durable at the sender, after the promise.
struct state_message {
    bool granted = false; ///< false: `promised` is higher already, nothing else counts
    support supported;
    random_id store{};
    random_id lineage{};
    epoch_id promised, installed;
    position last;
    std::uint64_t log_start = 0; ///< entries up to this index are gone from the log
    position staged;             ///< learners: committed history held beyond the durable log
    bool live = false;           ///< has seen an epoch active in this incarnation
    bool seen_active = false;    ///< has seen `installed` active
    std::uint32_t level = 1;
    std::vector<node_id> core;
    std::vector<life> lives;
    std::vector<voter> voters, known_voters;
    std::vector<life> dead; ///< incarnations that are known to be gone
    bool operator==(const state_message&) const = default;
};

enum class quorum_basis : std::uint8_t {
    none, ///< no epoch: only learners are told where to learn
    majority,
    half,      ///< exactly half of two voters, the other one proven dead
    bootstrap, ///< all configured nodes are here and blank
};

/// The epoch of the header as the coordinator decided it.
struct plan_message {
    quorum_basis basis{};
    random_id lineage{};
    std::uint32_t level = 1;
    position base;
    epoch_id base_epoch; ///< installed epoch of the state chosen
    node_id donor = 0;   ///< has the base
    std::vector<life> core;
    std::vector<node_id> learners;
    node_id learners_donor = 0;
    std::vector<life> lives;
    std::vector<voter> base_voters; ///< whom the quorum rule was applied to
    std::vector<voter> base_known;  ///< and these (joint rule); known_voters of the installation
    std::vector<voter> core_voters; ///< the core with its stores
    std::vector<voter> voters;      ///< from now on
    std::vector<life> proofs;       ///< half rule: absent voters' incarnations that are gone
    std::vector<node_id> stopped;   ///< promised this epoch: nobody there serves an older one
    bool operator==(const plan_message&) const = default;
};

struct ready_message {
    position base;
    std::uint64_t applied = 0;
    std::array<std::byte, 16> digest{}; ///< of the state at `applied`
    bool operator==(const ready_message&) const = default;
};

struct propose_message {
    operation_id operation;
    std::uint8_t kind = 0;
    shared_bytes body;
};

/// Time on the clock of a member, nanoseconds.
struct member_time {
    node_id node = 0;
    std::int64_t time = 0;
    bool operator==(const member_time&) const = default;
};

/// What the sender has on its disk; also its sign of life.
struct accept_message {
    position last;            ///< cumulative
    std::uint64_t tables = 0; ///< effects up to here are in the tables on its disk
    bool room = true;
    std::int64_t time = 0;         ///< sender's clock; 0: asks for no lease
    std::vector<member_time> seen; ///< last time of each other member that the sender got
    bool operator==(const accept_message&) const = default;
};

/// Asks `donor` for entries behind the first of `samples` that it has.
struct fetch_message {
    node_id donor = 0;
    std::uint64_t request = 0;
    std::uint64_t up_to = 0;       ///< 0: what is committed at the donor
    std::vector<position> samples; ///< falling
    bool operator==(const fetch_message&) const = default;
};

struct tail_message {
    node_id to = 0;
    std::uint64_t request = 0;
    bool matched = false;   ///< false: none of the samples is in the donor's log
    position before;        ///< the sample that was found
    std::uint64_t goal = 0; ///< last index the donor would send
    std::vector<log_entry> entries;
};

/// Asks `donor` for a part of its saved state.
struct pull_message {
    node_id donor = 0;
    std::uint64_t request = 0;
    history_hash snapshot{}; ///< SHA-256 of the saved state; none: whatever there is
    std::uint32_t first = 0; ///< chunk
    std::uint32_t count = 1;
    bool operator==(const pull_message&) const = default;
};

struct chunk_message {
    node_id to = 0;
    std::uint64_t request = 0;
    history_hash snapshot{};
    position at; ///< the state is that after this entry
    std::array<std::byte, 16> digest{};
    std::uint64_t total = 0; ///< bytes of the saved state
    std::uint32_t number = 0;
    std::vector<std::byte> data;
    bool operator==(const chunk_message&) const = default;
};

/// Digest of the state after the entry with this index.
struct verify_message {
    position at;
    std::array<std::byte, 16> digest{};
    bool operator==(const verify_message&) const = default;
};

using message_body =
    std::variant<join_message, leave_message, sync_message, state_message, plan_message,
                 ready_message, propose_message, accept_message, fetch_message, tail_message,
                 pull_message, chunk_message, verify_message>;

struct message_header {
    random_id lineage{};
    epoch_id epoch; ///< that the message is about
    node_id sender = 0;
    random_id incarnation{};
    std::uint64_t sequence = 0; ///< of the sender's incarnation, from 1 without gap
    bool operator==(const message_header&) const = default;
};

struct message {
    message_header header;
    message_body body;
};

/// At most max_message_bytes when the body keeps the limits.
std::vector<std::byte> encode(const message_header& header, const message_body& body);

/// Nothing when a byte is not as it should be: magic, protocol, length, check sum, any bound.
std::optional<message> decode(std::span<const std::byte> bytes);

} // namespace bridge::registry
