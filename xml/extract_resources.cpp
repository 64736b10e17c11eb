// SPDX-License-Identifier: Apache-2.0
#include "xml/extract.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::elements;
using dom::name_of;
using dom::text_of;

/// References to references are refused: the schema knows none.
const xmlNode* resolved(const xmlNode* node, reference_index& references) {
    const auto reference = attribute(node, "id-ref");
    if (!reference)
        return node;
    const xmlNode* found = references.find(*reference);
    return found != nullptr && name_of(found) == name_of(node) ? found : nullptr;
}

model::condition always() {
    model::condition made;
    made.is = model::condition::kind::always;
    return made;
}

struct scored_set {
    std::int32_t score = 0;
    const xmlNode* node = nullptr;
};

void append_missing(model::attributes& into, model::attributes more) {
    for (auto& each : more)
        if (model::find_attribute(into, each.first) == nullptr)
            into.push_back(std::move(each));
}

/// Cluster options of this set come before all others.
constexpr std::string_view first_options = "cib-bootstrap-options";

/// Sets of that name, references resolved, best score first.
std::vector<scored_set> sets_of(const xmlNode* parent, std::string_view set_name,
                                reference_index& references) {
    std::vector<scored_set> sets;
    for (const xmlNode* each : elements(parent)) {
        if (name_of(each) != set_name)
            continue;
        const xmlNode* real = resolved(each, references);
        if (real == nullptr)
            continue;
        const bool first =
            set_name == "cluster_property_set" && attribute(real, "id") == first_options;
        const auto score = attribute(real, "score");
        sets.push_back({first   ? model::score_infinity + 1
                        : score ? model::parse_score(*score).value_or(0)
                                : 0,
                        real});
    }
    std::stable_sort(sets.begin(), sets.end(),
                     [](const scored_set& a, const scored_set& b) { return a.score > b.score; });
    return sets;
}

/// The pairs of one set; the first of a name counts.
model::attributes extract_values(const xmlNode* set, reference_index& references) {
    model::attributes made;
    // Old configurations wrap the pairs once more.
    const xmlNode* inner = dom::child(set, "attributes");
    for (const xmlNode* each : elements(inner != nullptr ? inner : set)) {
        if (name_of(each) != "nvpair")
            continue;
        const xmlNode* real = resolved(each, references);
        const auto value = real != nullptr ? attribute(real, "value") : std::nullopt;
        if (!value)
            continue;
        auto name = text_of(attribute(each, "name") ? each : real, "name");
        if (model::find_attribute(made, name) == nullptr)
            made.emplace_back(std::move(name), std::string(*value));
    }
    return made;
}

std::uint32_t count_of(const xmlNode* node, const char* name, std::uint32_t fallback) {
    const auto text = attribute(node, name);
    const auto number = text ? model::parse_number(*text) : std::nullopt;
    return number ? static_cast<std::uint32_t>(
                        std::min<std::uint64_t>(*number, std::numeric_limits<std::uint32_t>::max()))
                  : fallback;
}

model::operation_facts extract_operation(const xmlNode* op, reference_index& references) {
    model::operation_facts made;
    made.id = text_of(op, "id");
    made.name = text_of(op, "name");
    // Options of an operation may stand in a set instead of on the element.
    const auto meta = extract_sets(op, "meta_attributes", references);
    const auto option = [&](const char* name) -> std::optional<std::string> {
        if (const auto direct = attribute(op, name))
            return std::string(*direct);
        const auto* found = model::find_attribute(meta, name);
        return found != nullptr ? std::optional<std::string>(*found) : std::nullopt;
    };
    made.interval_ms = model::parse_interval_ms(option("interval").value_or("0")).value_or(0);
    if (const auto timeout = option("timeout"))
        made.timeout_ms = model::parse_interval_ms(*timeout);
    if (const auto delay = option("start-delay"))
        made.start_delay_ms = model::parse_interval_ms(*delay);
    made.role = option("role").value_or("");
    made.on_fail = option("on-fail").value_or("");
    made.enabled = model::is_true(option("enabled").value_or("true"));
    return made;
}

void extract_operations(const xmlNode* owner, reference_index& references,
                        std::vector<model::operation_facts>& into) {
    for (const xmlNode* list : elements(owner)) {
        if (name_of(list) != "operations")
            continue;
        const xmlNode* real = resolved(list, references);
        if (real == nullptr)
            continue;
        for (const xmlNode* op : elements(real)) {
            if (name_of(op) != "op")
                continue;
            auto made = extract_operation(op, references);
            // The resource's own operation hides the template's of the same name and interval.
            const auto hidden = std::any_of(into.begin(), into.end(), [&](const auto& each) {
                return each.name == made.name && each.interval_ms == made.interval_ms &&
                       each.role == made.role;
            });
            if (!hidden)
                into.push_back(std::move(made));
        }
    }
}

/// A resource's own sets come before its template's.
void append_rules(model::resource_facts& made, const xmlNode* own, const xmlNode* base,
                  reference_index& references) {
    auto rules = extract_option_sets(base, "meta_attributes", references);
    if (rules.empty() && made.meta_rules.empty())
        return;
    if (made.meta_rules.empty())
        made.meta_rules = {{always(), extract_sets(own, "meta_attributes", references)}};
    if (rules.empty())
        rules = {{always(), extract_sets(base, "meta_attributes", references)}};
    std::move(rules.begin(), rules.end(), std::back_inserter(made.meta_rules));
}

