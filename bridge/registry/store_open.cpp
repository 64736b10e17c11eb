// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_open.hpp"

#include "bridge/registry/store_wal.hpp"
#include "bridge/registry/store_writer.hpp"

#include "bridge/win32/invariant.hpp"

#include <sqlite3.h>
#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace bridge::registry {

namespace {

using std::filesystem::path;

/// Oldest go first: what was set aside must not fill the disk in the end.
constexpr std::size_t max_set_aside = 4;

open_error damaged(const path& file, const std::string& what) {
    return {open_errc::damaged, file.string() + " is damaged: " + what};
}

open_error failed(const path& file, const sqlite_failure& failure) {
    if (failure.is_damage())
        return damaged(file, failure.what);
    return {open_errc::unusable, "cannot use " + file.string() + ": " + failure.what};
}

open_error failed(const path& file, const std::error_code& error) {
    return {open_errc::unusable, "cannot use " + file.string() + ": " + error.message()};
}

random_id new_id() {
    random_id out;
    const auto got = ::getrandom(out.data(), out.size(), 0);
    BRIDGE_INVARIANT(got == static_cast<ssize_t>(out.size()));
    return out;
}

open_error wrong_schema(const path& file, schema_state state, database& db) {
    if (state == schema_state::newer)
        return {open_errc::newer,
                file.string() + " has schema version " +
                    std::to_string(db.number("PRAGMA user_version")) +
                    ", which is of a later clusbridge: install at least that package"};
    return {open_errc::foreign, file.string() + " is not a registry of this kind"};
}

bool create_blank(database& db, const schema_plan& plan) {
    store_meta blank;
    blank.state.store = new_id();
    return db.run("BEGIN IMMEDIATE") && create_schema(db, plan, store_application) &&
           store_writer::put_all(db, blank) && db.run("COMMIT");
}

/// Writes the WAL back. It synchronises WAL and file: what a killed process had written without
/// that is read as if it were durable, so it has to become it. It also begins a WAL of its own,
/// so that no remains of an older one lie behind what comes (store_wal).
bool make_durable(database& db) {
    return db.check(
        sqlite3_wal_checkpoint_v2(db.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr));
}

/// Takes a file of an older schema to the plan's; an error, or nothing.
std::optional<open_error> migrate(const path& file, database& db, const schema_plan& plan) {
    std::string why;
    const auto copy = copy_before_migration(file, db.number("PRAGMA user_version"));
    if (make_durable(db) && !migrate_schema(db, plan, copy, why) && !why.empty())
        return open_error{open_errc::unusable, why};
    return std::nullopt;
}

/// Sets the connection up and brings the file to the plan's schema; an error, or nothing.
std::optional<open_error> prepare(const path& file, database& db, const schema_plan& plan) {
    const auto state = schema_of(db, plan, store_application);
    if (db.failed())
        return failed(file, db.failure());
    if (state == schema_state::newer || state == schema_state::foreign)
        return wrong_schema(file, state, db);
    if (!set_up_connection(db) && !db.failed())
        return open_error{open_errc::unusable, file.string() + ": no write-ahead log is possible"};
    if (state == schema_state::blank)
        create_blank(db, plan);
    if (state == schema_state::older)
        if (auto error = migrate(file, db, plan))
            return error;
    if (const auto damage = schema_damage(db, plan))
        return damaged(file, *damage);
    if (db.failed())
        return failed(file, db.failure());
    return std::nullopt;
}

/// What the files say before SQLite looks at them; an error, or nothing.
std::optional<open_error> prepare_files(const path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file)) // its WAL is nothing without it
        std::filesystem::remove(wal_of(file), ignored);
    if (const auto error = make_private_file(file))
        return failed(file, error);
    // SQLite would drop the WAL and take the store for a blank one.
    if (std::filesystem::file_size(file, ignored) == 0 && std::filesystem::exists(wal_of(file)) &&
        std::filesystem::file_size(wal_of(file), ignored) > 0)
        return damaged(file, "it is empty and has a write-ahead log");
    if (const auto damage = wal_damage(wal_of(file).string()))
        return damaged(file, *damage);
    return std::nullopt;
}

std::optional<open_error> lock(const path& file, file_descriptor& into) {
    const auto error = lock_database(file, into);
    if (!error)
        return std::nullopt;
    if (error == std::errc::resource_unavailable_try_again)
        return open_error{open_errc::in_use, file.string() + " is in use by another process"};
    return failed(lock_of(file), error);
}

void remove_older(const path& database) {
    std::vector<path> found;
    const auto prefix = database.filename().string() + ".bad-";
    std::error_code ignored; // evidence too many is no reason to fail
    for (const auto& entry : std::filesystem::directory_iterator(database.parent_path(), ignored)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with(prefix) && !name.ends_with("-wal"))
            found.push_back(entry.path());
    }
    std::ranges::sort(found);
    for (std::size_t at = 0; at + max_set_aside < found.size(); ++at) {
        std::filesystem::remove(found[at], ignored);
        std::filesystem::remove(wal_of(found[at]), ignored);
    }
}

/// A name that sorts by time and is free.
path name_aside(const path& database) {
    using namespace std::chrono;
    auto millis = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    for (;; ++millis) {
        auto out = database;
        out += ".bad-" + std::to_string(millis);
        if (!std::filesystem::exists(out))
            return out;
    }
}

} // namespace

boost::system::result<store_file, open_error>
open_store_file(const path& name, const std::string& vfs, const schema_plan& plan) {
    const auto file = std::filesystem::absolute(name);
    if (const auto error = make_private_folder(file.parent_path()))
        return failed(file.parent_path(), error);
    store_file out;
    if (auto error = lock(file, out.lock))
        return std::move(*error);
    if (auto error = prepare_files(file))
        return std::move(*error);
    out.db = std::make_unique<database>(file.string(), database::access::read_write, vfs);
    auto& db = *out.db;
    if (auto error = prepare(file, db, plan))
        return std::move(*error);
    const auto damage =
        !make_durable(db) ? std::nullopt : load_store(db, load_what::everything, out.content);
    if (damage)
        return damaged(file, *damage);
    if (db.failed())
        return failed(file, db.failure());
    // The names of a new file and its WAL are durable with their folder.
    if (const auto error = sync_path(file.parent_path()))
        return failed(file.parent_path(), error);
    return out;
}

boost::system::result<journal_content, open_error> read_backup(const path& file) {
    database db(file.string(), database::access::read_only);
    const auto state = schema_of(db, current_schema(), backup_application);
    if (db.failed())
        return failed(file, db.failure());
    if (state != schema_state::current)
        return wrong_schema(file, state, db);
    loaded_store content;
    auto damage = schema_damage(db, current_schema());
    if (!damage)
        damage = load_store(db, load_what::everything, content);
    if (damage)
        return damaged(file, *damage);
    if (db.failed())
        return failed(file, db.failure());
    return journal_content{std::move(content.meta.state), std::move(content.rows)};
}

boost::system::result<path, open_error> set_aside(const path& name) {
    const auto file = std::filesystem::absolute(name);
    file_descriptor held;
    if (auto error = lock(file, held))
        return std::move(*error);
    const auto aside = name_aside(file);
    std::error_code error;
    // The database first: without its WAL it would be an older state that looks right.
    std::filesystem::rename(file, aside, error);
    if (!error && std::filesystem::exists(wal_of(file)))
        std::filesystem::rename(wal_of(file), wal_of(aside), error);
    if (!error)
        error = sync_path(file.parent_path());
    if (error)
        return failed(file, error);
    remove_older(file);
    return aside;
}

} // namespace bridge::registry
