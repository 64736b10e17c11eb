// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_backup.hpp"

#include "bridge/registry/store_files.hpp"
#include "bridge/registry/store_load.hpp"
#include "bridge/registry/store_schema.hpp"
#include "bridge/registry/store_writer.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <utility>

namespace bridge::registry {

namespace {

/// The state as a backup holds it: a registry at one index, of nobody.
store_meta without_log(store_meta meta, const history_hash& hash) {
    meta.state.store = {};
    auto& where = meta.where;
    where.trimmed = where.last = where.applied;
    where.trimmed_hash = where.last_hash = hash;
    return meta;
}

backup_result failed(const std::string& what, const sqlite_failure& failure) {
    return {failure.is_full() ? backup_errc::full : backup_errc::failed,
            what + ": " + failure.what};
}

backup_result failed(const std::string& what, const std::error_code& error) {
    return {error == std::errc::no_space_on_device ? backup_errc::full : backup_errc::failed,
            what + ": " + error.message()};
}

} // namespace

store_backup::store_backup(const std::string& store, const std::string& vfs,
                           std::filesystem::path path, store_meta meta, const history_hash& hash,
                           std::function<void(backup_result)> done)
    : path_(std::move(path)), part_(path_), meta_(without_log(std::move(meta), hash)),
      done_(std::move(done)) {
    part_ += ".part";
    ::unlink(part_.c_str());
    if (const auto error = make_private_file(part_)) {
        finish(failed("cannot make " + part_.string(), error));
        return;
    }
    begin(store, vfs);
    if (db_->failed()) {
        finish(failed("cannot begin the backup", db_->failure()));
        return;
    }
    thread_ = std::thread([this] {
        auto result = copy();
        if (result.code == backup_errc::none)
            result = complete();
        finish(std::move(result));
    });
}

store_backup::~store_backup() {
    given_up_ = true;
    if (thread_.joinable())
        thread_.join();
}

void store_backup::begin(const std::string& store, const std::string& vfs) {
    db_ = std::make_unique<database>(part_.string(), database::access::read_write, vfs);
    // What is half written is thrown away: no journal on the disk, no synchronisation. The progress
    // handler ends a copy that nobody waits for any more.
    db_->run("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;"
             "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0");
    if (!db_->failed())
        sqlite3_progress_handler(
            db_->get(), 1000,
            [](void* backup) -> int { return static_cast<store_backup*>(backup)->given_up_; },
            this);
    statement(*db_, "ATTACH ?1 AS source").with(std::string_view(store)).run();
    db_->run("BEGIN");
    db_->number("SELECT count(*) FROM source.meta"); // the view is of now
}

backup_result store_backup::copy() {
    // Rows are taken with their check sums: what is damaged stays so, and is found below.
    create_schema(*db_, current_schema(), backup_application);
    store_writer::put_all(*db_, meta_);
    db_->run("INSERT INTO rows SELECT key, value, crc FROM source.rows; COMMIT");
    if (db_->failed())
        return failed("cannot copy the registry", db_->failure());
    db_.reset();
    return {};
}

backup_result store_backup::complete() {
    {
        database made(part_.string(), database::access::read_only);
        loaded_store content;
        if (const auto damage = load_store(made, load_what::no_rows, content))
            return {backup_errc::failed, "the copy is damaged: " + *damage};
        if (made.failed())
            return failed("cannot read the copy", made.failure());
    }
    if (const auto error = sync_path(part_))
        return failed("cannot write " + part_.string(), error);
    std::error_code error;
    std::filesystem::rename(part_, path_, error);
    if (!error)
        error = sync_path(path_.has_parent_path() ? path_.parent_path() : ".");
    return error ? failed("cannot write " + path_.string(), error) : backup_result{};
}

void store_backup::finish(backup_result result) {
    db_.reset();
    if (result.code != backup_errc::none)
        ::unlink(part_.c_str());
    // First, so that whoever is told may begin another; the destructor waits for the thread.
    finished_ = true;
    done_(std::move(result));
}

} // namespace bridge::registry
