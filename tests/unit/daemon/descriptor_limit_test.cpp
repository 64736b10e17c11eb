// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/descriptor_limit.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <limits>

namespace bridge::daemon {
namespace {

TEST(DescriptorLimit, LeavesConnectionsWhatNobodyElseNeeds) {
    EXPECT_EQ(connections_within(1024, 24, 53), 947U);
    EXPECT_EQ(connections_within(78, 24, 53), 1U);
    EXPECT_EQ(connections_within(77, 24, 53), 1U); // too few for anything; it says so and tries
    EXPECT_EQ(connections_within(0, 24, 53), 1U);
    EXPECT_EQ(connections_within(std::numeric_limits<std::uint64_t>::max(), 24, 53),
              std::numeric_limits<std::uint64_t>::max() - 77);
}

TEST(DescriptorLimit, CountsWhatIsOpenWithoutItsOwnLook) {
    const auto before = open_descriptors();
    ASSERT_TRUE(before.has_value());
    const int one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int other = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(open_descriptors(), *before + 2);
    ::close(one);
    ::close(other);
    EXPECT_EQ(open_descriptors(), before);
}

TEST(DescriptorLimit, CountsEveryUseInTheReserve) {
    const passing_descriptors idle;
    passing_descriptors busy;
    busy.log_ons = 2 * descriptors_of_a_log_on;
    busy.control_connections = 16;
    EXPECT_EQ(busy.all(), idle.all() + 32);
}

} // namespace
} // namespace bridge::daemon