void extract_primitive(const xmlNode* node, reference_index& references,
                       model::resource_facts& made) {
    made.class_ = text_of(node, "class");
    made.provider = text_of(node, "provider");
    made.type = text_of(node, "type");
    made.parameters = extract_sets(node, "instance_attributes", references);
    extract_operations(node, references, made.operations);
    const auto name = attribute(node, "template");
    if (!name)
        return;
    const xmlNode* base = references.find(*name);
    if (base == nullptr || name_of(base) != "template")
        return;
    made.class_ = text_of(base, "class");
    made.provider = text_of(base, "provider");
    made.type = text_of(base, "type");
    append_missing(made.parameters, extract_sets(base, "instance_attributes", references));
    append_missing(made.meta, extract_sets(base, "meta_attributes", references));
    append_rules(made, node, base, references);
    extract_operations(base, references, made.operations);
}

void extract_bundle(const xmlNode* node, model::resource_facts& made) {
    for (const xmlNode* each : elements(node)) {
        const auto name = name_of(each);
        if (name != "docker" && name != "podman" && name != "rkt")
            continue;
        model::bundle_facts bundle;
        bundle.technology = name;
        bundle.image = text_of(each, "image");
        bundle.promoted_max =
            count_of(each, "promoted-max", count_of(each, "masters", bundle.promoted_max));
        bundle.replicas = count_of(each, "replicas", std::max(1U, bundle.promoted_max));
        bundle.replicas_per_host = count_of(each, "replicas-per-host", 1);
        made.promotable = bundle.promoted_max > 0;
        made.bundle = std::move(bundle);
        return;
    }
}

std::optional<model::resource_kind> kind_of(std::string_view name) {
    if (name == "primitive")
        return model::resource_kind::primitive;
    if (name == "group")
        return model::resource_kind::group;
    if (name == "clone" || name == "master")
        return model::resource_kind::clone;
    if (name == "bundle")
        return model::resource_kind::bundle;
    return std::nullopt;
}

} // namespace

const xmlNode* reference_index::find(std::string_view id) {
    if (!used_ && configuration_ != nullptr) {
        const xmlNode* at = dom::first_element(configuration_);
        while (at != nullptr && at != configuration_) {
            if (const auto own = attribute(at, "id"))
                elements_.try_emplace(std::string(*own), at);
            if (const xmlNode* down = dom::first_element(at)) {
                at = down;
                continue;
            }
            while (at != configuration_ && dom::next_element(at) == nullptr)
                at = at->parent;
            if (at != configuration_)
                at = dom::next_element(at);
        }
    }
    used_ = true;
    const auto found = elements_.find(std::string(id));
    return found == elements_.end() ? nullptr : found->second;
}

model::attributes extract_sets(const xmlNode* parent, std::string_view set_name,
                               reference_index& references) {
    model::attributes made;
    for (const auto& set : sets_of(parent, set_name, references))
        if (dom::child(set.node, "rule") == nullptr)
            append_missing(made, extract_values(set.node, references));
    return made;
}

model::option_sets extract_option_sets(const xmlNode* parent, std::string_view set_name,
                                       reference_index& references) {
    const auto sets = sets_of(parent, set_name, references);
    if (std::none_of(sets.begin(), sets.end(),
                     [](const auto& each) { return dom::child(each.node, "rule") != nullptr; }))
        return {};
    model::option_sets made;
    for (const auto& set : sets)
        made.push_back(
            {extract_condition(set.node, references), extract_values(set.node, references)});
    return made;
}

bool is_resource(const xmlNode* node) {
    return kind_of(name_of(node)).has_value();
}

const xmlNode* resource_of(const xmlNode* node) {
    while (node != nullptr && node->type == XML_ELEMENT_NODE) {
        if (is_resource(node))
            return node;
        if (name_of(node) == "resources")
            return nullptr;
        node = node->parent;
    }
    return nullptr;
}

std::shared_ptr<const model::resource_facts> extract_resource(const xmlNode* node,
                                                              reference_index& references) {
    auto made = std::make_shared<model::resource_facts>();
    made->id = text_of(node, "id");
    made->kind = kind_of(name_of(node)).value_or(model::resource_kind::primitive);
    made->description = text_of(node, "description");
    if (const xmlNode* parent = resource_of(node->parent))
        made->parent = text_of(parent, "id");
    for (const xmlNode* each : elements(node))
        if (is_resource(each))
            made->children.push_back(text_of(each, "id"));
    made->meta = extract_sets(node, "meta_attributes", references);
    made->meta_rules = extract_option_sets(node, "meta_attributes", references);
    if (made->kind == model::resource_kind::primitive)
        extract_primitive(node, references, *made);
    if (made->kind == model::resource_kind::bundle)
        extract_bundle(node, *made);
    if (made->kind == model::resource_kind::clone) {
        const auto* promotable = model::find_attribute(made->meta, "promotable");
        made->promotable =
            name_of(node) == "master" || (promotable != nullptr && model::is_true(*promotable));
    }
    return made;
}

std::shared_ptr<const model::node_facts> extract_node(const xmlNode* node,
                                                      reference_index& references) {
    auto made = std::make_shared<model::node_facts>();
    made->id = text_of(node, "id");
    made->uname = text_of(node, "uname");
    made->type = text_of(node, "type");
    if (made->type.empty() || made->type == "normal")
        made->type = "member";
    made->values = extract_sets(node, "instance_attributes", references);
    made->value_rules = extract_option_sets(node, "instance_attributes", references);
    return made;
}

} // namespace bridge::xml
