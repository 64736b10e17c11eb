// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_schema.hpp"

#include "bridge/registry/store_files.hpp"

#include <unistd.h>

#include <map>

namespace bridge::registry {

namespace {

// Numbers of 64 bits are stored as the signed ones with the same bits. The rows carry what opening
// checks: see store_load. Keys and values of the tables are small as a rule, so that a row without
// a number of its own saves the second tree; large values go to overflow pages either way.
constexpr const char* tables_1 = R"(
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE log (
    "index" INTEGER PRIMARY KEY,
    epoch_number INTEGER NOT NULL,
    epoch_coordinator INTEGER NOT NULL,
    operation_node INTEGER NOT NULL,
    operation_incarnation BLOB NOT NULL,
    operation_sequence INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE rows (
    key BLOB PRIMARY KEY,
    value BLOB NOT NULL,
    crc INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)";

constexpr schema_plan schema_1{1, tables_1, {}};

std::string pragma(const char* name, std::int64_t value) {
    return std::string("PRAGMA ") + name + " = " + std::to_string(value);
}

using table_texts = std::map<std::string, std::string>;

table_texts tables_of(database& db) {
    table_texts out;
    statement query(db, "SELECT name, sql FROM sqlite_schema");
    while (query.next())
        out.emplace(query.text(0), query.text(1));
    return out;
}

} // namespace

const schema_plan& current_schema() {
    return schema_1;
}

bool set_up_connection(database& db) {
    // Checkpoints are run by hand: the automatic one runs within a commit, which waits for it, and
    // swallows its errors. What a checkpoint leaves of a WAL larger than the limit is cut off.
    return db.run("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
                  "PRAGMA cache_size = -8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 16777216") &&
           db.text("PRAGMA journal_mode") == "wal";
}

schema_state schema_of(database& db, const schema_plan& plan, std::int64_t application) {
    const auto mark = db.number("PRAGMA application_id");
    const auto version = db.number("PRAGMA user_version");
    const auto tables = db.number("SELECT count(*) FROM sqlite_schema");
    if (db.failed())
        return schema_state::failed;
    if (mark == 0 && version == 0 && tables == 0)
        return schema_state::blank;
    if (mark != application || version < 1)
        return schema_state::foreign;
    if (version > plan.version)
        return schema_state::newer;
    return version < plan.version ? schema_state::older : schema_state::current;
}

bool create_schema(database& db, const schema_plan& plan, std::int64_t application) {
    return db.run(plan.tables) && db.run(pragma("application_id", application).c_str()) &&
           db.run(pragma("user_version", plan.version).c_str());
}

bool migrate_schema(database& db, const schema_plan& plan, const std::filesystem::path& copy,
                    std::string& why) {
    ::unlink(copy.c_str());
    auto error = make_private_file(copy);
    if (!error) {
        statement(db, "VACUUM INTO ?1").with(std::string_view(copy.native())).run();
        if (db.failed())
            return false;
        error = sync_path(copy);
    }
    if (!error)
        error = sync_path(copy.parent_path());
    if (error) {
        why = "cannot make the copy " + copy.string() + ": " + error.message();
        return false;
    }
    const auto version = db.number("PRAGMA user_version");
    db.run("BEGIN IMMEDIATE");
    for (auto at = static_cast<std::size_t>(version) - 1; at < plan.steps.size(); ++at)
        db.run(plan.steps[at].sql);
    db.run(pragma("user_version", plan.version).c_str());
    return db.run("COMMIT"); // closing the connection rolls back what failed
}

std::filesystem::path copy_before_migration(const std::filesystem::path& file,
                                            std::int64_t version) {
    auto out = file;
    out += ".version-" + std::to_string(version);
    return out;
}

std::optional<std::string> schema_damage(database& db, const schema_plan& plan) {
    database wanted(":memory:", database::access::create);
    wanted.run(plan.tables);
    const auto found = tables_of(db);
    if (db.failed() || found == tables_of(wanted))
        return std::nullopt;
    return "the tables are not those of schema version " + std::to_string(plan.version);
}

} // namespace bridge::registry
