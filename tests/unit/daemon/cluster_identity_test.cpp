// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_identity.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace bridge::daemon {
namespace {

class ClusterIdentity : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "identity.XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory); }

    std::filesystem::path directory;
};

TEST_F(ClusterIdentity, ConfiguredOneWins) {
    EXPECT_EQ(
        win32::to_string(cluster_identity("{B97DB8B2-4C63-11CF-BFF6-08002BE23F2F}", directory)),
        "b97db8b2-4c63-11cf-bff6-08002be23f2f");
    EXPECT_TRUE(std::filesystem::is_empty(directory));
}

TEST_F(ClusterIdentity, IsMadeOnceAndKept) {
    const auto first = cluster_identity("", directory / "state");
    EXPECT_FALSE(first.is_null());
    EXPECT_EQ(cluster_identity("", directory / "state"), first);
    EXPECT_NE(cluster_identity("", directory / "other"), first);
}

TEST_F(ClusterIdentity, DamagedFileIsRefusedNotReplaced) {
    std::ofstream(directory / "cluster-id") << "b97db8b2-4c63";
    EXPECT_THROW(cluster_identity("", directory), std::runtime_error);
    EXPECT_THROW(cluster_identity("no guid", directory), std::runtime_error);
}

} // namespace
} // namespace bridge::daemon
