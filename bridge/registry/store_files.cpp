// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace bridge::registry {

namespace {

std::error_code last_error() {
    return {errno, std::system_category()};
}

constexpr mode_t private_file = 0600, private_folder = 0700, others = 0077;

std::filesystem::path beside(const std::filesystem::path& database, const char* suffix) {
    auto out = database;
    out += suffix;
    return out;
}

} // namespace

file_descriptor::~file_descriptor() {
    if (value_ >= 0)
        ::close(value_);
}

file_descriptor::file_descriptor(file_descriptor&& other) noexcept
    : value_(std::exchange(other.value_, -1)) {}

file_descriptor& file_descriptor::operator=(file_descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
}

std::filesystem::path wal_of(const std::filesystem::path& database) {
    return beside(database, "-wal"); // SQLite's name
}

std::filesystem::path lock_of(const std::filesystem::path& database) {
    return beside(database, ".lock");
}

std::filesystem::path reserve_of(const std::filesystem::path& database) {
    return beside(database, ".reserve");
}

std::error_code make_private_folder(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), private_folder) == 0)
        return {};
    if (errno != EEXIST)
        return last_error();
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0)
        return last_error();
    if (!S_ISDIR(found.st_mode))
        return std::make_error_code(std::errc::not_a_directory);
    // Not narrowed here: the folder may be somebody else's, named by mistake.
    if ((found.st_mode & others) != 0)
        return std::make_error_code(std::errc::permission_denied);
    return {};
}

std::error_code make_private_file(const std::filesystem::path& file) {
    const file_descriptor opened(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_file));
    if (!opened || ::fchmod(opened.get(), private_file) != 0)
        return last_error();
    return {};
}

std::error_code lock_database(const std::filesystem::path& database, file_descriptor& lock) {
    file_descriptor opened(
        ::open(lock_of(database).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_file));
    if (!opened || ::flock(opened.get(), LOCK_EX | LOCK_NB) != 0)
        return last_error();
    lock = std::move(opened);
    return {};
}

std::error_code sync_path(const std::filesystem::path& path) {
    const file_descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened || ::fsync(opened.get()) != 0)
        return last_error();
    return {};
}

std::error_code allocate_file(const std::filesystem::path& file, std::uint64_t bytes) {
    const file_descriptor opened(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_file));
    if (!opened)
        return last_error();
    if (const int code = ::posix_fallocate(opened.get(), 0, static_cast<off_t>(bytes)); code != 0)
        return {code, std::system_category()};
    return {};
}

std::uint64_t free_space(const std::filesystem::path& folder) {
    struct statvfs found {};
    if (::statvfs(folder.c_str(), &found) != 0)
        return 0;
    return std::uint64_t{found.f_bavail} * found.f_frsize;
}

} // namespace bridge::registry
