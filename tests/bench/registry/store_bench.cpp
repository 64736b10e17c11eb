// SPDX-License-Identifier: Apache-2.0
// What a durable write costs by number of rows, beside the disk alone; what a start costs.
// The folder is that of TMPDIR: name one on the disk that is meant.
#include "bridge/registry/history.hpp"
#include "bridge/registry/store.hpp"

#include <benchmark/benchmark.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace bridge::registry;

class folder {
public:
    folder() {
        auto name = (std::filesystem::temp_directory_path() / "clusbridge-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            std::abort();
        path_ = name;
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    [[nodiscard]] std::filesystem::path file() const { return path_ / "registry.db"; }

private:
    std::filesystem::path path_;
};

std::vector<std::byte> bytes(const std::string& text) {
    const auto span = std::as_bytes(std::span(text));
    return {span.begin(), span.end()};
}

row_change row(std::uint64_t number) {
    return {bytes("Resources/2f2b0000-0000-0000-0000-" + std::to_string(number)),
            bytes(std::string(60, static_cast<char>('a' + number % 26)))};
}

/// A store with that many rows; its writes are waited for.
class bench_store {
public:
    bench_store(const std::filesystem::path& file, std::uint64_t rows) : rows_(rows) {
        store_settings settings;
        settings.path = file;
        settings.reserve_bytes = 0;
        settings.post = [this](std::function<void()> job) {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
            changed_.notify_one();
        };
        auto opened = sqlite_store::open(std::move(settings));
        store_ = std::move(opened.value().store);
        index_ = opened->content.state.applied;
        hash_ = opened->content.state.trimmed_hash;
        if (rows == 0 || !opened->content.rows.empty())
            return;
        auto all = next();
        for (std::uint64_t at = 0; at < rows; ++at)
            all.rows->rows.push_back(row(at));
        run({std::move(all)});
    }

    /// An entry of some 200 bytes and the row that the one before it changed; the log is kept
    /// short.
    journal_write next() {
        journal_write out;
        log_entry entry;
        entry.index = ++index_;
        entry.operation.sequence = index_;
        entry.body = body_;
        hash_ = entry.hash = extend(hash_, entry);
        out.append = {std::move(entry)};
        out.rows = row_changes{index_, false, {}};
        if (rows_ > 0)
            out.rows->rows.push_back(row(random_() % rows_));
        if (index_ % 64 == 0)
            out.trim_to = index_ - 1;
        return out;
    }

    void run(std::vector<journal_write> writes) {
        std::size_t left = writes.size();
        for (auto& what : writes)
            store_->write(std::move(what), [&](journal_errc code) {
                if (code != journal_errc::none)
                    std::abort();
                --left;
            });
        while (left > 0) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return !jobs_.empty(); });
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
        }
    }

private:
    std::uint64_t rows_, index_ = 0;
    history_hash hash_{};
    shared_bytes body_ = std::make_shared<const std::vector<std::byte>>(200);
    std::mt19937_64 random_{1}; // NOLINT: the same rows in each run
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    std::unique_ptr<sqlite_store> store_;
};

/// Median, 95th and 99.9th percentile as counters, in microseconds.
void count(benchmark::State& state, std::vector<double>& micros) {
    std::ranges::sort(micros);
    const auto at = [&](double part) {
        return micros[static_cast<std::size_t>(part * static_cast<double>(micros.size() - 1))];
    };
    state.counters["p50_us"] = at(0.5);
    state.counters["p95_us"] = at(0.95);
    state.counters["p999_us"] = at(0.999);
}

template <class Work>
void measure(benchmark::State& state, Work work) {
    std::vector<double> micros;
    for (auto _ : state) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        micros.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
                .count());
    }
    count(state, micros);
}

/// The floor: as many bytes as a frame of the WAL, appended, and fdatasync.
void bare_disk(benchmark::State& state) {
    const folder where;
    const int file = ::open(where.file().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    const std::string bytes_of_frame(4120, 'x');
    measure(state, [&] {
        if (::write(file, bytes_of_frame.data(), bytes_of_frame.size()) < 0 ||
            ::fdatasync(file) != 0)
            std::abort();
        // As the WAL: it is overwritten from its beginning again and again.
        if (::lseek(file, 0, SEEK_CUR) > 4'000'000)
            ::lseek(file, 0, SEEK_SET);
    });
    ::close(file);
}

void commit(benchmark::State& state) {
    const folder where;
    bench_store store(where.file(), static_cast<std::uint64_t>(state.range(0)));
    measure(state, [&] { store.run({store.next()}); });
}

/// Writes that share their transaction: per batch.
void commit_64_at_once(benchmark::State& state) {
    const folder where;
    bench_store store(where.file(), 100'000);
    measure(state, [&] {
        std::vector<journal_write> writes;
        for (int at = 0; at < 64; ++at)
            writes.push_back(store.next());
        store.run(std::move(writes));
    });
}

void open_and_check(benchmark::State& state) {
    const folder where;
    { const bench_store store(where.file(), static_cast<std::uint64_t>(state.range(0))); }
    for (auto _ : state) {
        store_settings settings;
        settings.path = where.file();
        settings.post = [](auto) {};
        settings.reserve_bytes = 0;
        auto opened = sqlite_store::open(std::move(settings));
        if (!opened || opened->content.rows.size() != static_cast<std::size_t>(state.range(0)))
            state.SkipWithError("not what was written");
        state.PauseTiming();
        if (opened)
            opened->store.reset();
        state.ResumeTiming();
    }
}

BENCHMARK(bare_disk)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(commit)->Arg(0)->Arg(1000)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(commit_64_at_once)->UseRealTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(open_and_check)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
