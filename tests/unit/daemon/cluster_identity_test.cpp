// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_identity.hpp"

#include "tests/unit/daemon/small_registry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace bridge::daemon {
namespace {

using model::registry_errc;
using tests::small_registry;

registry_errc make(small_registry& store, const win32::guid& candidate) {
    boost::asio::io_context io;
    registry_errc result = registry_errc::undecided;
    boost::asio::co_spawn(io, make_cluster_identity(store, candidate),
                          [&](std::exception_ptr, registry_errc code) { result = code; });
    io.run();
    return result;
}

TEST(ClusterIdentity, IsNotThereAtFirst) {
    EXPECT_FALSE(cluster_identity(small_registry().tree()));
}

TEST(ClusterIdentity, IsMadeOnceAndKept) {
    small_registry store;
    EXPECT_EQ(make(store, {}), registry_errc::none);
    const auto first = cluster_identity(store.tree());
    ASSERT_TRUE(first);
    EXPECT_FALSE(first->is_null());
    EXPECT_EQ(make(store, win32::random_guid()), registry_errc::none);
    EXPECT_EQ(cluster_identity(store.tree()), first);
}

TEST(ClusterIdentity, BeginsWithTheConfiguredOne) {
    small_registry store;
    const auto wanted = configured_identity("{B97DB8B2-4C63-11CF-BFF6-08002BE23F2F}");
    EXPECT_EQ(make(store, wanted), registry_errc::none);
    EXPECT_EQ(cluster_identity(store.tree()), wanted);
}

TEST(ClusterIdentity, SaysWhyItIsNotStored) {
    small_registry store;
    store.refuses = registry_errc::not_active;
    EXPECT_EQ(make(store, {}), registry_errc::not_active);
    EXPECT_FALSE(cluster_identity(store.tree()));
}

TEST(ClusterIdentity, OfTheConfigurationMustBeAGuid) {
    EXPECT_TRUE(configured_identity("").is_null());
    EXPECT_THROW(configured_identity("b97db8b2-4c63"), std::runtime_error);
    EXPECT_THROW(configured_identity("00000000-0000-0000-0000-000000000000"), std::runtime_error);
}

} // namespace
} // namespace bridge::daemon
