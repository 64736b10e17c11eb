// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/registry/fault_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <new>
#include <utility>

namespace bridge::tests {

namespace {

constexpr std::size_t sector = 512;

/// What SQLite holds of an open file; the usual VFS's own follows it in memory.
struct fault_file {
    sqlite3_file base;
    fault_vfs* vfs;
    std::string* path; ///< null: a temporary file, without faults
};

fault_file& self(sqlite3_file* file) {
    return *reinterpret_cast<fault_file*>(file);
}

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(fault_file));
}

int code_for(vfs_fault fault, int io_error) {
    return fault == vfs_fault::full ? SQLITE_FULL : io_error;
}

int close_file(sqlite3_file* file) {
    const int code = real(file)->pMethods->xClose(real(file));
    delete self(file).path; // NOLINT: the object's life is SQLite's
    return code;
}

int read_file(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
    if (self(file).vfs->crashed())
        return SQLITE_IOERR_READ;
    return real(file)->pMethods->xRead(real(file), into, count, offset);
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    auto& own = self(file);
    const auto write = [&](int size) {
        return real(file)->pMethods->xWrite(real(file), from, size, offset);
    };
    if (own.path == nullptr)
        return write(count);
    const auto fault =
        own.vfs->begin(vfs_call::kind::write, *own.path, static_cast<std::size_t>(offset));
    // A full disk takes a part; of the other faults nothing is known, so that it may survive.
    const int done = fault == vfs_fault::full ? count / 2 : count;
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    own.vfs->perform(*own.path, {static_cast<std::size_t>(offset), {bytes, bytes + done}});
    own.vfs->end(fault);
    const int code = write(done);
    return fault == vfs_fault::none ? code : code_for(fault, SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    auto& own = self(file);
    if (own.path != nullptr) {
        const auto fault = own.vfs->begin(vfs_call::kind::truncate, *own.path);
        own.vfs->perform(*own.path, {static_cast<std::size_t>(size), {}, true});
        own.vfs->end(fault);
        if (fault != vfs_fault::none)
            return SQLITE_IOERR_TRUNCATE;
    }
    return real(file)->pMethods->xTruncate(real(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
    auto& own = self(file);
    if (own.path == nullptr)
        return real(file)->pMethods->xSync(real(file), flags);
    const auto fault = own.vfs->begin(vfs_call::kind::sync, *own.path);
    own.vfs->end(fault);
    if (fault != vfs_fault::none)
        return SQLITE_IOERR_FSYNC;
    own.vfs->synchronised(*own.path); // the real disk is left in peace
    return SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* out) {
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int control(sqlite3_file* file, int operation, void* value) {
    return real(file)->pMethods->xFileControl(real(file), operation, value);
}
int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

int map_index(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    auto& own = self(file);
    if (extend != 0 && own.path != nullptr) {
        const auto fault = own.vfs->begin(vfs_call::kind::grow_index, *own.path);
        own.vfs->end(fault);
        if (fault != vfs_fault::none)
            return SQLITE_IOERR_SHMSIZE;
    }
    return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}
int lock_index(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void barrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int unmap_index(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

constexpr sqlite3_io_methods methods{
    2,          close_file,  read_file,   write_file, truncate_file, sync_file,       size_of_file,
    lock_file,  unlock_file, check_lock,  control,    sector_size,   characteristics, map_index,
    lock_index, barrier,     unmap_index, nullptr,    nullptr};

fault_vfs& self(sqlite3_vfs* vfs) {
    return *static_cast<fault_vfs*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    auto& own = self(vfs);
    auto* made = new (file) fault_file{{nullptr}, &own, nullptr};
    if (own.crashed())
        return SQLITE_CANTOPEN;
    const bool existed = path != nullptr && std::filesystem::exists(path);
    const int code = own.real()->xOpen(own.real(), path, real(file), flags, out);
    if (code != SQLITE_OK)
        return code;
    made->base.pMethods = &methods;
    if (path != nullptr) {
        made->path = new std::string(path); // NOLINT: deleted when SQLite closes the file
        own.opened(path, !existed);
    }
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync) {
    auto& own = self(vfs);
    const auto fault = own.begin(vfs_call::kind::remove, path);
    own.perform(path, {0, {}, false, true});
    own.end(fault);
    if (fault != vfs_fault::none)
        return SQLITE_IOERR_DELETE;
    if (sync != 0)
        own.synchronised(path);
    return own.real()->xDelete(own.real(), path, sync);
}

int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* out) {
    return self(vfs).real()->xAccess(self(vfs).real(), path, flags, out);
}
int full_name(sqlite3_vfs* vfs, const char* path, int size, char* out) {
    return self(vfs).real()->xFullPathname(self(vfs).real(), path, size, out);
}
int last_error(sqlite3_vfs*, int, char*) {
    return 0;
}

} // namespace

fault_vfs::fault_vfs() : real_(sqlite3_vfs_find(nullptr)) {
    static std::atomic<int> made = 0;
    name_ = "fault-" + std::to_string(++made);
    own_ = std::make_unique<sqlite3_vfs>(*real_); // what is not replaced does without its argument
    own_->szOsFile = static_cast<int>(sizeof(fault_file)) + real_->szOsFile;
    own_->zName = name_.c_str();
    own_->pAppData = this;
    own_->xOpen = open_file;
    own_->xDelete = delete_file;
    own_->xAccess = access_file;
    own_->xFullPathname = full_name;
    own_->xGetLastError = last_error;
    sqlite3_vfs_register(own_.get(), 0);
}

fault_vfs::~fault_vfs() {
    sqlite3_vfs_unregister(own_.get());
}

std::vector<vfs_call> fault_vfs::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

bool fault_vfs::crashed() const {
    const std::lock_guard lock(mutex_);
    return crashed_;
}

vfs_fault fault_vfs::begin(vfs_call::kind what, const std::string& path, std::size_t offset) {
    vfs_call call{what, path.ends_with("-wal"), offset};
    {
        const std::lock_guard lock(mutex_);
        if (crashed_)
            return vfs_fault::crash;
        call.number = calls_.size() + 1;
        calls_.push_back(call);
    }
    auto fault = decide_ ? decide_(call) : vfs_fault::none;
    if (fault == vfs_fault::full && what != vfs_call::kind::write &&
        what != vfs_call::kind::grow_index)
        fault = vfs_fault::none;
    return fault;
}

void fault_vfs::end(vfs_fault fault) {
    const std::lock_guard lock(mutex_);
    crashed_ = crashed_ || fault == vfs_fault::crash;
}

void fault_vfs::opened(const std::string& path, bool created) {
    const std::lock_guard lock(mutex_);
    auto& file = files_[path];
    if (file.exists)
        return;
    file.exists = true;
    if (created || !file.pending.empty())
        return;
    std::ifstream in(path, std::ios::binary);
    file.now.assign(std::istreambuf_iterator<char>(in), {});
    file.durable = file.now;
    file.durable_exists = true;
}

void fault_vfs::apply(file_state& file, const operation& what) {
    if (what.removes || what.truncates) {
        file.now.resize(what.removes ? 0 : std::min(what.offset, file.now.size()));
        file.exists = file.exists && !what.removes;
        return;
    }
    file.exists = true;
    file.now.resize(std::max(file.now.size(), what.offset + what.bytes.size()));
    std::ranges::copy(what.bytes, file.now.begin() + static_cast<std::ptrdiff_t>(what.offset));
}

void fault_vfs::perform(const std::string& path, operation what) {
    const std::lock_guard lock(mutex_);
    if (crashed_)
        return;
    auto& file = files_[path];
    apply(file, what);
    file.pending.push_back(std::move(what));
}

void fault_vfs::synchronised(const std::string& path) {
    const std::lock_guard lock(mutex_);
    auto& file = files_[path];
    // The first synchronisation of a new file is followed by one of its folder.
    if (!file.durable_exists)
        for (auto& [name, other] : files_)
            if (!other.exists)
                other = {};
    file.durable = file.now;
    file.durable_exists = file.exists;
    file.pending.clear();
}

void fault_vfs::survive(file_state& file, survival how, std::mt19937& random) {
    if (how == survival::everything)
        return;
    file.now = file.durable;
    file.exists = file.durable_exists;
    if (how == survival::nothing)
        return;
    const auto count =
        how == survival::beginning ? random() % (file.pending.size() + 1) : file.pending.size();
    for (std::size_t at = 0; at < count; ++at) {
        const auto& what = file.pending[at];
        if (how == survival::beginning || what.removes || what.truncates) {
            if (how == survival::beginning || random() % 2 == 0)
                apply(file, what);
            continue;
        }
        for (std::size_t from = 0; from < what.bytes.size();) {
            const auto size =
                std::min(sector - (what.offset + from) % sector, what.bytes.size() - from);
            const auto begin = what.bytes.begin() + static_cast<std::ptrdiff_t>(from);
            if (random() % 2 == 0)
                apply(file,
                      {what.offset + from, {begin, begin + static_cast<std::ptrdiff_t>(size)}});
            from += size;
        }
    }
}

void fault_vfs::power_cut(survival how, std::mt19937& random,
                          const std::filesystem::path& into) const {
    std::map<std::string, file_state> files;
    {
        const std::lock_guard lock(mutex_);
        files = files_;
    }
    for (auto& [path, file] : files) {
        survive(file, how, random);
        if (!file.exists)
            continue;
        std::ofstream(into / std::filesystem::path(path).filename(), std::ios::binary)
            .write(reinterpret_cast<const char*>(file.now.data()),
                   static_cast<std::streamsize>(file.now.size()));
    }
}

} // namespace bridge::tests
