// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/local_adapters.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

TEST(LocalAdapters, ShowLoopback) {
    const auto found = bridge::corosync::local_addresses();
    const auto loopback = std::find_if(found.begin(), found.end(),
                                       [](const auto& a) { return a.address == "127.0.0.1"; });
    if (loopback == found.end())
        GTEST_SKIP() << "no loopback address here";
    EXPECT_EQ(loopback->interface_name, "lo");
    EXPECT_EQ(loopback->prefix_length, 8);
    EXPECT_FALSE(loopback->dynamic);
    EXPECT_FALSE(loopback->friendly_name.empty());
}

} // namespace
