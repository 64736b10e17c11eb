// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/descriptor_limit.hpp"

#include <sys/resource.h>

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

} // namespace bridge::daemon
