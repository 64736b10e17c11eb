// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/location.hpp"

#include "bridge/win32/upcase.hpp"

#include <regex.h>

#include <algorithm>
#include <charconv>

namespace bridge::model {

namespace {

/// Longer patterns match nothing.
constexpr std::size_t max_pattern = 1024;

class pattern {
public:
    explicit pattern(const std::string& text) {
        inverted_ = text.starts_with('!');
        valid_ =
            text.size() <= max_pattern &&
            regcomp(&compiled_, text.c_str() + (inverted_ ? 1 : 0), REG_EXTENDED | REG_NOSUB) == 0;
    }
    ~pattern() {
        if (valid_)
            regfree(&compiled_);
    }
    pattern(const pattern&) = delete;
    pattern& operator=(const pattern&) = delete;

    [[nodiscard]] bool matches(const std::string& text) const {
        return valid_ && (regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0) != inverted_;
    }

private:
    regex_t compiled_{};
    bool inverted_ = false;
    bool valid_ = false;
};

bool promoted_only(const std::string& role) {
    return role == "Promoted" || role == "Master";
}

/// Value of a node attribute in a rule; null when it is not set.
const std::string* rule_value(const node_entry& node, const std::string& name,
                              std::string& buffer) {
    if (name == "#uname") {
        buffer = node.uname;
    } else if (name == "#id") {
        buffer = node.cib_id;
    } else if (name == "#kind") {
        buffer = node.remote ? "remote" : "cluster";
    } else {
        return find_attribute(node.values, name);
    }
    return &buffer;
}

/// Numbers compare as numbers, anything else as text without regard to case.
int compare_values(const std::string& a, const std::string& b) {
    double left = 0;
    double right = 0;
    const auto first = std::from_chars(a.data(), a.data() + a.size(), left);
    const auto second = std::from_chars(b.data(), b.data() + b.size(), right);
    if (first.ec == std::errc{} && first.ptr == a.data() + a.size() && second.ec == std::errc{} &&
        second.ptr == b.data() + b.size())
        return left < right ? -1 : left > right ? 1 : 0;
    return win32::fold(a).compare(win32::fold(b));
}

bool term_holds(const rule_term& term, const node_entry& node) {
    std::string buffer;
    const auto* value = rule_value(node, term.attribute, buffer);
    if (term.operation == "defined")
        return value != nullptr;
    if (term.operation == "not_defined")
        return value == nullptr;
    if (value == nullptr)
        return term.operation == "ne";
    const int order = compare_values(*value, term.value);
    if (term.operation == "eq")
        return order == 0;
    if (term.operation == "ne")
        return order != 0;
    if (term.operation == "lt")
        return order < 0;
    if (term.operation == "lte")
        return order <= 0;
    if (term.operation == "gt")
        return order > 0;
    return term.operation == "gte" && order >= 0;
}

bool rule_holds(const rule_facts& rule, const node_entry& node) {
    if (!rule.simple || rule.terms.empty() || promoted_only(rule.role))
        return false;
    const auto holds = [&](const rule_term& each) { return term_holds(each, node); };
    return rule.any ? std::any_of(rule.terms.begin(), rule.terms.end(), holds)
                    : std::all_of(rule.terms.begin(), rule.terms.end(), holds);
}

std::int32_t rule_score(const rule_facts& rule, const node_entry& node) {
    if (rule.score_attribute.empty())
        return rule.score;
    const auto* value = find_attribute(node.values, rule.score_attribute);
    return value != nullptr ? parse_score(*value).value_or(0) : 0;
}

std::vector<std::string> resources_of(const location_facts& constraint, const cib_facts& facts) {
    std::vector<std::string> named;
    if (!constraint.resource.empty())
        named.push_back(constraint.resource);
    for (const auto& set : constraint.sets)
        if (!promoted_only(set.role))
            named.insert(named.end(), set.resources.begin(), set.resources.end());
    if (!constraint.pattern.empty()) {
        const pattern wanted(constraint.pattern);
        for (const auto& each : facts.resources)
            if (wanted.matches(each->id))
                named.push_back(each->id);
    }
    return named;
}

} // namespace

std::int32_t add_scores(std::int32_t a, std::int32_t b) {
    if (a <= -score_infinity || b <= -score_infinity)
        return -score_infinity;
    if (a >= score_infinity || b >= score_infinity)
        return score_infinity;
    return std::clamp(a + b, -score_infinity, score_infinity);
}

location_scores::location_scores(const cib_facts& facts, const node_set& nodes)
    : node_count_(nodes.all().size()) {
    const auto* symmetric = find_attribute(*facts.options, "symmetric-cluster");
    symmetric_ = symmetric == nullptr || is_true(*symmetric);
    for (const auto& each : facts.locations)
        if (!promoted_only(each->role))
            apply(*each, facts, nodes);
}

const node_scores* location_scores::find(std::string_view resource) const {
    const auto found = scores_.find(std::string(resource));
    return found == scores_.end() ? nullptr : &found->second;
}

void location_scores::apply(const location_facts& constraint, const cib_facts& facts,
                            const node_set& nodes) {
    const bool lasting =
        !constraint.id.starts_with("cli-prefer-") && !constraint.id.starts_with("cli-ban-");
    std::vector<std::pair<std::size_t, std::int32_t>> said;
    if (!constraint.node.empty()) {
        const auto node = nodes.by_uname(constraint.node);
        if (node != no_node)
            said.emplace_back(node, constraint.score.value_or(0));
    }
    for (const auto& rule : constraint.rules)
        for (std::size_t i = 0; i < nodes.all().size(); ++i)
            if (rule_holds(rule, nodes[i]))
                said.emplace_back(i, rule_score(rule, nodes[i]));
    if (said.empty())
        return;
    for (const auto& resource : resources_of(constraint, facts))
        for (const auto& [node, score] : said)
            add(resource, node, score, lasting);
}

void location_scores::add(const std::string& resource, std::size_t node, std::int32_t score,
                          bool lasting) {
    auto& scores = scores_[resource];
    if (scores.total.empty()) {
        scores.total.assign(node_count_, 0);
        scores.lasting.assign(node_count_, 0);
        scores.named.assign(node_count_, false);
    }
    scores.total[node] = add_scores(scores.total[node], score);
    scores.named[node] = true;
    if (lasting)
        scores.lasting[node] = add_scores(scores.lasting[node], score);
}

} // namespace bridge::model
