// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/option_rules.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace bridge::model {

namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::int64_t seconds_per_day = 86400;

/// Local time as if it were UTC.
std::int64_t local_seconds(std::int64_t now) {
    const auto moment = static_cast<std::time_t>(now);
    std::tm parts{};
    return localtime_r(&moment, &parts) != nullptr ? now + parts.tm_gmtoff : now;
}

std::int64_t now_for(const configured_time& moment, std::int64_t now) {
    return moment.local ? local_seconds(now) : now;
}

std::uint32_t unsigned_of(std::int64_t value) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(value, 0));
}

struct iso_week {
    std::int64_t year = 0;
    std::int64_t week = 0;
};

/// The week that holds the Thursday of the day's week, counted in the Thursday's year.
iso_week week_of(sys_days date) {
    const std::chrono::weekday weekday(date);
    const auto thursday = date + days(4 - static_cast<int>(weekday.iso_encoding()));
    const auto its_year = year_month_day(thursday).year();
    const auto first = sys_days(its_year / month(1) / day(1));
    return {static_cast<int>(its_year), (thursday - first).count() / 7 + 1};
}

std::uint32_t part_of(std::int64_t local, calendar_unit unit) {
    const auto whole = local / seconds_per_day - (local % seconds_per_day < 0 ? 1 : 0);
    const auto time = local - whole * seconds_per_day;
    const sys_days date{days(whole)};
    const year_month_day ymd(date);
    switch (unit) {
    case calendar_unit::seconds:
        return unsigned_of(time % 60);
    case calendar_unit::minutes:
        return unsigned_of(time / 60 % 60);
    case calendar_unit::hours:
        return unsigned_of(time / 3600);
    case calendar_unit::monthdays:
        return static_cast<unsigned>(ymd.day());
    case calendar_unit::weekdays:
        return std::chrono::weekday(date).iso_encoding();
    case calendar_unit::yeardays:
        return unsigned_of((date - sys_days(ymd.year() / month(1) / day(1))).count() + 1);
    case calendar_unit::weeks:
        return unsigned_of(week_of(date).week);
    case calendar_unit::months:
        return static_cast<unsigned>(ymd.month());
    case calendar_unit::years:
        return unsigned_of(static_cast<int>(ymd.year()));
    case calendar_unit::weekyears:
        return unsigned_of(week_of(date).year);
    }
    return 0;
}

bool holds_now(const condition& what, std::int64_t now) {
    if (now == 0)
        return false;
    const bool begun = !what.start || now_for(*what.start, now) >= what.start->seconds;
    const bool over = what.end && now_for(*what.end, now) > what.end->seconds;
    switch (what.is) {
    case condition::kind::before:
        return what.end && now_for(*what.end, now) < what.end->seconds;
    case condition::kind::after:
        return what.start && now_for(*what.start, now) > what.start->seconds;
    case condition::kind::within:
        return (what.start || what.end) && begun && !over;
    default:
        return std::all_of(what.ranges.begin(), what.ranges.end(), [&](const auto& each) {
            const auto part = part_of(local_seconds(now), each.unit);
            return each.low <= part && part <= each.high;
        });
    }
}

bool fits(std::string_view wanted, std::string_view is) {
    return wanted.empty() || wanted == is;
}

/// Reads numbers of a fixed width off the front.
class time_reader {
public:
    explicit time_reader(std::string_view text) : text_(text) {}

    [[nodiscard]] bool done() const { return text_.empty(); }
    bool skip(char c) {
        if (text_.empty() || text_.front() != c)
            return false;
        text_.remove_prefix(1);
        return true;
    }
    void skip_blanks() {
        while (skip(' '))
            ;
    }
    /// Digits at the front, as far as they go.
    [[nodiscard]] std::size_t digits() const {
        return std::min(text_.find_first_not_of("0123456789"), text_.size());
    }
    std::optional<int> number(std::size_t width) {
        if (digits() < width)
            return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < width; ++i)
            value = value * 10 + (text_[i] - '0');
        text_.remove_prefix(width);
        return value;
    }

    std::optional<sys_days> date();
    /// "HH[:MM[:SS]]" in seconds.
    std::optional<std::int64_t> time();
    /// "Z", "+HH[:MM]", in seconds east of Greenwich.
    std::optional<std::int64_t> offset();

private:
    std::optional<sys_days> week_date(int in_year);

    std::string_view text_;
};

std::optional<sys_days> time_reader::week_date(int in_year) {
    const auto week = number(2);
    skip('-');
    const auto weekday = number(1);
    if (!week || !weekday || *week < 1 || *week > 53 || *weekday < 1 || *weekday > 7)
        return std::nullopt;
    const auto january4 = sys_days(year(in_year) / month(1) / day(4));
    const auto monday =
        january4 - days(static_cast<int>(std::chrono::weekday(january4).iso_encoding()) - 1);
    return monday + days((*week - 1) * 7 + *weekday - 1);
}

