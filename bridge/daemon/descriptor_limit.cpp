// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/descriptor_limit.hpp"

#include <sys/resource.h>

#include <filesystem>
#include <system_error>

namespace bridge::daemon {

std::uint64_t raise_descriptor_limit() {
    rlimit allowed{};
    if (::getrlimit(RLIMIT_NOFILE, &allowed) != 0)
        return 0;
    const rlimit wanted{allowed.rlim_max, allowed.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0)
        return wanted.rlim_cur;
    return allowed.rlim_cur;
}

std::uint64_t allowed_descriptors() {
    rlimit allowed{};
    return ::getrlimit(RLIMIT_NOFILE, &allowed) == 0 ? allowed.rlim_cur : 0;
}

std::optional<std::uint64_t> open_descriptors() {
    std::error_code error;
    std::filesystem::directory_iterator entry("/proc/self/fd", error);
    std::uint64_t count = 0;
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        ++count;
    if (error || count == 0)
        return std::nullopt;
    return count - 1; // one of them listed the others
}

std::size_t connections_within(std::uint64_t allowed, std::uint64_t open, std::uint64_t reserve) {
    const std::uint64_t taken = open + reserve;
    return allowed > taken ? static_cast<std::size_t>(allowed - taken) : 1;
}

} // namespace bridge::daemon
