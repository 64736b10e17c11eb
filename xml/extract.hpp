// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"
#include "xml/dom.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// Facts out of elements of a CIB. Pure reading; an element that lacks what it needs yields a fact
/// with empty members.
namespace bridge::xml {

/// Resolves id-ref and templates inside one version of a document.
class reference_index {
public:
    /// `configuration` may be null and must outlive this.
    explicit reference_index(const xmlNode* configuration) : configuration_(configuration) {}

    /// Element of that id below the configuration; null when there is none.
    const xmlNode* find(std::string_view id);

    /// True once find() was called: whoever asked depends on more than its own element.
    [[nodiscard]] bool used() const { return used_; }

private:
    const xmlNode* configuration_;
    bool used_ = false;
    std::unordered_map<std::string, const xmlNode*> elements_;
};

/// Values of the sets named `set_name` below `parent`, best score first; sets with rules are left
/// out.
model::attributes extract_sets(const xmlNode* parent, std::string_view set_name,
                               reference_index& references);

/// The same with the conditions of the sets that have rules; empty when none has.
model::option_sets extract_option_sets(const xmlNode* parent, std::string_view set_name,
                                       reference_index& references);
/// The rules of a set of options: any of them has to hold.
model::condition extract_condition(const xmlNode* set, reference_index& references);

/// Whether the element configures a resource (primitive, group, clone, master or bundle).
bool is_resource(const xmlNode* node);
/// Id of the resource that an element belongs to below the resources section: itself or the nearest
/// one above; null when there is none.
const xmlNode* resource_of(const xmlNode* node);

std::shared_ptr<const model::resource_facts> extract_resource(const xmlNode* node,
                                                              reference_index& references);

std::shared_ptr<const model::location_facts> extract_location(const xmlNode* node,
                                                              reference_index& references);
std::shared_ptr<const model::colocation_facts> extract_colocation(const xmlNode* node,
                                                                  reference_index& references);
std::shared_ptr<const model::order_facts> extract_order(const xmlNode* node,
                                                        reference_index& references);
std::shared_ptr<const model::ticket_constraint_facts>
extract_ticket_constraint(const xmlNode* node, reference_index& references);

std::shared_ptr<const model::node_facts> extract_node(const xmlNode* node,
                                                      reference_index& references);
std::shared_ptr<const model::ticket_facts> extract_ticket(const xmlNode* node);

std::shared_ptr<const model::history_facts> extract_history(const xmlNode* lrm_resource);
/// Attributes of `<node_state>` and its transient attributes; histories stay empty.
std::shared_ptr<model::node_status> extract_node_header(const xmlNode* node_state);
/// `<lrm_resources>` of a node; null when it has none.
const xmlNode* histories_of(const xmlNode* node_state);

model::cib_version extract_version(const xmlNode* cib);

} // namespace bridge::xml
