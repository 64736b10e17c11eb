// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/history.hpp"

#include <gtest/gtest.h>

#include <map>

namespace {

using namespace bridge::model;

operation_result op(const char* name, std::int32_t call, std::int32_t rc,
                    std::uint32_t interval_ms = 0, std::int32_t expected = 0) {
    operation_result made;
    made.id = std::string("r_").append(name).append(std::to_string(call));
    made.operation = name;
    made.controller = "dc";
    made.transition = call;
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
    history_rules rules;
    rules.operations = &configured;
    rules.managed = managed;
    return status_of(history, rules, {});
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
    EXPECT_EQ(starting.is, role::started) << "it may be there already";
    EXPECT_EQ(starting.in_flight, flight::starting);
    const auto stopping = follow({pending("stop"), op("monitor", 3, 0, 10000)});
    EXPECT_TRUE(stopping.active());
    EXPECT_EQ(stopping.in_flight, flight::stopping);
    EXPECT_EQ(follow({pending("migrate_from")}).in_flight, flight::starting);
    EXPECT_EQ(follow({pending("migrate_to")}).in_flight, flight::stopping);
    auto monitor = pending("monitor");
    EXPECT_EQ(follow({op("start", 3, 0), monitor}).in_flight, flight::none) << "a probe";
    monitor.interval_ms = 10000;
    EXPECT_EQ(follow({op("start", 3, 0), monitor}).in_flight, flight::other);
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

/// What other nodes recorded, by their names; all of them are online.
class recorded : public other_nodes {
public:
    [[nodiscard]] const history_facts* history_on(std::string_view node) const override {
        const auto found = histories.find(std::string(node));
        return found == histories.end() ? nullptr : &found->second;
    }
    [[nodiscard]] bool online(std::string_view node) const override { return node != lost; }

    std::map<std::string, history_facts> histories;
    std::string lost;
};

operation_result migration(const char* name, std::int32_t call, std::int32_t rc) {
    auto made = op(name, call, rc);
    made.migrate_source = "n1";
    made.migrate_target = "n2";
    return made;
}

instance_status follow_on(const char* node, const recorded& others) {
    const history_rules rules;
    history_place place;
    place.node = node;
    place.others = &others;
    return status_of(others.histories.at(node), rules, place);
}

TEST(Migration, RunsOnTheTargetOnceItLeft) {
    recorded nodes;
    nodes.histories["n1"].operations = {op("start", 3, 0), migration("migrate_to", 5, 0)};
    EXPECT_TRUE(follow_on("n1", nodes).active()) << "nobody has seen it arrive";
    EXPECT_EQ(follow_on("n1", nodes).also_on, std::vector<std::string>{"n2"});
    nodes.histories["n2"].operations = {migration("migrate_from", 7, 0)};
    EXPECT_EQ(follow_on("n1", nodes).is, role::stopped);
    EXPECT_TRUE(follow_on("n1", nodes).also_on.empty());
    EXPECT_TRUE(follow_on("n2", nodes).active());
}

TEST(Migration, WhoseTargetIsLostFailed) {
    recorded nodes;
    nodes.lost = "n2";
    nodes.histories["n1"].operations = {op("start", 3, 0), migration("migrate_to", 5, 0)};
    const auto status = follow_on("n1", nodes);
    EXPECT_TRUE(status.active());
    EXPECT_TRUE(status.failed);
    EXPECT_TRUE(status.also_on.empty());
}

TEST(Migration, ThatFailedLeavesItOnBothEndsUntilSomethingIsKnown) {
    recorded nodes;
    nodes.histories["n1"].operations = {op("start", 3, 0), migration("migrate_to", 5, 1)};
    nodes.histories["n2"].operations = {op("monitor", 2, 7, 0, 7)};
    EXPECT_TRUE(follow_on("n1", nodes).failed);
    EXPECT_EQ(follow_on("n1", nodes).also_on, std::vector<std::string>{"n2"});
    nodes.histories["n2"].operations = {op("stop", 9, 0)};
    EXPECT_TRUE(follow_on("n1", nodes).also_on.empty());
    nodes.histories["n2"].operations = {migration("migrate_from", 9, 1)};
    EXPECT_EQ(follow_on("n2", nodes).also_on, std::vector<std::string>{"n1"});
}

TEST(FailureTimeout, MakesAFailureExpire) {
    history_facts history;
    history.operations = {op("start", 3, 0), op("monitor", 4, 1, 10000)};
    history_rules rules;
    rules.failure_timeout_s = 60;
    history_place place;
    place.failures = {1, 1004};
    rules.now = 1064;
    EXPECT_TRUE(status_of(history, rules, place).failed);
    EXPECT_EQ(status_of(history, rules, place).changes_at, 1065);
    rules.now = 1065;
    EXPECT_FALSE(status_of(history, rules, place).failed);
    EXPECT_EQ(effective_count(place.failures, rules), 0);
    place.failures.last = 1050;
    EXPECT_TRUE(status_of(history, rules, place).failed) << "a newer failure keeps it";
    EXPECT_EQ(effective_count(place.failures, rules), 1);
    rules.now = 0;
    EXPECT_EQ(status_of(history, rules, place).changes_at, 0) << "without a clock nothing expires";
}

TEST(FailureTimeout, DoesNotEndABlock) {
    operation_facts monitor;
    monitor.name = "monitor";
    monitor.interval_ms = 10000;
    monitor.on_fail = "block";
    const std::vector<operation_facts> configured{monitor};
    history_facts history;
    history.operations = {op("start", 3, 0), op("monitor", 4, 1, 10000)};
    history_rules rules;
    rules.operations = &configured;
    rules.failure_timeout_s = 60;
    rules.now = 5000;
    history_place place;
    place.failures = {1, 1004};
    EXPECT_TRUE(status_of(history, rules, place).failed);
}

TEST(Response, FollowsTheConfigurationThenPacemakersDefaults) {
    history_rules rules;
    EXPECT_EQ(response_to(op("monitor", 1, 1), rules), failure_response::recover);
    EXPECT_EQ(response_to(op("stop", 1, 1), rules), failure_response::fence);
    rules.fencing = false;
    EXPECT_EQ(response_to(op("stop", 1, 1), rules), failure_response::block);
    rules.default_on_fail = "standby";
    EXPECT_EQ(response_to(op("monitor", 1, 1), rules), failure_response::standby);
    EXPECT_EQ(response_to(op("stop", 1, 1), rules), failure_response::block) << "not for a stop";
    operation_facts own;
    own.name = "monitor";
    own.on_fail = "Fence";
    own.enabled = false;
    const std::vector<operation_facts> configured{own};
    rules.operations = &configured;
    EXPECT_EQ(response_to(op("monitor", 1, 1), rules), failure_response::stop) << "no fencing";
    rules = {};
    rules.contained = true;
    EXPECT_EQ(response_to(op("stop", 1, 1), rules), failure_response::restart_container);
    rules = {};
    rules.connection = true;
    EXPECT_EQ(response_to(op("monitor", 1, 1), rules), failure_response::recover) << "a probe";
    EXPECT_EQ(response_to(op("monitor", 1, 1, 10000), rules), failure_response::reset_connection);
}

TEST(Age, OfAnOperationInFlightIsThatOfItsTransition) {
    auto flying = pending("start");
    flying.transition = 2;
    EXPECT_LT(compare_age(flying, op("stop", 3, 0), true), 0) << "a later transition stopped it";
    flying.transition = 4;
    EXPECT_GT(compare_age(flying, op("stop", 3, 0), true), 0);
    flying.controller = "another";
    flying.transition = 1;
    EXPECT_GT(compare_age(flying, op("stop", 3, 0), true), 0);
    EXPECT_LT(compare_age(op("start", 3, 0), op("stop", 4, 0), true), 0);
    EXPECT_LT(compare_age(op("start", 9, 0), op("stop", 10, 0), false), 0) << "by time";
}

} // namespace
