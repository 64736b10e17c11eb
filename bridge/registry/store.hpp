// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"
#include "bridge/registry/store_backup.hpp"

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace bridge::registry {

struct store_settings {
    /// The database; beside it lie its WAL and the files .lock and .reserve. Its folder is made
    /// (mode 0700) when only its last component is missing, and must be closed to others.
    std::filesystem::path path;

    /// Runs a function on the owner's thread, later and in order. Called by the store's threads.
    std::function<void(std::function<void()>)> post;

    /// On the owner's thread: has_room() has changed.
    std::function<void(bool)> room_changed;

    /// On the owner's thread, once: why no write can succeed any more (journal_errc::failed).
    std::function<void(std::string)> broken;

    std::uint64_t reserve_bytes = 16U << 20; ///< given up when the disk is full
    std::uint64_t free_bytes = 64U << 20;    ///< with less there is no room
    std::chrono::milliseconds room_interval{1000};

    /// Size of the WAL (pages of 4 KiB) from which on it is written back when no write waits, at
    /// four times that in any case. A write takes two to four pages and touches mostly the same
    /// few, so that 1000 pages are some hundred writes, and writing them back takes a few
    /// milliseconds; the WAL stays below 16 MiB but for larger single writes.
    int checkpoint_pages = 1000;

    /// For tests: bytes free on the disk, and the name of SQLite's VFS.
    std::function<std::uint64_t()> free_space;
    std::string vfs;
};

enum class open_errc : std::uint8_t {
    damaged = 1, ///< the content is wrong: set it aside and open a blank one
    newer,       ///< written by a later version of this program
    foreign,     ///< not a store
    in_use,      ///< another process has it
    unusable,    ///< cannot be read or written: permissions, disk
};

struct open_error {
    open_errc code{};
    std::string what; ///< for an administrator; names the file
};

[[noreturn]] void throw_exception_from_error(const open_error& error,
                                             const boost::source_location& where);

/// The journal in one SQLite file. All calls of SQLite are made in a thread of its own.
///
/// Writes that wait when a transaction begins share it. When a write ends `full`, the writes that
/// were already waiting behind it end `full` too, whatever their size: they may depend on it. A
/// write made in its completion or later is tried. With `full` the reserve is given up, and there
/// is no room until the disk has some again. After `failed` every write ends `failed`: an error of
/// a write or of a synchronisation is never retried. A write that contradicts what is stored (a gap
/// in the log, a wrong hash, applied beyond the log's ends) fails likewise and is not carried out.
///
/// At the end of each write trimmed <= applied <= last entry must hold: a `restart_after` brings
/// its `rows` with it.
class sqlite_store final : public journal {
public:
    struct opened {
        std::unique_ptr<sqlite_store> store;
        journal_content content;
    };
    using open_result = boost::system::result<opened, open_error>;

    /// Opens the store, or makes a blank one with a new random id. Blocks while it reads and checks
    /// all; what it returns is on the disk, also what a killed process had written only.
    [[nodiscard]] static open_result open(store_settings settings);

    /// Carries out what was written, then closes. The owner's thread calls it; no completion and no
    /// callback runs afterwards.
    ~sqlite_store() override;

    void write(journal_write what, completion done) override;
    [[nodiscard]] bool has_room() const override;

    /// Writes the rows, which must stand at `index` when all writes before this are done, into a
    /// file of their own without the log: mode 0600, checked, on the disk before it has its name.
    /// Writes go on meanwhile. One at a time. An existing file is replaced. Whether a path may be
    /// written to is the caller's business.
    void backup_to(std::filesystem::path path, std::uint64_t index, backup_completion done);

private:
    struct impl;
    explicit sqlite_store(std::unique_ptr<impl> made);
    std::unique_ptr<impl> impl_;
};

/// Reads and checks a backup: store id zero, the log empty, trimmed = applied = its index.
[[nodiscard]] boost::system::result<journal_content, open_error>
read_backup(const std::filesystem::path& path);

/// Renames a store that nobody has open, with its WAL, to NAME.bad-<time>; returns the new name. At
/// most four of them are kept.
[[nodiscard]] boost::system::result<std::filesystem::path, open_error>
set_aside(const std::filesystem::path& path);

} // namespace bridge::registry
