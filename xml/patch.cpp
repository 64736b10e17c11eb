// SPDX-License-Identifier: Apache-2.0
#include "xml/patch.hpp"

#include "xml/extract.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::name_of;

bool counts(const xmlNode* node) {
    return node->type == XML_ELEMENT_NODE || node->type == XML_COMMENT_NODE;
}

/// One step of a path: an element name, and its identifier where the path has one.
struct step {
    std::string_view name;
    std::optional<std::string_view> id;
};

/// Takes the first step off "/name[@id='value']/...". nullopt when it is malformed.
std::optional<step> take_step(std::string_view& path) {
    if (path.empty() || path.front() != '/')
        return std::nullopt;
    path.remove_prefix(1);
    const auto end = path.find_first_of("/[");
    step made{path.substr(0, end), std::nullopt};
    path.remove_prefix(std::min(end, path.size()));
    if (made.name.empty() || path.empty() || path.front() == '/')
        return made.name.empty() ? std::nullopt : std::optional<step>(made);
    constexpr std::string_view opening = "[@id=";
    if (!path.starts_with(opening) || path.size() < opening.size() + 1)
        return std::nullopt;
    const char quote = path[opening.size()];
    if (quote != '\'' && quote != '"')
        return std::nullopt;
    path.remove_prefix(opening.size() + 1);
    const auto closing = path.find(quote);
    if (closing == std::string_view::npos || path.substr(closing + 1, 1) != "]")
        return std::nullopt;
    made.id = path.substr(0, closing);
    path.remove_prefix(closing + 2);
    return made;
}

bool matches(const xmlNode* node, const step& wanted) {
    if (node->type != XML_ELEMENT_NODE || name_of(node) != wanted.name)
        return false;
    return !wanted.id || attribute(node, "id") == *wanted.id;
}

xmlNode* child_matching(xmlNode* parent, const step& wanted) {
    for (xmlNode* each = parent->children; each != nullptr; each = each->next)
        if (matches(each, wanted))
            return each;
    return nullptr;
}

xmlNode* child_at(xmlNode* parent, std::uint64_t position) {
    xmlNode* at = parent->children;
    while (at != nullptr && (!counts(at) || position > 0)) {
        if (counts(at))
            --position;
        at = at->next;
    }
    return at;
}

std::optional<std::uint64_t> position_of(const xmlNode* change) {
    const auto text = attribute(change, "position");
    return text ? model::parse_number(*text) : std::nullopt;
}

/// Element that a change names; for a comment, the comment at the change's position. Null when
/// there is none.
xmlNode* target_of(xmlNode* cib, const xmlNode* change) {
    auto path = attribute(change, "path").value_or(std::string_view{});
    const auto root = take_step(path);
    if (!root || !matches(cib, *root))
        return nullptr;
    xmlNode* at = cib;
    while (!path.empty()) {
        const auto next = take_step(path);
        if (!next)
            return nullptr;
        if (path.empty() && next->name == "comment" && !next->id) {
            const auto position = position_of(change);
            at = position ? child_at(at, *position) : nullptr;
            return at != nullptr && at->type == XML_COMMENT_NODE ? at : nullptr;
        }
        at = child_matching(at, *next);
        if (at == nullptr)
            return nullptr;
    }
    return at;
}

void insert_at(xmlNode* parent, xmlNode* child, std::uint64_t position) {
    if (xmlNode* before = child_at(parent, position))
        xmlAddPrevSibling(before, child);
    else
        xmlAddChild(parent, child);
}

bool remove(xmlNode* target, const xmlNode* cib, dirty_set& dirty) {
    if (target == cib)
        return false;
    dirty.mark(target->parent, target);
    xmlUnlinkNode(target);
    xmlFreeNode(target);
    return true;
}

/// The element gets exactly the attributes of the change's result.
bool modify(xmlNode* target, const xmlNode* change, dirty_set& dirty) {
    const xmlNode* holder = dom::child(change, "change-result");
    const xmlNode* result = holder != nullptr ? dom::first_element(holder) : nullptr;
    if (result == nullptr || target->type != XML_ELEMENT_NODE)
        return false;
    dirty.mark(target, nullptr); // under the old identifier, and below under the new one
    while (target->properties != nullptr)
        xmlRemoveProp(target->properties);
    for (const xmlAttr* each = result->properties; each != nullptr; each = each->next) {
        const xmlChar* value = each->children != nullptr ? each->children->content : nullptr;
        xmlNewProp(target, each->name,
                   value != nullptr ? value : reinterpret_cast<const xmlChar*>(""));
    }
    dirty.mark(target, nullptr);
    return true;
}

