// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/filetime.hpp"

#include <limits>
#include <ratio>

namespace bridge::win32 {
namespace {

using tick = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using clock = std::chrono::system_clock;

/// 1601 to 1970: 134774 days.
constexpr std::int64_t epoch_distance = 134'774LL * 86'400 * 10'000'000;

} // namespace

filetime to_filetime(clock::time_point moment) {
    const auto since_1970 = std::chrono::floor<tick>(moment.time_since_epoch()).count();
    // The clock's range in ticks is a hundredth of the counter's, so the sum cannot overflow.
    const auto ticks = since_1970 + epoch_distance;
    return {ticks < 0 ? 0 : static_cast<std::uint64_t>(ticks)};
}

clock::time_point to_time_point(filetime value) {
    constexpr auto latest = std::chrono::floor<tick>(clock::duration::max()).count();
    constexpr auto earliest = std::chrono::ceil<tick>(clock::duration::min()).count();
    if (value.ticks > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return clock::time_point::max();
    }
    const auto since_1970 = static_cast<std::int64_t>(value.ticks) - epoch_distance;
    if (since_1970 > latest) {
        return clock::time_point::max();
    }
    if (since_1970 < earliest) {
        return clock::time_point::min();
    }
    return clock::time_point(std::chrono::duration_cast<clock::duration>(tick(since_1970)));
}

} // namespace bridge::win32
