// SPDX-License-Identifier: Apache-2.0
#include "xml/extract.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::elements;
using dom::name_of;
using dom::text_of;
using model::condition;

/// Rules inside rules; deeper ones never hold.
constexpr int max_depth = 16;

std::optional<model::configured_time> time_of(const xmlNode* node, const char* name) {
    const auto text = attribute(node, name);
    return text ? model::parse_time(*text) : std::nullopt;
}

std::int64_t count_of(const xmlNode* node, const char* name) {
    const auto text = attribute(node, name).value_or("");
    std::int32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

model::time_span span_of(const xmlNode* duration) {
    constexpr std::int64_t day = 86400;
    model::time_span made;
    made.years = static_cast<std::int32_t>(count_of(duration, "years"));
    made.months = static_cast<std::int32_t>(count_of(duration, "months"));
    made.seconds = count_of(duration, "weeks") * 7 * day + count_of(duration, "days") * day +
                   count_of(duration, "hours") * 3600 + count_of(duration, "minutes") * 60 +
                   count_of(duration, "seconds");
    return made;
}

/// "5", or "5-9". What is neither holds for nothing.
model::calendar_range range_of(model::calendar_unit unit, std::string_view text) {
    const auto dash = text.find('-');
    const auto low = model::parse_number(text.substr(0, dash));
    const auto high =
        dash == std::string_view::npos ? low : model::parse_number(text.substr(dash + 1));
    if (!low || !high)
        return {unit, 1, 0};
    constexpr std::uint64_t bound = 10000;
    return {unit, static_cast<std::uint32_t>(std::min(*low, bound)),
            static_cast<std::uint32_t>(std::min(*high, bound))};
}

condition calendar_of(const xmlNode* spec) {
    using unit = model::calendar_unit;
    static constexpr std::array<std::pair<const char*, unit>, 10> names{
        {{"seconds", unit::seconds},
         {"minutes", unit::minutes},
         {"hours", unit::hours},
         {"monthdays", unit::monthdays},
         {"weekdays", unit::weekdays},
         {"yeardays", unit::yeardays},
         {"weeks", unit::weeks},
         {"months", unit::months},
         {"years", unit::years},
         {"weekyears", unit::weekyears}}};
    condition made;
    if (spec == nullptr || attribute(spec, "moon"))
        return made;
    made.is = condition::kind::calendar;
    for (const auto& [name, each] : names)
        if (const auto text = attribute(spec, name))
            made.ranges.push_back(range_of(each, *text));
    return made;
}

condition date_of(const xmlNode* node) {
    const auto operation = attribute(node, "operation").value_or("in_range");
    if (operation == "date_spec")
        return calendar_of(dom::child(node, "date_spec"));
    condition made;
    made.start = time_of(node, "start");
    made.end = time_of(node, "end");
    const xmlNode* duration = dom::child(node, "duration");
    if (made.start && !made.end && duration != nullptr)
        made.end = model::later(*made.start, span_of(duration));
    if (operation == "in_range")
        made.is = condition::kind::within;
    else if (operation == "gt")
        made.is = condition::kind::after;
    else if (operation == "lt")
        made.is = condition::kind::before;
    return made;
}

/// Options are not looked up for a node, so no node has any attribute here.
condition attribute_of(const xmlNode* node) {
    const auto operation = attribute(node, "operation").value_or("");
    condition made;
    if (operation == "not_defined" || operation == "ne")
        made.is = condition::kind::always;
    return made;
}

condition agent_of(const xmlNode* node) {
    condition made;
    made.is = condition::kind::agent;
    made.class_ = text_of(node, "class");
    made.provider = text_of(node, "provider");
    made.type = text_of(node, "type");
    return made;
}

condition operation_of(const xmlNode* node) {
    condition made;
    made.is = condition::kind::operation;
    made.type = text_of(node, "name");
    if (const auto interval = attribute(node, "interval")) {
        made.interval_ms = model::parse_interval_ms(*interval);
        if (!made.interval_ms)
            made.is = condition::kind::never;
    }
    return made;
}

condition rule_of(const xmlNode* node, reference_index& references, int depth) {
    condition made;
    if (const auto reference = attribute(node, "id-ref")) {
        node = references.find(*reference);
        if (node == nullptr || name_of(node) != "rule")
            return made;
    }
    if (depth > max_depth)
        return made;
    made.is = attribute(node, "boolean-op").value_or("and") == "or" ? condition::kind::any
                                                                    : condition::kind::all;
    for (const xmlNode* each : elements(node)) {
        const auto name = name_of(each);
        if (name == "rule")
            made.parts.push_back(rule_of(each, references, depth + 1));
        else if (name == "date_expression")
            made.parts.push_back(date_of(each));
        else if (name == "rsc_expression")
            made.parts.push_back(agent_of(each));
        else if (name == "op_expression")
            made.parts.push_back(operation_of(each));
        else if (name == "expression")
            made.parts.push_back(attribute_of(each));
    }
    return made;
}

} // namespace

model::condition extract_condition(const xmlNode* set, reference_index& references) {
    condition made;
    made.is = condition::kind::any;
    for (const xmlNode* each : elements(set))
        if (name_of(each) == "rule")
            made.parts.push_back(rule_of(each, references, 0));
    if (made.parts.empty())
        made.is = condition::kind::always;
    return made;
}

} // namespace bridge::xml
