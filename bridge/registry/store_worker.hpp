// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/journal.hpp"
#include "bridge/registry/sqlite_database.hpp"
#include "bridge/registry/store_backup.hpp"
#include "bridge/registry/store_room.hpp"
#include "bridge/registry/store_writer.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace bridge::registry {

/// The thread that all calls of SQLite are made in, and its queue. Public members are called by the
/// owner's thread; the functions in `callbacks` by the worker's.
class store_worker {
public:
    struct write_job {
        journal_write what;
        journal::completion done;
        /// How many refusals for lack of space the owner had been told of when it wrote this.
        std::uint64_t told = 0;
    };
    struct backup_job {
        std::filesystem::path path;
        std::uint64_t index = 0;
        backup_completion done;
    };
    struct finished {
        journal_errc result = journal_errc::none;
        journal::completion done;
        std::uint64_t refusals = 0; ///< the owner has been told of so many once it has this
    };
    struct callbacks {
        std::function<void(std::vector<finished>)> written; ///< in the order of the writes
        std::function<void(backup_result, backup_completion)> backed_up;
        std::function<void(bool)> room;
        std::function<void(std::string)> broken; ///< once: why nothing is written any more
    };
    struct settings {
        std::string vfs;
        int checkpoint_pages = 0;
        std::chrono::milliseconds room_interval{};
        bool room = true; ///< what the owner believes
    };

    store_worker(std::unique_ptr<database> db, store_meta meta, store_room room, settings how,
                 callbacks call);

    /// Carries out what is queued, then ends.
    ~store_worker();
    store_worker(const store_worker&) = delete;
    store_worker& operator=(const store_worker&) = delete;

    void add(std::variant<write_job, backup_job> job);

private:
    using any_job = std::variant<write_job, backup_job>;
    enum class outcome : std::uint8_t { done, full, broken };

    void work();
    /// Waits for jobs; empty: time to look around, or `stop`.
    std::deque<any_job> take(bool& stop);
    void write(std::vector<write_job> jobs);
    std::vector<finished> write_one_by_one(std::vector<write_job> jobs);
    /// One transaction of them all.
    outcome commit(const write_job* first, const write_job* last);
    outcome roll_back();
    void start_backup(backup_job job);
    void checkpoint();
    void look_for_room();
    void release_room();
    void break_down(std::string why);
    [[nodiscard]] bool has_waiting();

    std::unique_ptr<database> db_;
    store_writer writer_;
    store_room room_;
    settings settings_;
    callbacks call_;

    // Used by the worker's thread only.
    bool broken_ = false;
    std::uint64_t refusals_ = 0;
    int wal_pages_ = 0;
    bool has_room_;
    std::chrono::steady_clock::time_point looked_;
    std::unique_ptr<store_backup> backup_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<any_job> queue_;
    bool stop_ = false;

    std::thread thread_;
};

} // namespace bridge::registry
