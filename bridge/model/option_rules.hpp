// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Options that only count under a condition: sets with rules about the time, the agent or the
/// operation.
namespace bridge::model {

/// Names and values in effective order: the first of a name counts.
using attributes = std::vector<std::pair<std::string, std::string>>;

enum class calendar_unit : std::uint8_t {
    seconds,
    minutes,
    hours,
    monthdays,
    weekdays, ///< 1 is Monday
    yeardays,
    weeks, ///< ISO 8601
    months,
    years,
    weekyears,
};

/// A part of the local time, bounds included.
struct calendar_range {
    calendar_unit unit = calendar_unit::seconds;
    std::uint32_t low = 0;
    std::uint32_t high = 0;

    bool operator==(const calendar_range&) const = default;
};

/// A moment as configured: seconds since 1970, in UTC or of local time.
struct configured_time {
    std::int64_t seconds = 0;
    bool local = false;

    bool operator==(const configured_time&) const = default;
};

/// A rule, or part of one.
struct condition {
    enum class kind : std::uint8_t {
        never,
        always,
        all, ///< of `parts`
        any,
        before,    ///< `end`
        after,     ///< `start`
        within,    ///< `start` (if any) to `end` (if any), both included
        calendar,  ///< every one of `ranges`
        agent,     ///< class and type, where set, and provider, also when it has none
        operation, ///< `type` is its name; `interval_ms` without a value fits any
    };
    kind is = kind::never;
    std::vector<condition> parts;
    std::optional<configured_time> start;
    std::optional<configured_time> end;
    std::vector<calendar_range> ranges;
    std::string class_;
    std::string provider;
    std::string type;
    std::optional<std::uint32_t> interval_ms;

    bool operator==(const condition&) const = default;
};

struct option_set {
    condition when;
    attributes values;

    bool operator==(const option_set&) const = default;
};

/// Best score first. Empty where no set has a rule: then plain attributes say it all.
using option_sets = std::vector<option_set>;

/// What conditions are about.
struct option_context {
    std::int64_t now = 0; ///< seconds since 1970; 0: no condition on the time holds
    std::string_view class_;
    std::string_view provider;
    std::string_view type;
    std::string_view operation; ///< empty: none
    std::uint32_t interval_ms = 0;
};

bool holds(const condition& what, const option_context& context);

/// What counts now.
attributes effective(const option_sets& sets, const option_context& context);

/// ISO 8601: "2019-09-23 18:00:00 -05:00", "2005-001", "2024-W07-1T08:30Z", "20240131"...; a time
/// without an offset is local. nullopt when it is none.
std::optional<configured_time> parse_time(std::string_view text);

/// A time span of calendar units (years, months) and fixed ones.
struct time_span {
    std::int32_t years = 0;
    std::int32_t months = 0;
    std::int64_t seconds = 0;
};

/// Bounded by what a calendar holds. A day that the month lacks becomes its last one.
configured_time later(const configured_time& from, const time_span& by);

} // namespace bridge::model
