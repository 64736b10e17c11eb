// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_security.hpp"

#include "bridge/daemon/stored_descriptor.hpp"
#include "bridge/win32/sddl.hpp"
#include "tests/unit/daemon/small_registry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace bridge::daemon {
namespace {

using model::registry_errc;
using tests::small_registry;

win32::security_descriptor from(const char* sddl) {
    return *win32::parse_sddl(sddl);
}

registry_errc store(small_registry& in, std::optional<win32::security_descriptor> value) {
    boost::asio::io_context io;
    registry_errc result = registry_errc::undecided;
    boost::asio::co_spawn(io, store_descriptor(in, std::move(value), "test"),
                          [&](std::exception_ptr, registry_errc code) { result = code; });
    io.run();
    return result;
}

class ClusterSecurity : public testing::Test {
protected:
    small_registry registry;
    const win32::security_descriptor configured = from("D:(A;;GA;;;BA)");
    std::vector<std::string> said;
    cluster_security security{
        registry,
        clusapi::fixed_security(std::make_shared<const win32::security_descriptor>(configured)),
        [this](std::string_view text) { said.emplace_back(text); }};
};

TEST_F(ClusterSecurity, IsTheConfiguredOneAtFirst) {
    EXPECT_EQ(*security.cluster(), configured);
    EXPECT_TRUE(said.empty());
}

TEST_F(ClusterSecurity, IsTheRegistrysAtOnce) {
    const auto wanted = from("O:BAG:BAD:(A;;0x1;;;AU)(A;;0x3;;;BA)");
    EXPECT_EQ(store(registry, wanted), registry_errc::none);
    EXPECT_EQ(win32::to_sddl(*security.cluster()).value(), win32::to_sddl(wanted).value());
    EXPECT_EQ(said.size(), 1U);
    EXPECT_EQ(security.cluster(), security.cluster()) << "decoded once";
    EXPECT_EQ(store(registry, std::nullopt), registry_errc::none);
    EXPECT_EQ(*security.cluster(), configured);
    EXPECT_EQ(said.size(), 2U);
}

TEST_F(ClusterSecurity, StaysWhenOtherThingsChange) {
    EXPECT_EQ(store(registry, from("D:(A;;GR;;;AU)")), registry_errc::none);
    const auto before = security.cluster();
    model::registry_batch other;
    model::registry_command creation;
    creation.verb = model::registry_verb::create_key;
    creation.path = "Other";
    other.commands.push_back(std::move(creation));
    boost::asio::io_context io;
    boost::asio::co_spawn(io, registry.commit(other),
                          [](std::exception_ptr, const model::registry_outcome&) {});
    io.run();
    EXPECT_EQ(security.cluster(), before);
    EXPECT_EQ(said.size(), 1U);
}

TEST_F(ClusterSecurity, SaysWhyItIsNotStored) {
    registry.refuses = registry_errc::not_active;
    EXPECT_EQ(store(registry, from("D:(A;;GR;;;AU)")), registry_errc::not_active);
    EXPECT_EQ(*security.cluster(), configured);
}

} // namespace
} // namespace bridge::daemon
