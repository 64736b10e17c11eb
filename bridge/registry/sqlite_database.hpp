// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace bridge::registry {

/// What SQLite said first.
struct sqlite_failure {
    int code = 0;   ///< extended result code
    int system = 0; ///< errno of the call behind it, 0 when there was none
    std::string what;

    /// No space: the transaction did not happen, the file is as it was.
    [[nodiscard]] bool is_full() const;
    /// The file's content is wrong, as opposed to not readable.
    [[nodiscard]] bool is_damage() const;
};

/// One SQLite connection. Errors stay: after the first one every call does nothing until
/// `forgive`, so that a sequence of statements needs one check at its end. One thread at a time.
class database {
public:
    enum class access : std::uint8_t { read_only, read_write, create };

    /// Opens; `failed()` says whether it worked. `vfs`: name of a registered VFS, empty: the usual.
    database(const std::string& path, access how, const std::string& vfs = {});
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    [[nodiscard]] bool failed() const { return failure_.code != 0; }
    [[nodiscard]] const sqlite_failure& failure() const { return failure_; }
    void forgive() { failure_ = {}; }

    /// Statements without parameters, separated by semicolons; false: failed, now or before.
    bool run(const char* sql);

    /// First column of the first row as a number or a text; 0 or empty on failure or without a row.
    std::int64_t number(const char* sql);
    std::string text(const char* sql);

    /// Takes the result code of a call on this connection; false: it, or one before, failed.
    bool check(int code);

    [[nodiscard]] sqlite3* get() const { return handle_; }

private:
    sqlite3* handle_ = nullptr;
    sqlite_failure failure_;
};

/// A prepared statement of a connection that outlives it.
class statement {
public:
    statement(database& db, const char* sql);
    ~statement();
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;

    /// Binds parameters 1..n (numbers, bytes, texts; they live until the last step) and starts
    /// over.
    template <class... Values>
    statement& with(const Values&... values) {
        begin();
        int at = 0;
        (bind(++at, values), ...);
        return *this;
    }

    /// Steps to the next row; false: no more, or failed (database::failed). After the last row the
    /// statement is reset, so that it holds no lock.
    bool next();

    /// Steps through all rows; false: failed.
    bool run();

    /// Ends early: needed when rows are left unread.
    void end();

    /// Columns of the row, from 0; bytes and texts are valid until the next step.
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::span<const std::byte> bytes(int column) const;
    [[nodiscard]] std::string_view text(int column) const;

private:
    void begin();
    void bind(int at, std::int64_t value);
    void bind(int at, std::uint64_t value) { bind(at, static_cast<std::int64_t>(value)); }
    void bind(int at, std::uint32_t value) { bind(at, static_cast<std::int64_t>(value)); }
    void bind(int at, std::uint8_t value) { bind(at, static_cast<std::int64_t>(value)); }
    void bind(int at, std::span<const std::byte> value);
    void bind(int at, std::string_view value);

    database& db_;
    sqlite3_stmt* handle_ = nullptr;
};

/// Largest text or blob that a file may hold: more is damage, or a mistake of ours.
inline constexpr int max_blob_bytes = 16 << 20;

} // namespace bridge::registry
