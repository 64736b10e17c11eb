// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_load.hpp"

#include "bridge/registry/history.hpp"

#include <algorithm>
#include <bitset>

namespace bridge::registry {

namespace {

using damage = std::optional<std::string>;

template <std::size_t Size>
bool copy_exactly(std::span<const std::byte> from, std::array<std::byte, Size>& into) {
    if (from.size() != Size)
        return false;
    std::ranges::copy(from, into.begin());
    return true;
}

damage check_structure(database& db) {
    // quick_check and not integrity_check: there is no index whose content could differ.
    const auto said = db.text("PRAGMA quick_check(1)");
    if (db.failed() || said == "ok")
        return std::nullopt;
    return "structure: " + said;
}

damage load_meta(database& db, store_meta& into) {
    std::bitset<meta_names> seen;
    statement query(db, "SELECT name, value, crc FROM meta");
    while (query.next()) {
        const auto text = query.text(0);
        const auto name = meta_name_of(text);
        if (!name)
            return "meta: unknown name \"" + std::string(text) + "\"";
        if (query.number(2) != check_sum(std::as_bytes(std::span(text)), query.bytes(1)))
            return "meta: the check sum of \"" + std::string(text) + "\" is wrong";
        if (!decode(*name, query.bytes(1), into))
            return "meta: the value of \"" + std::string(text) + "\" is malformed";
        seen.set(static_cast<std::size_t>(*name));
    }
    if (db.failed() || seen.all())
        return std::nullopt;
    for (std::size_t at = 0; at < meta_names; ++at)
        if (!seen.test(at))
            return "meta: \"" + std::string(to_text(static_cast<meta_name>(at))) + "\" is missing";
    return std::nullopt;
}

bool read_entry(const statement& query, log_entry& entry) {
    entry.index = static_cast<std::uint64_t>(query.number(0));
    entry.epoch.number = static_cast<std::uint64_t>(query.number(1));
    entry.epoch.coordinator = static_cast<node_id>(query.number(2));
    entry.operation.node = static_cast<node_id>(query.number(3));
    entry.operation.sequence = static_cast<std::uint64_t>(query.number(5));
    entry.kind = static_cast<std::uint8_t>(query.number(6));
    const auto body = query.bytes(8);
    entry.body = std::make_shared<const std::vector<std::byte>>(body.begin(), body.end());
    return copy_exactly(query.bytes(4), entry.operation.incarnation) &&
           copy_exactly(query.bytes(7), entry.hash);
}

damage load_log(database& db, store_meta& into) {
    const auto& where = into.where;
    if (where.trimmed > where.applied || where.applied > where.last)
        return "meta: the positions trimmed, applied and last contradict each other";
    auto& log = into.state.log;
    log.clear();
    auto index = where.trimmed;
    auto hash = where.trimmed_hash;
    statement query(db, "SELECT \"index\", epoch_number, epoch_coordinator, operation_node,"
                        " operation_incarnation, operation_sequence, kind, hash, body"
                        " FROM log ORDER BY \"index\"");
    while (query.next()) {
        log_entry entry;
        const bool whole = read_entry(query, entry);
        if (entry.index != ++index)
            return "log: entry " + std::to_string(index) + " is missing";
        hash = extend(hash, entry);
        if (!whole || hash != entry.hash)
            return "log: the hash of entry " + std::to_string(index) + " is wrong";
        log.push_back(std::move(entry));
    }
    if (!db.failed() && (index != where.last || hash != where.last_hash))
        return "log: it ends at entry " + std::to_string(index) + " and not as recorded at " +
               std::to_string(where.last);
    return std::nullopt;
}

damage load_rows(database& db, const store_position& where, load_what what,
                 std::vector<row_change>& rows) {
    std::uint64_t count = 0, sum = 0;
    rows.clear();
    if (what == load_what::everything) {
        const auto counted = db.number("SELECT count(*) FROM rows");
        rows.reserve(static_cast<std::size_t>(std::max<std::int64_t>(counted, 0)));
    }
    statement query(db, "SELECT key, value, crc FROM rows ORDER BY key");
    while (query.next()) {
        const auto key = query.bytes(0), value = query.bytes(1);
        const auto crc = check_sum(key, value);
        if (query.number(2) != crc)
            return "rows: the check sum of row " + std::to_string(count + 1) + " is wrong";
        ++count;
        sum += crc;
        if (what == load_what::everything)
            rows.push_back(
                {{key.begin(), key.end()}, std::vector<std::byte>(value.begin(), value.end())});
    }
    if (!db.failed() && (count != where.rows || sum != where.rows_sum))
        return "rows: they are not the " + std::to_string(where.rows) + " rows that were recorded";
    return std::nullopt;
}

} // namespace

std::optional<std::string> load_store(database& db, load_what what, loaded_store& into) {
    // One view of the file for all of it.
    db.run("BEGIN");
    auto found = check_structure(db);
    if (!found && !db.failed())
        found = load_meta(db, into.meta);
    if (!found && !db.failed())
        found = load_log(db, into.meta);
    if (!found && !db.failed())
        found = load_rows(db, into.meta.where, what, into.rows);
    db.run("COMMIT");
    return found;
}

} // namespace bridge::registry
