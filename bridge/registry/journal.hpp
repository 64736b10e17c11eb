// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/types.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bridge::registry {

/// An epoch taken over, in one transaction with the log that it begins with.
struct installation {
    random_id lineage{};
    epoch_id epoch;
    std::vector<node_id> core;
    std::vector<life> lives;
    std::vector<voter> voters;
    std::vector<voter> known_voters;
    std::uint32_t level = 1;
};

/// One row of the tables, as the replicated state writes it: opaque here.
struct row_change {
    std::vector<std::byte> key;
    std::optional<std::vector<std::byte>> value; ///< nullopt: the row goes
};

/// What the tables hold when the entries up to `index` have been applied.
struct row_changes {
    std::uint64_t index = 0;
    bool everything = false; ///< the rows replace all rows that were there
    std::vector<row_change> rows;
};

/// One transaction: all of it or nothing. Parts are carried out in this order.
struct journal_write {
    std::optional<epoch_id> promised;
    std::optional<std::uint64_t> cut_after; ///< log entries with a greater index go
    /// The log begins after this index, with this hash: what was there goes (state transfer).
    std::optional<std::pair<std::uint64_t, history_hash>> restart_after;
    std::vector<log_entry> append;
    std::optional<installation> installed;
    std::optional<std::vector<voter>> known_voters;
    std::optional<std::uint64_t> trim_to; ///< log entries up to this index go
    std::optional<row_changes> rows;
};

enum class journal_errc : std::uint8_t {
    none = 0,
    full,   ///< no space; the transaction did not happen, the journal can be used on
    failed, ///< anything else: nothing may be written any more
};

/// Durable storage of one node. Writes are carried out one after the other; several that wait may
/// share one synchronisation with the disk.
class journal {
public:
    using completion = std::function<void(journal_errc)>;

    virtual ~journal() = default;

    /// `done` runs on the caller's thread when the write is on the disk (fsync), or did not happen.
    /// Completions run in the order of the writes.
    virtual void write(journal_write what, completion done) = 0;

    /// Bytes that may still be written before `full` is near: below its reserve a node takes no new
    /// operations.
    [[nodiscard]] virtual bool has_room() const = 0;
};

/// What a journal held when it was opened.
struct journal_content {
    durable_state state;
    std::vector<row_change> rows; ///< each with a value
};

} // namespace bridge::registry