/// A change that depends on the positions of its siblings; done after all others, in order of
/// position.
struct placed_change {
    std::uint64_t position = 0;
    xmlNode* target = nullptr; ///< parent of a new element, or the element to move
    const xmlNode* change = nullptr;
    bool create = false;
};

/// Repeated patchsets must not nest deeper than a document that is read at once.
bool too_deep(const xmlNode* node) {
    int depth = 0;
    for (; node != nullptr; node = node->parent)
        ++depth;
    return depth > max_document_depth;
}

bool create(const placed_change& placed, dirty_set& dirty) {
    if (too_deep(placed.target))
        return false;
    const xmlNode* content = placed.change->children;
    while (content != nullptr && !counts(content))
        content = content->next;
    if (content == nullptr)
        return false;
    xmlNode* made = xmlDocCopyNode(const_cast<xmlNode*>(content), placed.target->doc, 1);
    if (made == nullptr)
        return false;
    insert_at(placed.target, made, placed.position);
    dirty.mark(placed.target, made);
    return true;
}

void move(const placed_change& placed, dirty_set& dirty) {
    xmlNode* parent = placed.target->parent;
    xmlUnlinkNode(placed.target);
    insert_at(parent, placed.target, placed.position);
    dirty.mark(parent, placed.target);
}

bool has_ancestor(const xmlNode* node, const xmlNode* wanted) {
    for (; node != nullptr; node = node->parent)
        if (node == wanted)
            return true;
    return false;
}

/// Deletes and modifications at once; the rest is collected.
bool first_pass(xmlNode* cib, const xmlNode* diff, dirty_set& dirty,
                std::vector<placed_change>& placed) {
    for (const xmlNode* change : dom::elements(diff)) {
        if (name_of(change) != "change")
            continue;
        const auto operation = attribute(change, "operation").value_or(std::string_view{});
        xmlNode* target = target_of(cib, change);
        if (target == nullptr) {
            if (operation == "delete")
                continue; // gone already with its parent
            return false;
        }
        if (operation == "delete") {
            // A patchset of Pacemaker deletes before it places; anything else would leave a
            // dangling target.
            const auto used = std::any_of(placed.begin(), placed.end(), [&](const auto& each) {
                return has_ancestor(each.target, target);
            });
            if (used || !remove(target, cib, dirty))
                return false;
        } else if (operation == "modify") {
            if (!modify(target, change, dirty))
                return false;
        } else if (operation == "create" || operation == "move") {
            const bool makes = operation == "create";
            if (target->type != XML_ELEMENT_NODE || (!makes && target == cib))
                return false;
            placed.push_back({position_of(change).value_or(0), target, change, makes});
        } else {
            return false;
        }
    }
    return true;
}

} // namespace

patch_result apply_changes(xmlNode* cib, const xmlNode* diff, dirty_set& dirty) {
    const xmlNode* versions = dom::child(diff, "version");
    const xmlNode* source = dom::child(versions, "source");
    const xmlNode* target = dom::child(versions, "target");
    if (attribute(diff, "format") != "2" || source == nullptr || target == nullptr)
        return patch_result::failed;
    if (extract_version(source) != extract_version(cib))
        return patch_result::version_mismatch;
    std::vector<placed_change> placed;
    if (!first_pass(cib, diff, dirty, placed))
        return patch_result::failed;
    std::stable_sort(placed.begin(), placed.end(),
                     [](const auto& a, const auto& b) { return a.position < b.position; });
    for (const auto& each : placed) {
        if (each.create && !create(each, dirty))
            return patch_result::failed;
        if (!each.create)
            move(each, dirty);
    }
    return extract_version(cib) == extract_version(target) ? patch_result::ok
                                                           : patch_result::failed;
}

} // namespace bridge::xml
