// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_worker.hpp"

#include <sqlite3.h>

#include <utility>

namespace bridge::registry {

namespace {

/// Most writes that share a transaction: what fails is tried again one by one.
constexpr std::size_t max_group = 256;

/// A checkpoint holds up the writes that come meanwhile, so it waits for a quiet moment; the WAL
/// does not grow past this multiple of its limit, quiet or not.
constexpr int patience = 4;

/// What the file holds from the view of a failed transaction does not matter: it is not read again.
std::string reason(const database& db, const store_writer& writer) {
    return writer.refusal().empty() ? db.failure().what : writer.refusal();
}

} // namespace

store_worker::store_worker(std::unique_ptr<database> db, store_meta meta, store_room room,
                           settings how, callbacks call)
    : db_(std::move(db)), writer_(*db_, std::move(meta)), room_(std::move(room)),
      settings_(std::move(how)), call_(std::move(call)), has_room_(settings_.room),
      looked_(std::chrono::steady_clock::now()) {
    sqlite3_wal_hook(
        db_->get(),
        [](void* worker, sqlite3*, const char*, int pages) {
            static_cast<store_worker*>(worker)->wal_pages_ = pages;
            return SQLITE_OK;
        },
        this);
    thread_ = std::thread([this] { work(); });
}

store_worker::~store_worker() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void store_worker::add(any_job job) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(job));
    }
    changed_.notify_one();
}

void store_worker::work() {
    for (bool stop = false; !stop;) {
        auto jobs = take(stop);
        std::vector<write_job> group;
        for (auto& next : jobs) {
            if (auto* one = std::get_if<write_job>(&next)) {
                group.push_back(std::move(*one));
                continue;
            }
            write(std::exchange(group, {}));
            start_backup(std::get<backup_job>(std::move(next)));
        }
        write(std::move(group));
        if (stop)
            break;
        if (backup_ && backup_->finished())
            backup_.reset();
        checkpoint();
        look_for_room();
    }
    backup_.reset();
}

std::deque<store_worker::any_job> store_worker::take(bool& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, settings_.room_interval, [&] { return stop_ || !queue_.empty(); });
    std::deque<any_job> out;
    while (!queue_.empty() && out.size() < max_group) {
        out.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    stop = stop_ && queue_.empty();
    return out;
}

bool store_worker::has_waiting() {
    const std::lock_guard lock(mutex_);
    return !queue_.empty() || stop_;
}

void store_worker::write(std::vector<write_job> jobs) {
    if (jobs.empty())
        return;
    const bool stale = jobs.front().told < refusals_; // then those behind it need a closer look
    const auto group =
        broken_ || stale ? outcome::full : commit(jobs.data(), jobs.data() + jobs.size());
    std::vector<finished> done;
    if (group == outcome::full) {
        done = write_one_by_one(std::move(jobs));
    } else {
        const auto result = group == outcome::done ? journal_errc::none : journal_errc::failed;
        for (auto& job : jobs)
            done.push_back({result, std::move(job.done), refusals_});
    }
    call_.written(std::move(done));
}

std::vector<store_worker::finished> store_worker::write_one_by_one(std::vector<write_job> jobs) {
    std::vector<finished> out;
    for (auto& job : jobs) {
        auto result = journal_errc::failed;
        if (!broken_ && job.told < refusals_) {
            // Written without knowing that one before it is missing.
            result = journal_errc::full;
        } else if (!broken_) {
            const auto one = commit(&job, &job + 1);
            if (one == outcome::full) {
                ++refusals_;
                release_room();
            }
            result = one == outcome::done   ? journal_errc::none
                     : one == outcome::full ? journal_errc::full
                                            : journal_errc::failed;
        }
        out.push_back({result, std::move(job.done), refusals_});
    }
    return out;
}

store_worker::outcome store_worker::commit(const write_job* first, const write_job* last) {
    db_->run("BEGIN IMMEDIATE");
    for (const auto* job = first; job != last; ++job)
        if (!writer_.put(job->what))
            return roll_back();
    if (!db_->run("COMMIT"))
        return roll_back();
    writer_.committed();
    return outcome::done;
}

store_worker::outcome store_worker::roll_back() {
    if (!writer_.refusal().empty() || !db_->failure().is_full()) {
        break_down(reason(*db_, writer_));
        return outcome::broken;
    }
    db_->forgive();
    // SQLite may have rolled back by itself.
    if (sqlite3_get_autocommit(db_->get()) == 0 && !db_->run("ROLLBACK")) {
        break_down(db_->failure().what);
        return outcome::broken;
    }
    writer_.rolled_back();
    return outcome::full;
}

void store_worker::start_backup(backup_job job) {
    if (backup_ && backup_->finished())
        backup_.reset();
    backup_result refused;
    history_hash hash{};
    if (broken_)
        refused = {backup_errc::failed, "the registry's store has failed"};
    else if (backup_)
        refused = {backup_errc::busy, "another backup is being made"};
    else if (writer_.meta().where.applied != job.index)
        refused = {backup_errc::moved, "the tables stand at entry " +
                                           std::to_string(writer_.meta().where.applied) +
                                           " and not at " + std::to_string(job.index)};
    else
        hash = writer_.applied_hash();
    if (refused.code != backup_errc::none)
        return call_.backed_up(std::move(refused), std::move(job.done));
    backup_ = std::make_unique<store_backup>(
        sqlite3_db_filename(db_->get(), "main"), settings_.vfs, std::move(job.path), writer_.meta(),
        hash, [this, done = std::move(job.done)](backup_result result) {
            call_.backed_up(std::move(result), done);
        });
}

void store_worker::checkpoint() {
    // While a backup reads, the WAL behind its view cannot be reused anyway.
    if (broken_ || backup_ || wal_pages_ < settings_.checkpoint_pages ||
        (wal_pages_ < patience * settings_.checkpoint_pages && has_waiting()))
        return;
    const int code =
        sqlite3_wal_checkpoint_v2(db_->get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    wal_pages_ = 0; // the next commit tells
    if ((code & 0xFF) == SQLITE_BUSY || db_->check(code))
        return;
    // Nothing is lost without it while the WAL is there, unless the disk lies.
    if (!db_->failure().is_full())
        return break_down(db_->failure().what);
    db_->forgive();
    release_room();
}

void store_worker::look_for_room() {
    const auto now = std::chrono::steady_clock::now();
    if (now - looked_ < settings_.room_interval)
        return;
    looked_ = now;
    const bool room = room_.look();
    if (room != has_room_)
        call_.room(has_room_ = room);
}

void store_worker::release_room() {
    room_.release();
    looked_ = std::chrono::steady_clock::now(); // whatever the disk says, not before the next look
    if (std::exchange(has_room_, false))
        call_.room(false);
}

void store_worker::break_down(std::string why) {
    broken_ = true;
    // Closing would write the WAL back: not on this disk. It is checked when it is opened again.
    sqlite3_db_config(db_->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    call_.broken(std::move(why));
}

} // namespace bridge::registry
