// SPDX-License-Identifier: Apache-2.0
#include "xml/extract.hpp"

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::elements;
using dom::name_of;
using dom::text_of;

std::optional<std::int32_t> score_of(const xmlNode* node) {
    const auto text = attribute(node, "score");
    return text ? model::parse_score(*text) : std::nullopt;
}

bool truth(const xmlNode* node, const char* name, bool fallback) {
    const auto text = attribute(node, name);
    return text ? model::is_true(*text) : fallback;
}

/// Attribute under its present name, else under the one of older schemas.
std::string renamed(const xmlNode* node, const char* name, const char* before) {
    return text_of(node, attribute(node, name) ? name : before);
}

model::resource_set_facts extract_set(const xmlNode* node) {
    model::resource_set_facts made;
    for (const xmlNode* each : elements(node))
        if (name_of(each) == "resource_ref")
            made.resources.push_back(text_of(each, "id"));
    made.sequential = truth(node, "sequential", true);
    made.require_all = truth(node, "require-all", true);
    made.action = text_of(node, "action");
    made.role = text_of(node, "role");
    made.score = score_of(node);
    return made;
}

std::vector<model::resource_set_facts> extract_resource_sets(const xmlNode* node,
                                                             reference_index& references) {
    std::vector<model::resource_set_facts> made;
    for (const xmlNode* each : elements(node)) {
        if (name_of(each) != "resource_set")
            continue;
        const auto reference = attribute(each, "id-ref");
        const xmlNode* real = reference ? references.find(*reference) : each;
        if (real != nullptr && name_of(real) == "resource_set")
            made.push_back(extract_set(real));
    }
    return made;
}

model::rule_facts extract_rule(const xmlNode* node) {
    model::rule_facts made;
    made.any = attribute(node, "boolean-op").value_or("and") == "or";
    made.role = text_of(node, "role");
    made.score = score_of(node).value_or(0);
    made.score_attribute = text_of(node, "score-attribute");
    for (const xmlNode* each : elements(node)) {
        const auto source = attribute(each, "value-source").value_or("literal");
        if (name_of(each) != "expression" || source != "literal") {
            made.simple = false;
            continue;
        }
        made.terms.push_back(
            {text_of(each, "attribute"), text_of(each, "operation"), text_of(each, "value")});
    }
    return made;
}

bool is_mandatory(const xmlNode* order) {
    if (const auto kind = attribute(order, "kind"))
        return *kind == "Mandatory";
    const auto score = score_of(order);
    return !score || *score > 0;
}

} // namespace

std::shared_ptr<const model::location_facts> extract_location(const xmlNode* node,
                                                              reference_index& references) {
    auto made = std::make_shared<model::location_facts>();
    made->id = text_of(node, "id");
    made->resource = text_of(node, "rsc");
    made->pattern = text_of(node, "rsc-pattern");
    made->node = text_of(node, "node");
    made->score = score_of(node);
    made->role = text_of(node, "role");
    for (const xmlNode* each : elements(node)) {
        if (name_of(each) != "rule")
            continue;
        const auto reference = attribute(each, "id-ref");
        const xmlNode* real = reference ? references.find(*reference) : each;
        if (real != nullptr && name_of(real) == "rule")
            made->rules.push_back(extract_rule(real));
    }
    made->sets = extract_resource_sets(node, references);
    return made;
}

std::shared_ptr<const model::colocation_facts> extract_colocation(const xmlNode* node,
                                                                  reference_index& references) {
    auto made = std::make_shared<model::colocation_facts>();
    made->id = text_of(node, "id");
    made->resource = text_of(node, "rsc");
    made->with = text_of(node, "with-rsc");
    made->score = score_of(node).value_or(0);
    made->resource_role = text_of(node, "rsc-role");
    made->with_role = text_of(node, "with-rsc-role");
    made->sets = extract_resource_sets(node, references);
    return made;
}

std::shared_ptr<const model::order_facts> extract_order(const xmlNode* node,
                                                        reference_index& references) {
    auto made = std::make_shared<model::order_facts>();
    made->id = text_of(node, "id");
    made->first = text_of(node, "first");
    made->then = text_of(node, "then");
    made->first_action = text_of(node, "first-action");
    made->then_action = text_of(node, "then-action");
    made->mandatory = is_mandatory(node);
    made->symmetrical = truth(node, "symmetrical", true);
    made->require_all = truth(node, "require-all", true);
    made->sets = extract_resource_sets(node, references);
    return made;
}

std::shared_ptr<const model::ticket_constraint_facts>
extract_ticket_constraint(const xmlNode* node, reference_index& references) {
    auto made = std::make_shared<model::ticket_constraint_facts>();
    made->id = text_of(node, "id");
    made->resource = text_of(node, "rsc");
    made->role = renamed(node, "rsc-role", "role");
    made->ticket = text_of(node, "ticket");
    made->loss_policy = text_of(node, "loss-policy");
    made->sets = extract_resource_sets(node, references);
    return made;
}

} // namespace bridge::xml
