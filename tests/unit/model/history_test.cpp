// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/history.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge::model;

operation_result op(const char* name, std::int32_t call, std::int32_t rc,
                    std::uint32_t interval_ms = 0, std::int32_t expected = 0) {
    operation_result made;
    made.operation = name;
    made.call_id = call;
    made.rc = rc;
    made.interval_ms = interval_ms;
    made.expected_rc = expected;
    made.last_change = 1000 + call;
    return made;
}

operation_result pending(const char* name) {
    auto made = op(name, -1, 193);
    made.status = -1;
    return made;
}

instance_status follow(std::vector<operation_result> operations, bool managed = true,
                       const std::vector<operation_facts>& configured = {}) {
    history_facts history;
    history.id = "r";
    history.operations = std::move(operations);
    return status_of(history, configured, managed);
}

TEST(History, FollowsCallNumbersNotDocumentOrder) {
    const auto status = follow({op("stop", 9, 0), op("start", 5, 0), op("monitor", 6, 0, 10000)});
    EXPECT_EQ(status.is, role::stopped);
    EXPECT_FALSE(status.failed);
    EXPECT_EQ(status.newest_call, 9);
}

TEST(History, ProbeFindsWhatIsThere) {
    EXPECT_EQ(follow({op("monitor", 1, 7, 0, 7)}).is, role::stopped);
    EXPECT_EQ(follow({op("monitor", 1, 0, 0, 7)}).is, role::started);
    EXPECT_EQ(follow({op("monitor", 1, 8, 0, 7)}).is, role::promoted);
    const auto absent = follow({op("monitor", 1, 5, 0, 7)});
    EXPECT_EQ(absent.is, role::stopped);
    EXPECT_FALSE(absent.failed);
    const auto broken = follow({op("monitor", 1, 1, 0, 7)});
    EXPECT_TRUE(broken.active());
    EXPECT_TRUE(broken.failed);
    EXPECT_EQ(broken.newest, 0) << "a probe moves nothing";
}

TEST(History, PendingOperationIsTheNewest) {
    const auto starting = follow({pending("start"), op("monitor", 3, 7, 0, 7)});
    EXPECT_EQ(starting.is, role::stopped);
    EXPECT_EQ(starting.in_flight, flight::starting);
    const auto stopping = follow({pending("stop"), op("monitor", 3, 0, 10000)});
    EXPECT_TRUE(stopping.active());
    EXPECT_EQ(stopping.in_flight, flight::stopping);
    EXPECT_EQ(follow({pending("migrate_from")}).in_flight, flight::starting);
    EXPECT_EQ(follow({pending("migrate_to")}).in_flight, flight::stopping);
    EXPECT_EQ(follow({op("start", 3, 0), pending("monitor")}).in_flight, flight::other);
}

TEST(History, FailureLastsUntilSomethingMendsIt) {
    EXPECT_TRUE(follow({op("start", 3, 0), op("monitor", 4, 7, 10000)}).failed);
    EXPECT_FALSE(follow({op("start", 3, 0), op("monitor", 4, 7, 10000), op("stop", 5, 0)}).failed);
    EXPECT_TRUE(follow({op("start", 3, 1)}).failed);
    EXPECT_TRUE(follow({op("start", 3, 1)}).active());
    EXPECT_TRUE(follow({op("start", 3, 0), op("stop", 4, 1)}).active());
    EXPECT_FALSE(follow({op("start", 3, 1), op("stop", 4, 0), op("start", 5, 0)}).failed);
}

TEST(History, StoppedOnItsOwnIsNoFailureWhileUnmanaged) {
    const auto status = follow({op("start", 3, 0), op("monitor", 4, 7, 10000)}, false);
    EXPECT_EQ(status.is, role::stopped);
    EXPECT_FALSE(status.failed);
}

TEST(History, OnFailIgnoreIsRespected) {
    operation_facts monitor;
    monitor.name = "monitor";
    monitor.interval_ms = 10000;
    monitor.on_fail = "ignore";
    const auto status = follow({op("start", 3, 0), op("monitor", 4, 1, 10000)}, true, {monitor});
    EXPECT_TRUE(status.active());
    EXPECT_FALSE(status.failed);
}

TEST(History, PromotionAndDegradedResults) {
    EXPECT_EQ(follow({op("start", 3, 0), op("promote", 4, 0)}).is, role::promoted);
    EXPECT_EQ(follow({op("promote", 4, 0), op("demote", 5, 0)}).is, role::started);
    EXPECT_EQ(follow({op("start", 3, 0), op("promote", 4, 0), op("monitor", 5, 8, 9000, 8)}).is,
              role::promoted);
    EXPECT_TRUE(follow({op("promote", 4, 0), op("monitor", 5, 9, 9000, 8)}).failed);
    EXPECT_TRUE(follow({op("promote", 4, 0), op("monitor", 5, 0, 9000, 8)}).failed);
    EXPECT_FALSE(follow({op("start", 3, 0), op("monitor", 4, 190, 9000)}).failed);
}

TEST(History, TimeoutAndOtherStatusesAreFailures) {
    auto timed_out = op("monitor", 4, 1, 10000);
    timed_out.status = 2;
    EXPECT_TRUE(follow({op("start", 3, 0), timed_out}).failed);
    auto cancelled = op("monitor", 4, 1, 10000);
    cancelled.status = 1;
    EXPECT_FALSE(follow({op("start", 3, 0), cancelled}).failed);
}

} // namespace
