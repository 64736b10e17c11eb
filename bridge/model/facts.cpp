// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/facts.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace bridge::model {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && blank(text.back()))
        text.remove_suffix(1);
    return text;
}

constexpr std::uint64_t max_interval_ms = std::numeric_limits<std::uint32_t>::max();

/// Milliseconds of one unit; nullopt for an unknown one.
std::optional<std::uint64_t> unit_ms(std::string_view unit) {
    if (unit.empty() || same_word(unit, "s") || same_word(unit, "sec"))
        return 1000;
    if (same_word(unit, "ms") || same_word(unit, "msec"))
        return 1;
    if (same_word(unit, "m") || same_word(unit, "min"))
        return 60000;
    if (same_word(unit, "h") || same_word(unit, "hr"))
        return 3600000;
    if (same_word(unit, "us") || same_word(unit, "usec"))
        return 0;
    return std::nullopt;
}

/// ISO 8601 "PnDTnHnMnS"; months and years have no fixed length and are refused.
std::optional<std::uint32_t> parse_iso_duration(std::string_view text) {
    std::uint64_t total_ms = 0;
    bool in_time = false;
    text.remove_prefix(1);
    if (text.empty())
        return std::nullopt;
    while (!text.empty()) {
        if (text.front() == 'T') {
            in_time = true;
            text.remove_prefix(1);
            continue;
        }
        std::uint32_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || end == text.data() + text.size())
            return std::nullopt;
        std::uint64_t scale = 0;
        switch (*end) {
        case 'W':
            scale = 7ULL * 86400000;
            break;
        case 'D':
            scale = 86400000;
            break;
        case 'H':
            scale = 3600000;
            break;
        case 'M':
            scale = in_time ? 60000 : 0;
            break;
        case 'S':
            scale = 1000;
            break;
        default:
            break;
        }
        if (scale == 0)
            return std::nullopt;
        total_ms = std::min(max_interval_ms, total_ms + count * scale);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
    }
    return static_cast<std::uint32_t>(total_ms);
}

} // namespace

const std::string* find_attribute(const attributes& list, std::string_view name) {
    for (const auto& [key, value] : list)
        if (key == name)
            return &value;
    return nullptr;
}

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

bool is_true(std::string_view text) {
    for (const char* word : {"true", "on", "yes", "y", "1"})
        if (same_word(text, word))
            return true;
    return false;
}

std::optional<std::int32_t> parse_score(std::string_view text) {
    text = trimmed(text);
    bool negative = false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    std::int32_t score = 0;
    if (same_word(text, "INFINITY")) {
        score = score_infinity;
    } else {
        const auto number = parse_number(text);
        if (!number)
            return std::nullopt;
        score = static_cast<std::int32_t>(
            std::min<std::uint64_t>(*number, static_cast<std::uint64_t>(score_infinity)));
    }
    return negative ? -score : score;
}

std::optional<std::uint32_t> parse_interval_ms(std::string_view text) {
    text = trimmed(text);
    if (text.empty())
        return std::nullopt;
    if (text.front() == 'P')
        return parse_iso_duration(text);
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{})
        return std::nullopt;
    const auto unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    const auto scale = unit_ms(unit);
    if (!scale)
        return std::nullopt;
    if (*scale == 0)
        return static_cast<std::uint32_t>(std::min(count / 1000, max_interval_ms));
    return static_cast<std::uint32_t>(
        std::min(std::min(count, max_interval_ms) * *scale, max_interval_ms));
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::string resource_facts::agent() const {
    return provider.empty() ? class_ + ":" + type : class_ + ":" + provider + ":" + type;
}

bool node_status::operator==(const node_status& other) const {
    return id == other.id && uname == other.uname && remote == other.remote &&
           in_ccm == other.in_ccm && controller == other.controller && join == other.join &&
           expected == other.expected && fenced == other.fenced && same(values, other.values) &&
           same(failures, other.failures) && histories == other.histories;
}

cib_facts::cib_facts()
    : options(std::make_shared<const attributes>()),
      resource_defaults(std::make_shared<const attributes>()),
      operation_defaults(std::make_shared<const attributes>()) {}

bool cib_facts::operator==(const cib_facts& other) const {
    return version == other.version && dc == other.dc && have_quorum == other.have_quorum &&
           feature_set == other.feature_set && validate_with == other.validate_with &&
           same(options, other.options) && same(resource_defaults, other.resource_defaults) &&
           same(operation_defaults, other.operation_defaults) &&
           same(option_rules, other.option_rules) &&
           same(resource_default_rules, other.resource_default_rules) &&
           same(operation_default_rules, other.operation_default_rules) && nodes == other.nodes &&
           resources == other.resources && locations == other.locations &&
           colocations == other.colocations && orders == other.orders &&
           ticket_constraints == other.ticket_constraints && tickets == other.tickets &&
           status == other.status;
}

const std::string* effective_meta(const cib_facts& facts, const resource_facts& resource,
                                  std::string_view name) {
    const auto& defaults = resource.defaults ? *resource.defaults : *facts.resource_defaults;
    // Parents come before their children in the table, so this ends even for a damaged CIB.
    auto place = facts.resources.size();
    for (const resource_facts* each = &resource; each != nullptr;) {
        if (const auto* found = find_attribute(each->meta, name))
            return found;
        if (each->parent.empty())
            break;
        const auto parent = facts.resources.position(each->parent);
        if (parent >= place)
            break;
        place = parent;
        each = facts.resources[parent].get();
    }
    return find_attribute(defaults, name);
}

} // namespace bridge::model
