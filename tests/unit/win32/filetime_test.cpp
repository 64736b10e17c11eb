// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/filetime.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

using clock = std::chrono::system_clock;
using namespace std::chrono_literals;

TEST(Filetime, PutsTheUnixEpochWhereWindowsDoes) {
    EXPECT_EQ(to_filetime(clock::time_point{}).ticks, 116'444'736'000'000'000ULL);
    EXPECT_EQ(to_time_point({116'444'736'000'000'000ULL}), clock::time_point{});
}

TEST(Filetime, RoundTripsToTheTick) {
    const auto moment = clock::time_point(1'700'000'000s + 123'456'700ns);
    EXPECT_EQ(to_time_point(to_filetime(moment)), moment);
    EXPECT_EQ(to_filetime(moment + 99ns), to_filetime(moment));
    EXPECT_EQ(to_filetime(clock::time_point(-1ns)).ticks, 116'444'735'999'999'999ULL);
}

TEST(Filetime, StopsAtTheEndsOfBothRanges) {
    EXPECT_EQ(to_filetime(clock::time_point::min()).ticks > 0, true); // 1677 is after 1601
    EXPECT_EQ(to_time_point({0}), clock::time_point::min());
    EXPECT_EQ(to_time_point({~0ULL}), clock::time_point::max());
    EXPECT_EQ(to_time_point({0x7FFF'FFFF'FFFF'FFFFULL}), clock::time_point::max());
    EXPECT_LE(to_time_point(to_filetime(clock::time_point::max())), clock::time_point::max());
}

TEST(Filetime, SplitsIntoItsHalves) {
    constexpr filetime value{0x0123'4567'89AB'CDEFULL};
    EXPECT_EQ(low_part(value), 0x89AB'CDEFU);
    EXPECT_EQ(high_part(value), 0x0123'4567U);
    EXPECT_EQ(make_filetime(low_part(value), high_part(value)), value);
}

} // namespace
} // namespace bridge::win32
