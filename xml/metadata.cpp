// SPDX-License-Identifier: Apache-2.0
#include "xml/metadata.hpp"

#include "bridge/model/facts.hpp"
#include "bridge/model/parameters.hpp"
#include "xml/dom.hpp"

#include <algorithm>
#include <limits>

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::child;
using dom::content_of;
using dom::elements;
using dom::name_of;
using dom::text_of;

constexpr int max_metadata_depth = 32;
constexpr dom::limits metadata_limits{max_metadata_bytes, max_metadata_depth, false, true};

bool truth(const xmlNode* node, const char* name) {
    const auto text = attribute(node, name);
    return text && model::is_true(*text);
}

/// Descriptions come in several languages; the first one counts.
std::string description(const xmlNode* node, std::string_view name) {
    const xmlNode* found = child(node, name);
    return found != nullptr ? content_of(found) : std::string{};
}

agent_parameter parameter_of(const xmlNode* node) {
    agent_parameter made;
    made.name = text_of(node, "name");
    made.required = truth(node, "required");
    made.unique = truth(node, "unique") || attribute(node, "unique-group").has_value();
    made.secret = truth(node, "private") || model::is_secret_name(made.name);
    made.short_description = description(node, "shortdesc");
    made.long_description = description(node, "longdesc");
    if (const xmlNode* content = child(node, "content")) {
        made.type = text_of(content, "type");
        if (const auto value = attribute(content, "default"))
            made.default_value = std::string(*value);
    }
    if (made.type.empty())
        made.type = "string";
    return made;
}

std::optional<std::uint32_t> duration(const xmlNode* node, const char* name) {
    const auto text = attribute(node, name);
    return text ? model::parse_interval_ms(*text) : std::nullopt;
}

agent_action action_of(const xmlNode* node) {
    agent_action made;
    made.name = text_of(node, "name");
    made.timeout_ms = duration(node, "timeout");
    made.interval_ms = duration(node, "interval");
    made.role = text_of(node, "role");
    const auto depth = model::parse_number(attribute(node, "depth").value_or("0")).value_or(0);
    made.depth = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(depth, std::numeric_limits<std::uint32_t>::max()));
    return made;
}

} // namespace

std::optional<agent_metadata> agent_metadata::parse(std::string_view text) {
    const auto document = dom::parse(text, metadata_limits);
    if (!document)
        return std::nullopt;
    const xmlNode* root = dom::find_element(xmlDocGetRootElement(document.get()), "resource-agent");
    if (root == nullptr)
        return std::nullopt;
    agent_metadata made;
    made.name = text_of(root, "name");
    made.version = description(root, "version"); // the OCF version since API 1.1
    if (const auto own = attribute(root, "version"))
        made.version = std::string(*own);
    made.short_description = description(root, "shortdesc");
    made.long_description = description(root, "longdesc");
    if (const xmlNode* list = child(root, "parameters"))
        for (const xmlNode* each : elements(list))
            if (name_of(each) == "parameter" && attribute(each, "name") &&
                made.parameters.size() < max_metadata_items)
                made.parameters.push_back(parameter_of(each));
    if (const xmlNode* list = child(root, "actions"))
        for (const xmlNode* each : elements(list))
            if (name_of(each) == "action" && made.actions.size() < max_metadata_items)
                made.actions.push_back(action_of(each));
    return made;
}

const agent_action* agent_metadata::action(std::string_view wanted) const {
    for (const auto& each : actions)
        if (each.name == wanted)
            return &each;
    return nullptr;
}

} // namespace bridge::xml
