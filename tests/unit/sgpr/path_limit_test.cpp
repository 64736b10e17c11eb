// SPDX-License-Identifier: Apache-2.0
#include "sgpr/commands.hpp"
#include "sgpr/path.hpp"

#include <gtest/gtest.h>

#include <memory>

using namespace sgpr;
using namespace std::chrono_literals;

namespace {

struct noted_timeout final : transport {
    explicit noted_timeout(std::chrono::milliseconds& to) : timeout(to) {}
    outcome submit(const command& what) override {
        timeout = what.timeout;
        return {};
    }
    [[nodiscard]] std::string name() const override { return "noted"; }
    [[nodiscard]] std::optional<transport_id> initiator() const override { return std::nullopt; }

    std::chrono::milliseconds& timeout;
};

TEST(PathLimit, GivesNoCommandMoreTimeThanItsLimit) {
    std::chrono::milliseconds given{};
    virtual_clock time;
    path p(std::make_unique<noted_timeout>(given), time);
    ASSERT_TRUE(test_unit_ready(p));
    EXPECT_EQ(given, default_timeout);
    p.limit(250ms);
    ASSERT_TRUE(test_unit_ready(p));
    EXPECT_EQ(given, 250ms);
    p.limit(10s);
    ASSERT_TRUE(test_unit_ready(p));
    EXPECT_EQ(given, default_timeout);
}

} // namespace
