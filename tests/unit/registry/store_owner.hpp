// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/history.hpp"
#include "bridge/registry/store.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What tests of a store need: a folder, an owner's thread, entries and rows.
namespace bridge::tests {

/// A folder of its own with mode 0700 that goes with its content. In memory where that is possible:
/// most tests are not about how long a disk takes.
class private_folder {
public:
    private_folder() {
        const std::filesystem::path memory = "/dev/shm";
        const auto parent =
            ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
        std::string name = (parent / "clusbridge-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    ~private_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    private_folder(const private_folder&) = delete;
    private_folder& operator=(const private_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// The queue that a store posts to; the thread that calls `run` is the owner's.
class owner_loop {
public:
    [[nodiscard]] std::function<void(std::function<void()>)> post() {
        return [this](std::function<void()> job) {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
            changed_.notify_one();
        };
    }

    /// Runs what is posted until `enough` holds; throws after half a minute.
    template <class Enough>
    void run_until(Enough enough) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!enough()) {
            std::unique_lock lock(mutex_);
            if (!changed_.wait_until(lock, end, [&] { return !jobs_.empty(); }))
                throw std::runtime_error("nothing was posted");
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
        }
    }

    /// Runs what has been posted so far.
    void run_posted() {
        for (;;) {
            std::function<void()> job;
            {
                const std::lock_guard lock(mutex_);
                if (jobs_.empty())
                    return;
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
            job();
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
};

inline std::vector<std::byte> bytes(std::string_view text) {
    const auto span = std::as_bytes(std::span(text));
    return {span.begin(), span.end()};
}

inline registry::row_change row(std::string_view key, std::string_view value) {
    return {bytes(key), bytes(value)};
}

inline registry::row_change no_row(std::string_view key) {
    return {bytes(key), std::nullopt};
}

inline registry::random_id id(unsigned number) {
    registry::random_id out{};
    out[0] = static_cast<std::byte>(number);
    out[15] = static_cast<std::byte>(~number);
    return out;
}

/// Makes entries, each behind the one before.
class entry_maker {
public:
    entry_maker() = default;
    entry_maker(std::uint64_t index, const registry::history_hash& hash)
        : index_(index), hash_(hash) {}

    registry::log_entry next(std::string_view text) {
        registry::log_entry out;
        out.index = ++index_;
        out.epoch = {index_ / 4 + 1, 2};
        out.operation = {3, id(7), index_};
        out.kind = static_cast<std::uint8_t>(index_ % 3);
        out.body = std::make_shared<const std::vector<std::byte>>(bytes(text));
        hash_ = out.hash = registry::extend(hash_, out);
        return out;
    }

    [[nodiscard]] std::uint64_t index() const { return index_; }
    [[nodiscard]] const registry::history_hash& hash() const { return hash_; }

private:
    std::uint64_t index_ = 0;
    registry::history_hash hash_{};
};

inline registry::installation an_installation(unsigned number) {
    registry::installation out;
    out.lineage = id(40 + number);
    out.epoch = {number, 1};
    out.core = {1, 2};
    out.lives = {{1, id(11)}, {2, id(12)}};
    out.voters = {{1, id(21)}, {2, id(22)}, {3, id(23)}};
    out.known_voters = {{1, id(31)}};
    out.level = number;
    return out;
}

inline bool same_entry(const registry::log_entry& a, const registry::log_entry& b) {
    return a.index == b.index && a.epoch == b.epoch && a.operation == b.operation &&
           a.kind == b.kind && a.hash == b.hash && *a.body == *b.body;
}

inline bool same_row(const registry::row_change& a, const registry::row_change& b) {
    return a.key == b.key && a.value == b.value;
}

/// Says where two contents differ; empty: nowhere. Rows in the order of their keys.
inline std::string difference(const registry::journal_content& a,
                              const registry::journal_content& b) {
    const auto& x = a.state;
    const auto& y = b.state;
    std::string out;
    const auto note = [&](bool same, const char* what) {
        if (!same)
            out += std::string(what) + " differs; ";
    };
    note(x.store == y.store, "store");
    note(x.lineage == y.lineage, "lineage");
    note(x.promised == y.promised, "promised");
    note(x.installed == y.installed, "installed");
    note(x.core == y.core, "core");
    note(x.lives == y.lives, "lives");
    note(x.voters == y.voters, "voters");
    note(x.known_voters == y.known_voters, "known_voters");
    note(x.level == y.level, "level");
    note(x.trimmed == y.trimmed, "trimmed");
    note(x.trimmed_hash == y.trimmed_hash, "trimmed_hash");
    note(x.applied == y.applied, "applied");
    note(std::ranges::equal(x.log, y.log, same_entry), "log");
    note(std::ranges::equal(a.rows, b.rows, same_row), "rows");
    return out;
}

/// A store and its owner's thread. `write` waits.
class store_owner {
public:
    explicit store_owner(registry::store_settings settings) {
        settings.post = loop_.post();
        settings.room_changed = [this](bool room) { room_told_.push_back(room); };
        settings.broken = [this](std::string why) { broken_ = std::move(why); };
        auto result = registry::sqlite_store::open(std::move(settings));
        if (!result) {
            error_ = result.error();
            return;
        }
        store_ = std::move(result->store);
        content_ = std::move(result->content);
    }

    explicit store_owner(const std::filesystem::path& path) : store_owner(small(path)) {}

    /// Settings without a reserve, so that tests stay small.
    static registry::store_settings small(const std::filesystem::path& path) {
        registry::store_settings out;
        out.path = path;
        out.reserve_bytes = 4096;
        out.free_bytes = 0;
        return out;
    }

    registry::journal_errc write(registry::journal_write what) {
        std::optional<registry::journal_errc> result;
        store_->write(std::move(what), [&](registry::journal_errc code) { result = code; });
        loop_.run_until([&] { return result.has_value(); });
        return *result;
    }

    registry::backup_result back_up(const std::filesystem::path& path, std::uint64_t index) {
        std::optional<registry::backup_result> result;
        store_->backup_to(path, index,
                          [&](registry::backup_result what) { result = std::move(what); });
        loop_.run_until([&] { return result.has_value(); });
        return *result;
    }

    void close() { store_.reset(); }

    [[nodiscard]] registry::sqlite_store& store() { return *store_; }
    [[nodiscard]] owner_loop& loop() { return loop_; }
    [[nodiscard]] const registry::journal_content& content() const { return content_; }
    [[nodiscard]] const std::optional<registry::open_error>& error() const { return error_; }
    [[nodiscard]] const std::string& broken() const { return broken_; }
    [[nodiscard]] const std::vector<bool>& room_told() const { return room_told_; }

private:
    owner_loop loop_;
    std::unique_ptr<registry::sqlite_store> store_;
    registry::journal_content content_;
    std::optional<registry::open_error> error_;
    std::string broken_;
    std::vector<bool> room_told_;
};

} // namespace bridge::tests
