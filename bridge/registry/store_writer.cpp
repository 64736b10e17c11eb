// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_writer.hpp"

#include "bridge/registry/history.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace bridge::registry {

namespace {

constexpr const char* put_meta_sql = "INSERT OR REPLACE INTO meta VALUES (?1, ?2, ?3)";

/// Numbers of the table are signed, and its order is theirs.
constexpr std::uint64_t last_index = std::numeric_limits<std::int64_t>::max();

bool run_put_meta(statement& put, meta_name name, const store_meta& from) {
    const auto text = to_text(name);
    const auto value = encode(name, from);
    return put
        .with(text, std::span<const std::byte>(value),
              check_sum(std::as_bytes(std::span(text)), value))
        .run();
}

} // namespace

store_writer::store_writer(database& db, store_meta meta)
    : db_(db), durable_(std::move(meta)), put_meta_(db, put_meta_sql),
      append_(db, "INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      cut_(db, "DELETE FROM log WHERE \"index\" > ?1"),
      trim_(db, "DELETE FROM log WHERE \"index\" <= ?1"),
      hash_(db, "SELECT hash FROM log WHERE \"index\" = ?1"),
      find_row_(db, "SELECT crc FROM rows WHERE key = ?1"),
      put_row_(db, "INSERT OR REPLACE INTO rows VALUES (?1, ?2, ?3)"),
      drop_row_(db, "DELETE FROM rows WHERE key = ?1") {
    durable_.state.log.clear();
    now_ = durable_;
}

bool store_writer::put(const journal_write& what) {
    const auto before = now_.where;
    if (what.promised) {
        now_.state.promised = *what.promised;
        put_meta(meta_name::promised);
    }
    if (what.cut_after)
        cut_after(*what.cut_after);
    if (what.restart_after)
        restart_after(what.restart_after->first, what.restart_after->second);
    for (const auto& entry : what.append)
        append(entry);
    if (what.installed)
        install(*what.installed);
    if (what.known_voters && what.known_voters->size() > max_meta_list)
        refuse("a list of " + std::to_string(what.known_voters->size()) + " voters");
    else if (what.known_voters) {
        now_.state.known_voters = *what.known_voters;
        put_meta(meta_name::known_voters);
    }
    if (what.trim_to)
        trim_to(*what.trim_to);
    if (what.rows)
        put_rows(*what.rows);
    const auto& where = now_.where;
    if (where.trimmed > where.applied || where.applied > where.last)
        refuse("the tables would be at entry " + std::to_string(where.applied) +
               " and the log hold entries after " + std::to_string(where.trimmed) + " up to " +
               std::to_string(where.last));
    if (where != before)
        put_meta(meta_name::position);
    return good();
}

void store_writer::committed() {
    durable_ = now_;
}

void store_writer::rolled_back() {
    now_ = durable_;
    refusal_.clear();
}

history_hash store_writer::applied_hash() {
    return hash_at(now_.where.applied);
}

bool store_writer::put_all(database& db, const store_meta& meta) {
    statement put(db, put_meta_sql);
    for (std::size_t at = 0; at < meta_names; ++at)
        run_put_meta(put, static_cast<meta_name>(at), meta);
    return !db.failed();
}

void store_writer::cut_after(std::uint64_t index) {
    auto& where = now_.where;
    if (index >= where.last)
        return;
    if (index < where.trimmed)
        return refuse("the log would be cut after entry " + std::to_string(index) +
                      ", which is no longer in it");
    where.last_hash = hash_at(index);
    where.last = index;
    cut_.with(index).run();
}

void store_writer::restart_after(std::uint64_t index, const history_hash& hash) {
    if (index >= last_index)
        return refuse("the log would begin after entry " + std::to_string(index));
    db_.run("DELETE FROM log");
    auto& where = now_.where;
    where.trimmed = where.last = index;
    where.trimmed_hash = where.last_hash = hash;
}

void store_writer::append(const log_entry& entry) {
    auto& where = now_.where;
    if (!good())
        return;
    if (entry.index != where.last + 1 || entry.index > last_index || !entry.body)
        return refuse("entry " + std::to_string(entry.index) + " would follow entry " +
                      std::to_string(where.last));
    // What is stored must be what will be found right when the file is opened.
    if (extend(where.last_hash, entry) != entry.hash)
        return refuse("entry " + std::to_string(entry.index) + " has a wrong hash");
    append_
        .with(entry.index, entry.epoch.number, entry.epoch.coordinator, entry.operation.node,
              std::span<const std::byte>(entry.operation.incarnation), entry.operation.sequence,
              entry.kind, std::span<const std::byte>(entry.hash),
              std::span<const std::byte>(*entry.body))
        .run();
    where.last = entry.index;
    where.last_hash = entry.hash;
}

void store_writer::install(const installation& what) {
    for (const auto size :
         {what.core.size(), what.lives.size(), what.voters.size(), what.known_voters.size()})
        if (size > max_meta_list)
            return refuse("an epoch of " + std::to_string(size) + " members");
    auto& state = now_.state;
    state.lineage = what.lineage;
    state.installed = what.epoch;
    state.core = what.core;
    state.lives = what.lives;
    state.voters = what.voters;
    state.known_voters = what.known_voters;
    state.level = what.level;
    for (const auto name :
         {meta_name::lineage, meta_name::installed, meta_name::core, meta_name::lives,
          meta_name::voters, meta_name::known_voters, meta_name::level})
        put_meta(name);
}

void store_writer::trim_to(std::uint64_t index) {
    auto& where = now_.where;
    if (index <= where.trimmed)
        return;
    if (index > where.last)
        return refuse("the log would be trimmed to entry " + std::to_string(index) +
                      ", which is not in it");
    where.trimmed_hash = hash_at(index);
    where.trimmed = index;
    trim_.with(index).run();
}

void store_writer::put_rows(const row_changes& changes) {
    auto& where = now_.where;
    if (changes.everything) {
        db_.run("DELETE FROM rows");
        where.rows = where.rows_sum = 0;
    }
    for (const auto& row : changes.rows)
        put_row(row);
    where.applied = changes.index;
}

void store_writer::put_row(const row_change& row) {
    if (!good())
        return;
    auto& where = now_.where;
    const std::span<const std::byte> key(row.key);
    if (find_row_.with(key).next()) {
        where.rows_sum -= static_cast<std::uint64_t>(find_row_.number(0));
        --where.rows;
        find_row_.end();
        if (!row.value)
            drop_row_.with(key).run();
    }
    if (!row.value)
        return;
    const auto crc = check_sum(key, *row.value);
    put_row_.with(key, std::span<const std::byte>(*row.value), crc).run();
    where.rows_sum += crc;
    ++where.rows;
}

history_hash store_writer::hash_at(std::uint64_t index) {
    if (index == now_.where.trimmed)
        return now_.where.trimmed_hash;
    if (index == now_.where.last)
        return now_.where.last_hash;
    history_hash out{};
    if (!hash_.with(index).next() || hash_.bytes(0).size() != out.size()) {
        refuse("entry " + std::to_string(index) + " is not in the log");
        return out;
    }
    std::ranges::copy(hash_.bytes(0), out.begin());
    hash_.end();
    return out;
}

void store_writer::put_meta(meta_name name) {
    if (good())
        run_put_meta(put_meta_, name, now_);
}

void store_writer::refuse(std::string why) {
    // Behind an error nothing is read any more: what looks missing then is not.
    if (good())
        refusal_ = std::move(why);
}

} // namespace bridge::registry
