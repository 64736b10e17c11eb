// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace bridge::tests {

/// A call of SQLite that changes what the disk holds.
struct vfs_call {
    enum class kind : std::uint8_t { write, sync, truncate, remove, grow_index };
    kind what{};
    bool wal = false; ///< the write-ahead log; else the database, its rollback journal or its index
    std::size_t offset = 0; ///< of a write
    std::size_t number = 0; ///< from 1
};

/// What becomes of a call.
enum class vfs_fault : std::uint8_t {
    none,
    crash,    ///< the machine stops in the middle of it: every later call fails
    io_error, ///< it fails; nothing is known about what it should have done
    full,     ///< no space (writes, and the growth of the index)
};

/// What survives of calls that no synchronisation followed.
enum class survival : std::uint8_t { nothing, everything, beginning, sectors };

/// SQLite's usual VFS with faults, and with a memory of what is on the disk for certain. Files that
/// were synchronised keep what they held then; of later writes whatever `survival` says. A sector
/// (512 bytes) is written whole or not at all.
class fault_vfs {
public:
    fault_vfs();
    ~fault_vfs();
    fault_vfs(const fault_vfs&) = delete;
    fault_vfs& operator=(const fault_vfs&) = delete;

    /// To open databases with.
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Decides about each call, in the thread that makes it (which it may hold up).
    void decide(std::function<vfs_fault(const vfs_call&)> how) { decide_ = std::move(how); }

    [[nodiscard]] std::vector<vfs_call> calls() const;
    [[nodiscard]] bool crashed() const;

    /// Makes the folder's files what the disk would hold after a power cut now: `into` gets them.
    void power_cut(survival how, std::mt19937& random, const std::filesystem::path& into) const;

    // For the functions that SQLite calls.
    struct operation {
        std::size_t offset = 0;
        std::vector<std::uint8_t> bytes;
        bool truncates = false; ///< to `offset`
        bool removes = false;
    };
    struct file_state {
        bool exists = false, durable_exists = false;
        std::vector<std::uint8_t> now, durable;
        std::vector<operation> pending;
    };
    vfs_fault begin(vfs_call::kind what, const std::string& path, std::size_t offset = 0);
    void end(vfs_fault fault);
    void opened(const std::string& path, bool created);
    void perform(const std::string& path, operation what);
    void synchronised(const std::string& path);
    sqlite3_vfs* real() const { return real_; }

private:
    static void apply(file_state& file, const operation& what);
    static void survive(file_state& file, survival how, std::mt19937& random);

    std::string name_;
    sqlite3_vfs* real_ = nullptr;
    std::unique_ptr<sqlite3_vfs> own_;
    std::function<vfs_fault(const vfs_call&)> decide_;

    mutable std::mutex mutex_;
    std::vector<vfs_call> calls_;
    bool crashed_ = false;
    std::map<std::string, file_state> files_;
};

} // namespace bridge::tests
