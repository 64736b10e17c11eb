// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"
#include "bridge/registry/sqlite_database.hpp"
#include "bridge/registry/store_meta.hpp"

#include <string>

namespace bridge::registry {

/// Carries writes out on the tables, within transactions that its user begins and ends. It knows
/// what the file holds without asking it.
class store_writer {
public:
    /// `meta`: what the file holds, of its state the log is not needed. `db` outlives the writer.
    store_writer(database& db, store_meta meta);

    /// Puts one write into the open transaction. False: database::failure, or `refusal` says why
    /// the write would leave a file that does not pass load_store; the transaction must be rolled
    /// back.
    bool put(const journal_write& what);

    /// The transaction was committed, or rolled back: what `put` did since the last of them counts,
    /// or does not.
    void committed();
    void rolled_back();

    [[nodiscard]] const std::string& refusal() const { return refusal_; }

    /// As of the last commit.
    [[nodiscard]] const store_meta& meta() const { return durable_; }

    /// Hash of the last entry whose effects the tables hold.
    [[nodiscard]] history_hash applied_hash();

    /// Puts the whole of `meta` into empty tables.
    static bool put_all(database& db, const store_meta& meta);

private:
    void cut_after(std::uint64_t index);
    void restart_after(std::uint64_t index, const history_hash& hash);
    void append(const log_entry& entry);
    void install(const installation& what);
    void trim_to(std::uint64_t index);
    void put_rows(const row_changes& changes);
    void put_row(const row_change& row);
    history_hash hash_at(std::uint64_t index);
    void put_meta(meta_name name);
    void refuse(std::string why);
    [[nodiscard]] bool good() const { return refusal_.empty() && !db_.failed(); }

    database& db_;
    store_meta durable_, now_;
    std::string refusal_;
    statement put_meta_, append_, cut_, trim_, hash_, find_row_, put_row_, drop_row_;
};

} // namespace bridge::registry
