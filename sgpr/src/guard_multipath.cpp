// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard_multipath.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace sgpr {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_answer = 4096;

class connection {
public:
    explicit connection(const std::string& socket) {
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (socket.empty() || socket.size() >= sizeof address.sun_path)
            return;
        std::memcpy(address.sun_path, socket.data(), socket.size());
        if (socket.front() == '@')
            address.sun_path[0] = '\0';
        // An abstract name has no end but its length.
        const auto size = offsetof(::sockaddr_un, sun_path) + socket.size();
        fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd_ >= 0 && ::connect(fd_, reinterpret_cast<::sockaddr*>(&address),
                                  static_cast<::socklen_t>(size)) != 0) {
            ::close(fd_);
            fd_ = -1;
        }
    }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    [[nodiscard]] int descriptor() const { return fd_; }

private:
    int fd_ = -1;
};

/// A length (of the host's size_t, with the final zero), then text.
bool send_command(int to, const std::string& command) {
    const std::size_t size = command.size() + 1;
    std::string message(sizeof size, '\0');
    std::memcpy(message.data(), &size, sizeof size);
    message.append(command.c_str(), size);
    return ::send(to, message.data(), message.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(message.size());
}

/// Nothing: no whole answer within `patience`.
std::optional<std::string> receive_answer(int from, std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    std::string got;
    for (;;) {
        std::size_t size = 0;
        if (got.size() >= sizeof size) {
            std::memcpy(&size, got.data(), sizeof size);
            if (size > max_answer)
                return std::nullopt;
            if (got.size() >= sizeof size + size)
                return std::string(got.c_str() + sizeof size);
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        ::pollfd wait{from, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0)
            return std::nullopt;
        std::array<char, 512> some{};
        const auto count = ::read(from, some.data(), some.size());
        if (count <= 0)
            return std::nullopt;
        got.append(some.data(), static_cast<std::size_t>(count));
    }
}

std::string first_name_in(const fs::path& folder) {
    std::error_code error;
    const fs::directory_iterator i(folder, error);
    return error || i == fs::directory_iterator() ? std::string{} : i->path().filename().string();
}

} // namespace

multipath_gate::multipath_gate(multipath_gate_settings settings) : settings_(std::move(settings)) {
    read_record();
}

multipath_gate::~multipath_gate() {
    for (const auto& [path, disk] : taken_out_)
        if (disk_of(path) == disk)
            (void)ask("add path " + disk);
    taken_out_.clear();
    write_record();
}

/// A path whose name has become another device's is nobody's business any more.
void multipath_gate::read_record() {
    if (settings_.record.empty())
        return;
    std::ifstream in(settings_.record);
    for (std::string path, disk; in >> path >> disk;)
        if (disk_of(path) == disk)
            taken_out_[path] = disk;
}

/// Whoever kills this process kills it between two of its files, never within one.
void multipath_gate::write_record() const {
    if (settings_.record.empty())
        return;
    std::error_code error;
    if (taken_out_.empty()) {
        fs::remove(settings_.record, error);
        return;
    }
    fs::path next = settings_.record;
    next += ".new";
    std::ofstream out(next, std::ios::trunc);
    for (const auto& [path, disk] : taken_out_)
        out << path << ' ' << disk << '\n';
    out.close();
    if (out)
        fs::rename(next, settings_.record, error);
    if (!out || error)
        log("cannot write " + settings_.record.string());
}

void multipath_gate::log(const std::string& line) const {
    if (settings_.log)
        settings_.log(line);
}

std::string multipath_gate::disk_of(const std::string& path) const {
    const std::string name = fs::path(path).filename();
    if (name.starts_with("sg"))
        return first_name_in(settings_.sysfs / "class/scsi_generic" / name / "device/block");
    return name;
}

/// The folder of the map that a disk is in; empty: none.
fs::path multipath_gate::map_of(const std::string& disk) const {
    std::error_code error;
    const fs::path block = settings_.sysfs / "class/block";
    for (fs::directory_iterator i(block / disk / "holders", error), end; !error && i != end;
         i.increment(error)) {
        const fs::path map = block / i->path().filename();
        std::ifstream in(map / "dm/uuid");
        std::string uuid;
        std::getline(in, uuid);
        if (uuid.starts_with("mpath-"))
            return map;
    }
    return {};
}

std::optional<std::string> multipath_gate::ask(const std::string& command) const {
    const connection to(settings_.socket);
    std::optional<std::string> answer;
    if (to.descriptor() >= 0 && send_command(to.descriptor(), command))
        answer = receive_answer(to.descriptor(), settings_.patience);
    log("multipathd, " + command + ": " + (answer ? answer->substr(0, 60) : "no answer in time"));
    return answer;
}

void multipath_gate::allow(const std::string& path) {
    const std::string disk = disk_of(path);
    const auto out = taken_out_.find(path);
    if (out == taken_out_.end() || disk.empty())
        return;
    taken_out_.erase(out);
    (void)ask("add path " + disk);
    write_record();
}

void multipath_gate::block(const std::string& path) {
    const std::string disk = disk_of(path);
    const fs::path map = disk.empty() ? fs::path{} : map_of(disk);
    if (map.empty())
        return;
    std::error_code error;
    std::size_t paths = 0;
    for (fs::directory_iterator i(map / "slaves", error), end; !error && i != end;
         i.increment(error))
        ++paths;
    if (paths < 2) {
        log(disk + " is the last path of its map and stays in it");
        return;
    }
    // Without an answer it may be done all the same, later.
    taken_out_[path] = disk;
    write_record();
    (void)ask("del path " + disk);
}

} // namespace sgpr
