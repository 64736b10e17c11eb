// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/sqlite_database.hpp"

#include <sqlite3.h>

#include <cerrno>

namespace bridge::registry {

namespace {

int primary(int code) {
    return code & 0xFF;
}

/// How long a foreign connection (an administrator's shell) may hold the file up.
constexpr int busy_wait_ms = 2000;

int open_flags(database::access how) {
    // Each connection is used by one thread at a time: no mutex of its own.
    switch (how) {
    case database::access::read_only:
        return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    case database::access::read_write:
        return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    case database::access::create:
        break;
    }
    return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
}

} // namespace

bool sqlite_failure::is_full() const {
    // A quota is a kind of full disk that SQLite does not know; the index of the WAL in shared
    // memory is a file too, and its growth needs space.
    return primary(code) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE ||
           (code == SQLITE_IOERR_WRITE && system == EDQUOT);
}

bool sqlite_failure::is_damage() const {
    return primary(code) == SQLITE_CORRUPT || primary(code) == SQLITE_NOTADB ||
           primary(code) == SQLITE_TOOBIG || code == SQLITE_IOERR_SHORT_READ;
}

database::database(const std::string& path, access how, const std::string& vfs) {
    const int code = sqlite3_open_v2(path.c_str(), &handle_, open_flags(how),
                                     vfs.empty() ? nullptr : vfs.c_str());
    if (handle_ == nullptr) {
        failure_ = {code, 0, sqlite3_errstr(code)};
        return;
    }
    sqlite3_extended_result_codes(handle_, 1);
    if (!check(code))
        return;
    sqlite3_busy_timeout(handle_, busy_wait_ms);
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, max_blob_bytes);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

database::~database() {
    sqlite3_close_v2(handle_);
}

bool database::check(int code) {
    if (failed())
        return false;
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return true;
    failure_.code = sqlite3_extended_errcode(handle_);
    if (primary(failure_.code) != primary(code))
        failure_.code = code;
    failure_.system = sqlite3_system_errno(handle_);
    failure_.what = std::string(sqlite3_errstr(code)) + " (" + sqlite3_errmsg(handle_) + ", code " +
                    std::to_string(failure_.code) + ")";
    return false;
}

bool database::run(const char* sql) {
    return !failed() && check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr));
}

std::int64_t database::number(const char* sql) {
    statement query(*this, sql);
    if (!query.next())
        return 0;
    const auto value = query.number(0);
    query.end();
    return value;
}

std::string database::text(const char* sql) {
    statement query(*this, sql);
    if (!query.next())
        return {};
    std::string value(query.text(0));
    query.end();
    return value;
}

statement::statement(database& db, const char* sql) : db_(db) {
    if (!db.failed())
        db.check(sqlite3_prepare_v2(db.get(), sql, -1, &handle_, nullptr));
}

statement::~statement() {
    sqlite3_finalize(handle_);
}

void statement::begin() {
    // What the last run said has been noted when it was stepped.
    sqlite3_reset(handle_);
}

bool statement::next() {
    if (db_.failed())
        return false;
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW)
        return true;
    db_.check(code);
    sqlite3_reset(handle_);
    return false;
}

bool statement::run() {
    while (next()) {
    }
    return !db_.failed();
}

void statement::end() {
    sqlite3_reset(handle_);
}

std::int64_t statement::number(int column) const {
    return sqlite3_column_int64(handle_, column);
}

std::span<const std::byte> statement::bytes(int column) const {
    const auto* data = sqlite3_column_blob(handle_, column);
    const auto size = sqlite3_column_bytes(handle_, column);
    return {static_cast<const std::byte*>(data),
            data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

std::string_view statement::text(int column) const {
    const auto* data = sqlite3_column_text(handle_, column);
    const auto size = sqlite3_column_bytes(handle_, column);
    return data == nullptr ? std::string_view()
                           : std::string_view(reinterpret_cast<const char*>(data),
                                              static_cast<std::size_t>(size));
}

void statement::bind(int at, std::int64_t value) {
    if (!db_.failed())
        db_.check(sqlite3_bind_int64(handle_, at, value));
}

void statement::bind(int at, std::span<const std::byte> value) {
    if (db_.failed())
        return;
    // A blob of no bytes, not NULL, which a null pointer would make.
    db_.check(value.empty()
                  ? sqlite3_bind_zeroblob(handle_, at, 0)
                  : sqlite3_bind_blob64(handle_, at, value.data(), value.size(), SQLITE_STATIC));
}

void statement::bind(int at, std::string_view value) {
    if (!db_.failed())
        db_.check(sqlite3_bind_text64(handle_, at, value.data(), value.size(), SQLITE_STATIC,
                                      SQLITE_UTF8));
}

} // namespace bridge::registry
