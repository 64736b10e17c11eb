// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_identity.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace bridge::daemon {
namespace {

win32::guid parse_or_throw(std::string_view text, const std::string& origin) {
    const auto value = win32::parse_guid(text);
    if (!value || value->is_null())
        throw std::runtime_error(origin + " is not a GUID");
    return *value;
}

[[noreturn]] void fail(const std::filesystem::path& file) {
    throw std::system_error(errno, std::generic_category(), file.string());
}

/// New file, its content and its name on disk before it counts.
void write_durably(const std::filesystem::path& file, const std::string& text) {
    const std::filesystem::path fresh = file.string() + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        fail(fresh);
    const bool written =
        ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(fd) == 0;
    ::close(fd);
    if (!written || ::rename(fresh.c_str(), file.c_str()) != 0)
        fail(file);
    const int directory = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || ::fsync(directory) != 0)
        fail(file.parent_path());
    ::close(directory);
}

} // namespace

win32::guid cluster_identity(std::string_view configured,
                             const std::filesystem::path& state_directory) {
    if (!configured.empty())
        return parse_or_throw(configured, "cluster.id");
    const std::filesystem::path file = state_directory / "cluster-id";
    if (std::filesystem::exists(file)) {
        std::ifstream in(file);
        std::string line;
        std::getline(in, line);
        return parse_or_throw(line, file.string());
    }
    std::filesystem::create_directories(state_directory);
    const win32::guid made = win32::random_guid();
    write_durably(file, win32::to_string(made) + "\n");
    return made;
}

} // namespace bridge::daemon
