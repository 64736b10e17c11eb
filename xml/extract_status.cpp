// SPDX-License-Identifier: Apache-2.0
#include "xml/extract.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::elements;
using dom::name_of;
using dom::text_of;

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end == text.data())
        return std::nullopt;
    return value;
}

template <class Number>
Number number_of(const xmlNode* node, const char* name, Number fallback) {
    const auto text = attribute(node, name);
    return text ? number<Number>(*text).value_or(fallback) : fallback;
}

/// The key of an operation; in old CIBs it stands only behind "status:result;".
std::string_view transition_key(const xmlNode* op) {
    if (const auto key = attribute(op, "transition-key"))
        return *key;
    const auto magic = attribute(op, "transition-magic").value_or("");
    const auto semicolon = magic.find(';');
    return semicolon == std::string_view::npos ? std::string_view{} : magic.substr(semicolon + 1);
}

/// Reads "action:transition:expected result:controller"; a key that lacks a part says nothing.
void extract_transition(std::string_view key, model::operation_result& into) {
    std::array<std::string_view, 3> fields;
    for (auto& field : fields) {
        const auto colon = key.find(':');
        if (colon == std::string_view::npos)
            return;
        field = key.substr(0, colon);
        key.remove_prefix(colon + 1);
    }
    const auto transition = number<std::int32_t>(fields[1]);
    const auto expected = number<std::int32_t>(fields[2]);
    if (!transition || !expected || key.empty())
        return;
    into.transition = *transition;
    into.expected_rc = *expected;
    into.controller = key.substr(0, key.find(' '));
}

model::operation_result extract_result(const xmlNode* op) {
    model::operation_result made;
    made.id = text_of(op, "id");
    made.operation = text_of(op, "operation");
    made.interval_ms = number_of<std::uint32_t>(op, "interval", 0);
    made.call_id = number_of<std::int32_t>(op, "call-id", -1);
    made.rc = number_of<std::int32_t>(op, "rc-code", 0);
    made.status = number_of<std::int32_t>(op, "op-status", -2);
    extract_transition(transition_key(op), made);
    made.last_change = number_of<std::int64_t>(op, "last-rc-change", -1);
    made.exit_reason = text_of(op, "exit-reason");
    made.migrate_source = text_of(op, "migrate_source");
    made.migrate_target = text_of(op, "migrate_target");
    return made;
}

/// What a counter's name says: "<resource>#<operation>_<interval>", or "<resource>" alone.
model::failure_facts counter_of(std::string_view name) {
    model::failure_facts made;
    const auto hash = name.rfind('#');
    made.resource = name.substr(0, hash);
    if (hash == std::string_view::npos)
        return made;
    const auto operation = name.substr(hash + 1);
    const auto underscore = operation.rfind('_');
    made.operation = operation.substr(0, underscore);
    if (underscore != std::string_view::npos)
        made.interval_ms = number<std::uint32_t>(operation.substr(underscore + 1)).value_or(0);
    return made;
}

model::failure_facts& entry_for(std::vector<model::failure_facts>& all,
                                model::failure_facts wanted) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) {
        return each.resource == wanted.resource && each.operation == wanted.operation &&
               each.interval_ms == wanted.interval_ms;
    });
    if (found != all.end())
        return *found;
    return all.emplace_back(std::move(wanted));
}

constexpr std::string_view count_prefix = "fail-count-";
constexpr std::string_view last_prefix = "last-failure-";

/// Splits the failure counters from the other transient attributes.
void split_counters(model::attributes all, model::node_status& into) {
    auto values = std::make_shared<model::attributes>();
    auto failures = std::make_shared<std::vector<model::failure_facts>>();
    for (auto& [name, value] : all) {
        const std::string_view text = name;
        if (text.starts_with(count_prefix)) {
            entry_for(*failures, counter_of(text.substr(count_prefix.size()))).count =
                model::parse_score(value).value_or(0);
        } else if (text.starts_with(last_prefix)) {
            entry_for(*failures, counter_of(text.substr(last_prefix.size()))).last =
                number<std::int64_t>(value).value_or(0);
        } else {
            values->emplace_back(std::move(name), std::move(value));
        }
    }
    into.values = std::move(values);
    into.failures = std::move(failures);
}

/// A truth value of old releases, or the time since when it is true (0 for never).
bool true_since(std::string_view text) {
    if (const auto since = number<std::int64_t>(text))
        return *since > 0;
    return model::is_true(text) || text == "online";
}

} // namespace

std::shared_ptr<const model::history_facts> extract_history(const xmlNode* lrm_resource) {
    auto made = std::make_shared<model::history_facts>();
    made->id = text_of(lrm_resource, "id");
    made->class_ = text_of(lrm_resource, "class");
    made->provider = text_of(lrm_resource, "provider");
    made->type = text_of(lrm_resource, "type");
    made->container = text_of(lrm_resource, "container");
    for (const xmlNode* each : elements(lrm_resource))
        if (name_of(each) == "lrm_rsc_op")
            made->operations.push_back(extract_result(each));
    return made;
}

std::shared_ptr<model::node_status> extract_node_header(const xmlNode* node_state) {
    auto made = std::make_shared<model::node_status>();
    made->id = text_of(node_state, "id");
    made->uname = text_of(node_state, "uname");
    made->remote = model::is_true(attribute(node_state, "remote_node").value_or("false"));
    made->in_ccm = true_since(attribute(node_state, "in_ccm").value_or(""));
    made->controller = true_since(attribute(node_state, "crmd").value_or(""));
    made->join = text_of(node_state, "join");
    made->expected = text_of(node_state, "expected");
    made->fenced = true_since(attribute(node_state, "node_fenced").value_or(""));
    model::attributes transient;
    if (const xmlNode* list = dom::child(node_state, "transient_attributes")) {
        reference_index none(nullptr);
        transient = extract_sets(list, "instance_attributes", none);
    }
    split_counters(std::move(transient), *made);
    return made;
}

const xmlNode* histories_of(const xmlNode* node_state) {
    return dom::child(dom::child(node_state, "lrm"), "lrm_resources");
}

std::shared_ptr<const model::ticket_facts> extract_ticket(const xmlNode* node) {
    auto made = std::make_shared<model::ticket_facts>();
    made->id = text_of(node, "id");
    made->granted = model::is_true(attribute(node, "granted").value_or("false"));
    made->standby = model::is_true(attribute(node, "standby").value_or("false"));
    return made;
}

model::cib_version extract_version(const xmlNode* cib) {
    return {number_of<std::uint32_t>(cib, "admin_epoch", 0),
            number_of<std::uint32_t>(cib, "epoch", 0),
            number_of<std::uint32_t>(cib, "num_updates", 0)};
}

} // namespace bridge::xml
