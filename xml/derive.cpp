// SPDX-License-Identifier: Apache-2.0
#include "xml/derive.hpp"
#include "xml/extract.hpp"

#include <utility>
#include <vector>

namespace bridge::xml {

namespace {

using dom::child;
using dom::elements;
using dom::name_of;
using dom::text_of;

using id_set = std::set<std::string, std::less<>>;

/// One fact per element, in their order; those whose identifier is known and clean are taken from
/// `before`.
template <class T, class Extract>
model::fact_table<T> table_of(const std::vector<const xmlNode*>& nodes,
                              const model::fact_table<T>* before, const id_set& dirty,
                              Extract extract) {
    std::vector<std::shared_ptr<const T>> facts;
    facts.reserve(nodes.size());
    for (const xmlNode* each : nodes) {
        std::shared_ptr<const T> fact;
        if (before != nullptr) {
            const auto id = dom::attribute(each, "id").value_or(std::string_view{});
            if (!dirty.contains(id))
                fact = before->find(id);
        }
        facts.push_back(fact ? std::move(fact) : extract(each));
    }
    return model::fact_table<T>(std::move(facts));
}

void collect_resources(const xmlNode* parent, std::vector<const xmlNode*>& into) {
    for (const xmlNode* each : elements(parent)) {
        if (!is_resource(each))
            continue;
        into.push_back(each);
        collect_resources(each, into);
    }
}

std::vector<const xmlNode*> children_named(const xmlNode* parent, std::string_view name) {
    std::vector<const xmlNode*> found;
    for (const xmlNode* each : elements(parent))
        if (name_of(each) == name)
            found.push_back(each);
    return found;
}

const xmlNode* find_by_id(const std::vector<const xmlNode*>& nodes, std::string_view id) {
    for (const xmlNode* each : nodes)
        if (dom::attribute(each, "id") == id)
            return each;
    return nullptr;
}

/// First resource of that identifier, parents before children.
const xmlNode* find_resource(const xmlNode* parent, std::string_view id) {
    for (const xmlNode* each : elements(parent)) {
        if (!is_resource(each))
            continue;
        if (dom::attribute(each, "id") == id)
            return each;
        if (name_of(each) != "primitive")
            if (const xmlNode* found = find_resource(each, id))
                return found;
    }
    return nullptr;
}

std::shared_ptr<const model::attributes> options_of(const xmlNode* section, std::string_view set,
                                                    reference_index& references) {
    return std::make_shared<const model::attributes>(
        section != nullptr ? extract_sets(section, set, references) : model::attributes{});
}

std::shared_ptr<const model::option_sets> rules_of(const xmlNode* section, std::string_view set,
                                                   reference_index& references) {
    auto made =
        section != nullptr ? extract_option_sets(section, set, references) : model::option_sets{};
    return made.empty() ? nullptr : std::make_shared<const model::option_sets>(std::move(made));
}

/// Renews the facts of one document.
class renewal {
public:
    renewal(const xmlNode* cib, const model::cib_facts* before, const dirty_set& dirty)
        : cib_(cib), configuration_(child(cib, "configuration")), status_(child(cib, "status")),
          dirty_(dirty), before_(before), references_(configuration_),
          made_(before != nullptr ? std::make_shared<model::cib_facts>(*before)
                                  : std::make_shared<model::cib_facts>()) {}

    derived run(bool uses_references) {
        header();
        options();
        resources();
        constraints();
        status();
        return {made_, uses_references || references_.used()};
    }

private:
    [[nodiscard]] bool all() const { return before_ == nullptr; }

    void header() {
        made_->version = extract_version(cib_);
        made_->dc = text_of(cib_, "dc-uuid");
        made_->have_quorum = model::is_true(text_of(cib_, "have-quorum"));
        made_->feature_set = text_of(cib_, "crm_feature_set");
        made_->validate_with = text_of(cib_, "validate-with");
    }

    void section(const char* name, const char* set,
                 std::shared_ptr<const model::attributes>& values,
                 std::shared_ptr<const model::option_sets>& rules) {
        const xmlNode* at = child(configuration_, name);
        values = options_of(at, set, references_);
        rules = rules_of(at, set, references_);
    }

    void options() {
        if (all() || dirty_.options)
            section("crm_config", "cluster_property_set", made_->options, made_->option_rules);
        if (all() || dirty_.resource_defaults)
            section("rsc_defaults", "meta_attributes", made_->resource_defaults,
                    made_->resource_default_rules);
        if (all() || dirty_.operation_defaults)
            section("op_defaults", "meta_attributes", made_->operation_defaults,
                    made_->operation_default_rules);
        if (all() || dirty_.nodes)
            made_->nodes = table_of<model::node_facts>(
                children_named(child(configuration_, "nodes"), "node"), nullptr, {},
                [&](const xmlNode* each) { return extract_node(each, references_); });
    }

    void resources() {
        const xmlNode* section = child(configuration_, "resources");
        const auto extract = [&](const xmlNode* each) {
            return extract_resource(each, references_);
        };
        if (all() || dirty_.all_resources || dirty_.resource_order) {
            std::vector<const xmlNode*> nodes;
            if (section != nullptr)
                collect_resources(section, nodes);
            const bool reuse = !all() && !dirty_.all_resources;
            made_->resources = table_of<model::resource_facts>(
                nodes, reuse ? &before_->resources : nullptr, dirty_.resources, extract);
            return;
        }
        for (const auto& id : dirty_.resources) {
            const auto place = made_->resources.position(id);
            const xmlNode* node = section != nullptr ? find_resource(section, id) : nullptr;
            if (node != nullptr && place < made_->resources.size())
                made_->resources = made_->resources.with(place, extract(node));
        }
    }

