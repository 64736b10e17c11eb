// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/accounts.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bridge::auth {

namespace {

/// Owns a file descriptor.
class descriptor {
public:
    explicit descriptor(int fd) : fd_(fd) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0)
            close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool is_open() const { return fd_ >= 0; }

private:
    int fd_;
};

accounts_error system_error(const std::filesystem::path& path, const char* doing) {
    return {path.string() + ": " + doing + ": " + std::strerror(errno)};
}

/// Text that is overwritten when it goes; it holds hashes.
struct secret_text {
    std::string value;
    ~secret_text() { wipe(value.data(), value.size()); }
};

std::optional<accounts_error> check_file(const std::filesystem::path& path,
                                         const struct stat& facts) {
    constexpr mode_t others = S_IRWXG | S_IRWXO | S_IXUSR | S_ISUID | S_ISGID | S_ISVTX;
    if (!S_ISREG(facts.st_mode))
        return accounts_error{path.string() + ": not a regular file"};
    if ((facts.st_mode & others) != 0)
        return accounts_error{path.string() + ": mode must be 0600"};
    if (facts.st_uid != 0 && facts.st_uid != geteuid())
        return accounts_error{path.string() + ": belongs to another user"};
    if (facts.st_size < 0 ||
        static_cast<std::uint64_t>(facts.st_size) > account_list::max_file_size)
        return accounts_error{path.string() + ": too large"};
    return std::nullopt;
}

std::variant<account_list, accounts_error> read_open(const std::filesystem::path& path, int fd,
                                                     struct stat& facts) {
    if (fstat(fd, &facts) != 0)
        return system_error(path, "stat");
    if (auto bad = check_file(path, facts))
        return std::move(*bad);
    secret_text text;
    // One reservation, so that no copy of the hashes stays behind on the heap.
    text.value.resize(static_cast<std::size_t>(facts.st_size));
    std::size_t filled = 0;
    while (filled < text.value.size()) {
        const ssize_t got = read(fd, text.value.data() + filled, text.value.size() - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_error(path, "read");
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    auto parsed = account_list::parse(std::string_view(text.value).substr(0, filled));
    if (auto* bad = std::get_if<accounts_error>(&parsed))
        bad->text = path.string() + ": " + bad->text;
    return parsed;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t done = write(fd, text.data(), text.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
}

/// Writes a sibling of the file and renames it; `owner` is kept when it can be.
std::optional<accounts_error> replace(const std::filesystem::path& path, int directory,
                                      std::string_view text, const struct stat* owner) {
    const std::string name = path.filename().string();
    const std::string fresh = "." + name + ".new";
    unlinkat(directory, fresh.c_str(), 0); // left over from an interrupted change; we hold the lock
    const descriptor out(openat(directory, fresh.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out.is_open())
        return system_error(path, "create the new file");
    const bool keep_owner = owner != nullptr && geteuid() == 0;
    const bool written = fchmod(out.get(), 0600) == 0 &&
                         (!keep_owner || fchown(out.get(), owner->st_uid, owner->st_gid) == 0) &&
                         write_all(out.get(), text) && fsync(out.get()) == 0;
    if (!written || renameat(directory, fresh.c_str(), directory, name.c_str()) != 0) {
        auto bad = system_error(path, "write");
        unlinkat(directory, fresh.c_str(), 0);
        return bad;
    }
    if (fsync(directory) != 0)
        return system_error(path, "sync the directory");
    return std::nullopt;
}

} // namespace

std::variant<account_list, accounts_error> read_accounts(const std::filesystem::path& path) {
    const descriptor in(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!in.is_open())
        return system_error(path, "open");
    struct stat facts {};
    return read_open(path, in.get(), facts);
}

std::optional<accounts_error>
edit_accounts(const std::filesystem::path& path,
              const std::function<std::optional<accounts_error>(account_list&)>& change) {
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const descriptor directory(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || flock(directory.get(), LOCK_EX) != 0)
        return system_error(parent, "lock");
    account_list list;
    struct stat facts {};
    const descriptor in(openat(directory.get(), path.filename().c_str(),
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!in.is_open() && errno != ENOENT)
        return system_error(path, "open");
    if (in.is_open()) {
        auto known = read_open(path, in.get(), facts);
        if (auto* bad = std::get_if<accounts_error>(&known))
            return std::move(*bad);
        list = std::move(std::get<account_list>(known));
    }
    if (auto bad = change(list))
        return bad;
    const secret_text text{list.text()};
    return replace(path, directory.get(), text.value, in.is_open() ? &facts : nullptr);
}

} // namespace bridge::auth