std::optional<sys_days> time_reader::date() {
    const auto in_year = number(4);
    if (!in_year)
        return std::nullopt;
    skip('-');
    if (skip('W'))
        return week_date(*in_year);
    if (digits() == 3) {
        const auto ordinal = number(3);
        if (*ordinal < 1 || *ordinal > 366)
            return std::nullopt;
        return sys_days(year(*in_year) / month(1) / day(1)) + days(*ordinal - 1);
    }
    const auto in_month = number(2);
    skip('-');
    const auto in_day = number(2);
    if (!in_month || !in_day)
        return std::nullopt;
    const year_month_day made(year(*in_year), month(static_cast<unsigned>(*in_month)),
                              day(static_cast<unsigned>(*in_day)));
    return made.ok() ? std::optional(sys_days(made)) : std::nullopt;
}

std::optional<std::int64_t> time_reader::time() {
    std::int64_t total = 0;
    for (const int scale : {3600, 60, 1}) {
        const auto part = number(2);
        if (!part)
            return scale == 3600 ? std::nullopt : std::optional(total);
        total += std::int64_t{*part} * scale;
        skip(':');
    }
    if (skip('.'))
        while (digits() > 0)
            number(1);
    return total <= seconds_per_day ? std::optional(total) : std::nullopt;
}

std::optional<std::int64_t> time_reader::offset() {
    if (skip('Z'))
        return 0;
    const bool west = skip('-');
    if (!west && !skip('+'))
        return std::nullopt;
    const auto east = time();
    return east ? std::optional(west ? -*east : *east) : std::nullopt;
}

} // namespace

bool holds(const condition& what, const option_context& context) {
    const auto part_holds = [&](const condition& each) { return holds(each, context); };
    switch (what.is) {
    case condition::kind::never:
        return false;
    case condition::kind::always:
        return true;
    case condition::kind::all:
        return std::all_of(what.parts.begin(), what.parts.end(), part_holds);
    case condition::kind::any:
        return std::any_of(what.parts.begin(), what.parts.end(), part_holds);
    case condition::kind::agent:
        return !context.class_.empty() && fits(what.class_, context.class_) &&
               what.provider == context.provider && fits(what.type, context.type);
    case condition::kind::operation:
        return !context.operation.empty() && what.type == context.operation &&
               (!what.interval_ms || *what.interval_ms == context.interval_ms);
    default:
        return holds_now(what, context.now);
    }
}

attributes effective(const option_sets& sets, const option_context& context) {
    attributes made;
    for (const auto& set : sets) {
        if (!holds(set.when, context))
            continue;
        for (const auto& value : set.values)
            if (std::none_of(made.begin(), made.end(),
                             [&](const auto& each) { return each.first == value.first; }))
                made.push_back(value);
    }
    return made;
}

std::optional<configured_time> parse_time(std::string_view text) {
    time_reader reader(text);
    reader.skip_blanks();
    const auto date = reader.date();
    if (!date)
        return std::nullopt;
    configured_time made{date->time_since_epoch().count() * seconds_per_day, true};
    reader.skip('T');
    reader.skip_blanks();
    if (reader.done())
        return made;
    const auto time = reader.time();
    reader.skip_blanks();
    if (!time)
        return std::nullopt;
    made.seconds += *time;
    if (reader.done())
        return made;
    const auto east = reader.offset();
    reader.skip_blanks();
    if (!east || !reader.done())
        return std::nullopt;
    return configured_time{made.seconds - *east, false};
}

configured_time later(const configured_time& from, const time_span& by) {
    const auto whole =
        from.seconds / seconds_per_day - (from.seconds % seconds_per_day < 0 ? 1 : 0);
    const year_month_day ymd{sys_days(days(whole))};
    constexpr std::int64_t last_year = 9999;
    const auto months = static_cast<std::int64_t>(static_cast<int>(ymd.year())) * 12 +
                        static_cast<unsigned>(ymd.month()) - 1 + std::int64_t{by.years} * 12 +
                        by.months;
    const auto bounded = std::clamp<std::int64_t>(months, 0, last_year * 12 + 11);
    const auto in_month =
        year(static_cast<int>(bounded / 12)) / month(static_cast<unsigned>(bounded % 12) + 1);
    const auto last = (in_month / std::chrono::last).day();
    const auto date = sys_days(in_month / std::min(ymd.day(), last));
    return {date.time_since_epoch().count() * seconds_per_day +
                (from.seconds - whole * seconds_per_day) + by.seconds,
            from.local};
}

} // namespace bridge::model
