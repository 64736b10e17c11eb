// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"
#include "bridge/registry/sqlite_database.hpp"
#include "bridge/registry/store_meta.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace bridge::registry {

enum class backup_errc : std::uint8_t {
    none = 0,
    moved,  ///< the tables do not stand at the index that was asked for
    busy,   ///< another backup is being made
    full,   ///< no space for it
    failed, ///< anything else
};

struct backup_result {
    backup_errc code = backup_errc::none;
    std::string what; ///< for an administrator; empty when it worked
};

using backup_completion = std::function<void(backup_result)>;

/// Makes one backup in a thread of its own, from a read transaction of its own: writers go on.
/// The result is one file that holds the rows at an index and no log; it is written beside its
/// place, checked, put on the disk and renamed, so that its name never stands for half of it.
class store_backup {
public:
    /// Begins the read transaction (in the caller's thread: the backup is of the present state),
    /// then the thread. `meta` is what the store holds now, `hash` that of the applied entry.
    /// `done` is called once, in either thread.
    store_backup(const std::string& store, const std::string& vfs, std::filesystem::path path,
                 store_meta meta, const history_hash& hash,
                 std::function<void(backup_result)> done);

    /// Gives up what is not finished.
    ~store_backup();
    store_backup(const store_backup&) = delete;
    store_backup& operator=(const store_backup&) = delete;

    [[nodiscard]] bool finished() const { return finished_; }

private:
    void begin(const std::string& store, const std::string& vfs);
    backup_result copy();
    backup_result complete();
    void finish(backup_result result);

    std::filesystem::path path_, part_;
    store_meta meta_;
    std::function<void(backup_result)> done_;
    std::unique_ptr<database> db_;
    std::atomic<bool> finished_ = false, given_up_ = false;
    std::thread thread_;
};

} // namespace bridge::registry