    template <class T, class Extract>
    void constraint_table(model::fact_table<T>& table, std::string_view name, Extract extract) {
        const auto nodes = children_named(child(configuration_, "constraints"), name);
        if (all() || dirty_.constraint_order) {
            table = table_of<T>(nodes, all() ? nullptr : &table, dirty_.constraints, extract);
            return;
        }
        for (const auto& id : dirty_.constraints) {
            const auto place = table.position(id);
            const xmlNode* node = place < table.size() ? find_by_id(nodes, id) : nullptr;
            if (node != nullptr)
                table = table.with(place, extract(node));
        }
    }

    void constraints() {
        if (!all() && !dirty_.constraint_order && dirty_.constraints.empty())
            return;
        constraint_table(made_->locations, "rsc_location",
                         [&](const xmlNode* n) { return extract_location(n, references_); });
        constraint_table(made_->colocations, "rsc_colocation",
                         [&](const xmlNode* n) { return extract_colocation(n, references_); });
        constraint_table(made_->orders, "rsc_order",
                         [&](const xmlNode* n) { return extract_order(n, references_); });
        constraint_table(made_->ticket_constraints, "rsc_ticket", [&](const xmlNode* n) {
            return extract_ticket_constraint(n, references_);
        });
    }

    void status() {
        if (all() || dirty_.tickets)
            made_->tickets = table_of<model::ticket_facts>(
                children_named(child(status_, "tickets"), "ticket_state"), nullptr, {},
                extract_ticket);
        if (all() || dirty_.status_order) {
            id_set touched;
            for (const auto& [id, node] : dirty_.status)
                touched.insert(id);
            made_->status = table_of<model::node_status>(
                children_named(status_, "node_state"), all() ? nullptr : &before_->status, touched,
                [&](const xmlNode* each) { return node_status_of(each); });
            return;
        }
        if (dirty_.status.empty())
            return;
        const auto nodes = children_named(status_, "node_state");
        for (const auto& [id, node] : dirty_.status) {
            const auto place = made_->status.position(id);
            const xmlNode* at = place < made_->status.size() ? find_by_id(nodes, id) : nullptr;
            if (at != nullptr)
                made_->status = made_->status.with(place, node_status_of(at));
        }
    }

    std::shared_ptr<const model::node_status> node_status_of(const xmlNode* node) {
        const auto id = text_of(node, "id");
        const auto old = all() ? nullptr : before_->status.find(id);
        const auto found = dirty_.status.find(id);
        if (!old || found == dirty_.status.end() || found->second.whole) {
            auto made = extract_node_header(node);
            made->histories = histories(node, nullptr, {});
            return made;
        }
        const auto& dirty = found->second;
        auto made =
            dirty.header ? extract_node_header(node) : std::make_shared<model::node_status>(*old);
        made->histories = old->histories;
        if (dirty.order)
            made->histories = histories(node, &old->histories, dirty.histories);
        else
            renew_histories(node, dirty.histories, made->histories);
        return made;
    }

    static model::fact_table<model::history_facts>
    histories(const xmlNode* node, const model::fact_table<model::history_facts>* before,
              const id_set& dirty) {
        std::vector<const xmlNode*> found;
        if (const xmlNode* list = histories_of(node))
            found = children_named(list, "lrm_resource");
        return table_of<model::history_facts>(found, before, dirty, extract_history);
    }

    static void renew_histories(const xmlNode* node, const id_set& ids,
                                model::fact_table<model::history_facts>& table) {
        const xmlNode* list = histories_of(node);
        if (ids.empty() || list == nullptr)
            return;
        for (const xmlNode* each : elements(list)) {
            const auto id = dom::attribute(each, "id").value_or(std::string_view{});
            if (!ids.contains(id))
                continue;
            const auto place = table.position(id);
            if (place < table.size())
                table = table.with(place, extract_history(each));
        }
    }

    const xmlNode* cib_;
    const xmlNode* configuration_;
    const xmlNode* status_;
    const dirty_set& dirty_;
    const model::cib_facts* before_;
    reference_index references_;
    std::shared_ptr<model::cib_facts> made_;
};

/// Repeated identifiers are against the schema; then nothing can be told apart by them.
bool unambiguous(const model::cib_facts& facts) {
    for (const auto& node : facts.status)
        if (!node->histories.unambiguous())
            return false;
    return facts.resources.unambiguous() && facts.locations.unambiguous() &&
           facts.colocations.unambiguous() && facts.orders.unambiguous() &&
           facts.ticket_constraints.unambiguous() && facts.status.unambiguous();
}

} // namespace

derived derive_all(const xmlNode* cib) {
    const dirty_set none;
    return renewal(cib, nullptr, none).run(false);
}

derived derive_changed(const xmlNode* cib, const derived& before, const dirty_set& dirty) {
    if (dirty.everything || (before.uses_references && dirty.configuration()) ||
        !unambiguous(*before.facts))
        return derive_all(cib);
    return renewal(cib, before.facts.get(), dirty).run(before.uses_references);
}

} // namespace bridge::xml
