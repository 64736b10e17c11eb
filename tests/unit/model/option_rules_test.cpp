// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/facts.hpp"
#include "bridge/model/on_fail.hpp"
#include "bridge/model/option_rules.hpp"
#include "bridge/model/resolve.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge::model;

std::int64_t utc(std::string_view text) {
    const auto parsed = parse_time(text);
    EXPECT_TRUE(parsed && !parsed->local) << text;
    return parsed ? parsed->seconds : -1;
}

TEST(ConfiguredTime, IsIso8601InItsForms) {
    EXPECT_EQ(utc("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(utc("2019-09-23 18:00:00 -05:00"), 1569279600);
    EXPECT_EQ(utc("20190923T230000Z"), 1569279600);
    EXPECT_EQ(utc("2019-266 23:00 +00:00"), 1569279600);
    EXPECT_EQ(utc("2019-W39-1T23Z"), 1569279600);
    EXPECT_EQ(utc("2000-02-29 12:00:00 +02"), 951818400);
    const auto date = parse_time("2005-001");
    ASSERT_TRUE(date);
    EXPECT_TRUE(date->local);
    EXPECT_EQ(date->seconds, 1104537600);
    for (const char* wrong : {"", "tomorrow", "2019-13-01", "2019-02-30", "2019-09-23 25:00:00",
                              "2019-09-23T10:00:00 +", "2019-W54-1", "2019-000", "19-01-01"})
        EXPECT_FALSE(parse_time(wrong)) << wrong;
}

TEST(ConfiguredTime, MonthsKeepToTheCalendar) {
    const configured_time january{utc("2023-01-31T10:00:00Z"), false};
    EXPECT_EQ(later(january, {0, 1, 0}).seconds, utc("2023-02-28T10:00:00Z"));
    EXPECT_EQ(later(january, {1, 1, 60}).seconds, utc("2024-02-29T10:01:00Z"));
    EXPECT_EQ(later(january, {0, -2, 0}).seconds, utc("2022-11-30T10:00:00Z"));
    later(january, {2000000000, 2000000000, 0}); // bounded
}

condition between(std::int64_t start, std::int64_t end) {
    condition made;
    made.is = condition::kind::within;
    made.start = configured_time{start, false};
    made.end = configured_time{end, false};
    return made;
}

option_context at(std::int64_t now) {
    option_context made;
    made.now = now;
    return made;
}

TEST(Condition, OnTheTimeHasItsBounds) {
    const auto window = between(100, 200);
    for (const auto& [now, inside] :
         {std::pair{99, false}, {100, true}, {200, true}, {201, false}, {0, false}})
        EXPECT_EQ(holds(window, at(now)), inside) << now;
    auto edge = window;
    edge.is = condition::kind::after;
    EXPECT_FALSE(holds(edge, at(100)));
    EXPECT_TRUE(holds(edge, at(101)));
    edge.is = condition::kind::before;
    EXPECT_TRUE(holds(edge, at(199)));
    EXPECT_FALSE(holds(edge, at(200)));
}

TEST(Condition, OnTheCalendarNeedsEveryPart) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    condition office;
    office.is = condition::kind::calendar;
    office.ranges = {{calendar_unit::weekdays, 1, 5}, {calendar_unit::hours, 9, 16}};
    EXPECT_TRUE(holds(office, at(utc("2024-07-05T16:59:59Z")))) << "a Friday";
    EXPECT_FALSE(holds(office, at(utc("2024-07-05T17:00:00Z"))));
    EXPECT_FALSE(holds(office, at(utc("2024-07-06T10:00:00Z")))) << "a Saturday";
    const auto part = [](calendar_unit unit, std::uint32_t value, const char* moment) {
        condition made;
        made.is = condition::kind::calendar;
        made.ranges = {{unit, value, value}};
        return holds(made, at(utc(moment)));
    };
    EXPECT_TRUE(part(calendar_unit::weeks, 53, "2021-01-03T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::weekyears, 2020, "2021-01-03T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::weeks, 1, "2021-01-04T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::yeardays, 366, "2024-12-31T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::months, 12, "2024-12-31T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::monthdays, 31, "2024-12-31T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::weekdays, 7, "2024-12-29T00:00:00Z"));
    EXPECT_TRUE(part(calendar_unit::minutes, 7, "2024-12-29T01:07:00Z"));
}

condition for_agent(const char* class_, const char* provider, const char* type) {
    condition made;
    made.is = condition::kind::agent;
    made.class_ = class_;
    made.provider = provider;
    made.type = type;
    return made;
}

TEST(Condition, OnTheAgentFitsWhatItLeavesOpen) {
    option_context dummy = at(1);
    dummy.class_ = "ocf";
    dummy.provider = "pacemaker";
    dummy.type = "Dummy";
    EXPECT_TRUE(holds(for_agent("", "pacemaker", ""), dummy));
    EXPECT_TRUE(holds(for_agent("ocf", "pacemaker", "Dummy"), dummy));
    EXPECT_FALSE(holds(for_agent("ocf", "", "Dummy"), dummy)) << "those that have no provider";
    EXPECT_FALSE(holds(for_agent("ocf", "heartbeat", "Dummy"), dummy));
    EXPECT_FALSE(holds(for_agent("ocf", "", ""), at(1))) << "not about a resource";
}

TEST(ConditionalDefaults, CountForTheResourcesTheyAreAbout) {
    auto facts = std::make_shared<cib_facts>();
    auto dummy = std::make_shared<resource_facts>();
    dummy->id = "dummy";
    dummy->class_ = "ocf";
    dummy->type = "Dummy";
    auto other = std::make_shared<resource_facts>(*dummy);
    other->id = "other";
    other->type = "IPaddr2";
    facts->resources = fact_table<resource_facts>({dummy, other});
    condition everywhere;
    everywhere.is = condition::kind::always;
    facts->resource_default_rules = std::make_shared<const option_sets>(
        option_sets{{for_agent("ocf", "", "Dummy"), {{"is-managed", "false"}}},
                    {everywhere, {{"is-managed", "true"}, {"priority", "1"}}}});
    resolver resolve;
    const auto now = resolve.resolve(facts, 1);
    EXPECT_EQ(*effective_meta(*now, *now->resources[0], "is-managed"), "false");
    EXPECT_EQ(*effective_meta(*now, *now->resources[0], "priority"), "1");
    EXPECT_EQ(*effective_meta(*now, *now->resources[1], "is-managed"), "true");
    const auto again = resolve.resolve(std::make_shared<const cib_facts>(*facts), 2);
    EXPECT_EQ(again->resources[0], now->resources[0]) << "nothing became of it";
    const auto plain = std::make_shared<const cib_facts>();
    EXPECT_EQ(resolve.resolve(plain, 1), plain) << "nothing to resolve";
}

TEST(ConditionalDefaults, OfOperationsDecideOnFail) {
    condition monitors;
    monitors.is = condition::kind::operation;
    monitors.type = "monitor";
    monitors.interval_ms = 10000;
    const option_sets defaults{{monitors, {{"on-fail", "ignore"}}}};
    history_rules rules;
    rules.default_rules = &defaults;
    operation_result op;
    op.operation = "monitor";
    op.interval_ms = 10000;
    EXPECT_EQ(response_to(op, rules), failure_response::ignore);
    op.interval_ms = 20000;
    EXPECT_EQ(response_to(op, rules), failure_response::recover);
}

} // namespace
