// SPDX-License-Identifier: Apache-2.0
#include "xml/derive.hpp"
#include "xml/extract.hpp"

#include <algorithm>

namespace bridge::xml {

namespace {

using dom::name_of;
using dom::text_of;

std::vector<const xmlNode*> path_to(const xmlNode* at) {
    std::vector<const xmlNode*> path;
    for (; at != nullptr && at->type == XML_ELEMENT_NODE; at = at->parent)
        path.push_back(at);
    std::reverse(path.begin(), path.end());
    return path;
}

bool is_element(const xmlNode* node) {
    return node != nullptr && node->type == XML_ELEMENT_NODE;
}

} // namespace

bool dirty_set::configuration() const {
    return everything || options || resource_defaults || operation_defaults || nodes ||
           all_resources || resource_order || constraint_order || !resources.empty() ||
           !constraints.empty();
}

void dirty_set::mark(const xmlNode* at, const xmlNode* child) {
    const auto path = path_to(at);
    if (path.size() < 2) {
        everything = everything || child != nullptr;
        return;
    }
    if (name_of(path[1]) == "configuration")
        mark_configuration(path, child);
    else if (name_of(path[1]) == "status")
        mark_status(path, child);
}

void dirty_set::mark_configuration(const std::vector<const xmlNode*>& path, const xmlNode* child) {
    if (path.size() == 2) {
        everything = everything || child != nullptr;
        return;
    }
    const auto section = name_of(path[2]);
    if (section == "crm_config") {
        options = true;
    } else if (section == "rsc_defaults") {
        resource_defaults = true;
    } else if (section == "op_defaults") {
        operation_defaults = true;
    } else if (section == "nodes") {
        nodes = true;
    } else if (section == "resources") {
        mark_resources(path.back(), child);
    } else if (section == "constraints") {
        // An element's own attributes include its identifier, hence the order as well.
        if (path.size() <= 4)
            constraint_order = true;
        const xmlNode* changed = path.size() > 3 ? path[3] : child;
        if (is_element(changed))
            constraints.insert(text_of(changed, "id"));
    }
}

void dirty_set::mark_resources(const xmlNode* at, const xmlNode* child) {
    const xmlNode* owner = resource_of(at);
    if (owner == nullptr) {
        if (name_of(at) != "resources" || (is_element(child) && !is_resource(child)))
            all_resources = true; // templates count for any number of resources
        resource_order = true;
    } else {
        resources.insert(text_of(owner, "id"));
        if (owner == at && child == nullptr) {
            resource_order = true;
            mark_subtree(owner); // what is inside names it as parent
        }
    }
    if (is_element(child) && is_resource(child)) {
        resource_order = true;
        mark_subtree(child);
    }
}

void dirty_set::mark_subtree(const xmlNode* resource) {
    resources.insert(text_of(resource, "id"));
    for (const xmlNode* each : dom::elements(resource))
        if (is_resource(each))
            mark_subtree(each);
}

void dirty_set::mark_status(const std::vector<const xmlNode*>& path, const xmlNode* child) {
    if (path.size() == 2) {
        status_order = tickets = true;
        if (is_element(child) && name_of(child) == "node_state")
            status[text_of(child, "id")].whole = true;
        return;
    }
    if (name_of(path[2]) != "node_state") {
        tickets = true;
        return;
    }
    auto& node = status[text_of(path[2], "id")];
    if (path.size() == 3) {
        status_order = true; // its identifier may be another one
        node.header = true;
        node.whole = node.whole || (is_element(child) && name_of(child) == "lrm");
    } else if (name_of(path[3]) == "transient_attributes") {
        node.header = true;
    } else if (path.size() == 4) {
        node.whole = node.whole || child != nullptr;
    } else if (path.size() == 5) {
        node.order = true;
        if (is_element(child))
            node.histories.insert(text_of(child, "id"));
    } else {
        node.order = node.order || path.size() == 6;
        node.histories.insert(text_of(path[5], "id"));
    }
}

} // namespace bridge::xml
