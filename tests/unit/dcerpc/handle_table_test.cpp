// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/association.hpp"
#include "bridge/dcerpc/service.hpp"

#include <gtest/gtest.h>

namespace bridge::dcerpc {
namespace {

struct counted final : handle_object {
    explicit counted(int& alive) : alive_(alive) { ++alive_; }
    ~counted() override { --alive_; }
    int& alive_;
};

TEST(HandleTable, KnowsAHandleOnlyForItsInterface) {
    handle_table table(10);
    interface mine;
    interface other;
    int alive = 0;
    const auto handle = table.add(mine, std::make_shared<counted>(alive));
    ASSERT_TRUE(handle);
    EXPECT_NE(table.find(mine, *handle), nullptr);
    EXPECT_EQ(table.find(other, *handle), nullptr);
    EXPECT_FALSE(table.remove(other, *handle));
    EXPECT_TRUE(table.remove(mine, *handle));
    EXPECT_EQ(table.find(mine, *handle), nullptr);
    EXPECT_FALSE(table.remove(mine, *handle));
    EXPECT_EQ(alive, 0);
}

TEST(HandleTable, EndsAtItsLimitAndAtThatOfTheProcess) {
    handle_budget budget(3, 3);
    handle_table first(2, &budget);
    handle_table second(2, &budget);
    interface mine;
    EXPECT_TRUE(first.add(mine, nullptr));
    EXPECT_TRUE(first.add(mine, nullptr));
    EXPECT_FALSE(first.add(mine, nullptr));
    EXPECT_TRUE(second.add(mine, nullptr));
    EXPECT_FALSE(second.add(mine, nullptr));
    first.clear();
    EXPECT_EQ(budget.used(), 1U);
    EXPECT_TRUE(second.add(mine, nullptr));
}

TEST(HandleTable, EndsAtTheLimitOfAnIdentityWhateverAssociationItUses) {
    handle_budget budget(100, 3);
    handle_table first(10, &budget);
    handle_table second(10, &budget);
    interface mine;
    const auto one = first.add(mine, nullptr, "DOM\\one");
    EXPECT_TRUE(first.add(mine, nullptr, "DOM\\one"));
    EXPECT_TRUE(second.add(mine, nullptr, "DOM\\one"));
    EXPECT_FALSE(second.add(mine, nullptr, "DOM\\one"));
    EXPECT_TRUE(second.add(mine, nullptr, "DOM\\other"));
    EXPECT_TRUE(first.remove(mine, *one));
    EXPECT_TRUE(second.add(mine, nullptr, "DOM\\one"));
    EXPECT_EQ(budget.used(), 4U);
    first.clear();
    second.clear();
    EXPECT_EQ(budget.used(), 0U);
    EXPECT_EQ(budget.holders(), 0U);
}

TEST(AssociationGroup, RunsHandlesDownWithItsLastConnection) {
    limits bounds;
    association_registry registry(bounds);
    interface mine;
    int alive = 0;
    const auto group = registry.create();
    ASSERT_NE(registry.join(group->id()), nullptr);
    group->handles.add(mine, std::make_shared<counted>(alive));
    registry.leave(*group);
    EXPECT_EQ(alive, 1);
    registry.leave(*group);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(registry.join(group->id()), nullptr);
}

} // namespace
} // namespace bridge::dcerpc
