// SPDX-License-Identifier: Apache-2.0
#include "sgpr/clock.hpp"

#include <cerrno>
#include <ctime>

namespace sgpr {

time_point system_clock::now() const {
    return std::chrono::steady_clock::now();
}

void system_clock::sleep_for(duration how_long) {
    if (how_long <= duration::zero()) {
        return;
    }
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(how_long);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(how_long - whole);
    timespec left{static_cast<std::time_t>(whole.count()), static_cast<long>(rest.count())};
    // A signal interrupts the wait; what is left of it follows.
    while (::nanosleep(&left, &left) == -1 && errno == EINTR) {
    }
}

} // namespace sgpr
