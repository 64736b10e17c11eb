// SPDX-License-Identifier: Apache-2.0
#include "xml/catalogue.hpp"

#include "bridge/model/parameters.hpp"
#include "bridge/win32/upcase.hpp"
#include "gen/resource_types.hpp"
#include "xml/dom.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <set>

namespace bridge::xml {

namespace {

using dom::attribute;
using dom::child;
using dom::content_of;
using dom::elements;
using dom::name_of;
using dom::text_of;

constexpr dom::limits catalogue_limits{4U << 20, 16, false, false};

/// Decimal or 0x hexadecimal.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
    const bool hex = text.starts_with("0x");
    if (hex)
        text.remove_prefix(2);
    Number value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::uint32_t number_of(const xmlNode* node, const char* name, std::uint32_t fallback) {
    const auto text = attribute(node, name);
    return text ? number_in<std::uint32_t>(*text).value_or(fallback) : fallback;
}

bool truth(const xmlNode* node, const char* name) {
    const auto text = attribute(node, name);
    return text && model::is_true(*text);
}

struct format_name {
    std::string_view name;
    model::property_format format;
};

constexpr format_name formats[] = {
    {"binary", model::property_format::binary},
    {"dword", model::property_format::dword},
    {"sz", model::property_format::sz},
    {"expand_sz", model::property_format::expand_sz},
    {"multi_sz", model::property_format::multi_sz},
    {"ularge_integer", model::property_format::ularge_integer},
    {"security_descriptor", model::property_format::security_descriptor},
    {"large_integer", model::property_format::large_integer},
    {"word", model::property_format::word},
    {"filetime", model::property_format::filetime},
};

model::property_format format_of(std::string_view name) {
    for (const auto& each : formats)
        if (each.name == name)
            return each.format;
    return model::property_format::unknown;
}

model::property_value value_of(model::property_format format, std::string_view text) {
    switch (format) {
    case model::property_format::dword:
    case model::property_format::word:
    case model::property_format::long_integer:
        return number_in<std::uint32_t>(text).value_or(0);
    case model::property_format::ularge_integer:
    case model::property_format::large_integer:
    case model::property_format::filetime:
        return number_in<std::uint64_t>(text).value_or(0);
    case model::property_format::multi_sz:
        return text.empty() ? std::vector<std::string>{}
                            : std::vector<std::string>{std::string(text)};
    case model::property_format::binary:
    case model::property_format::security_descriptor:
        return std::vector<std::byte>{};
    default:
        return std::string(text);
    }
}

model::resource_class class_of(std::string_view name) {
    return name == "storage"   ? model::resource_class::storage
           : name == "network" ? model::resource_class::network
                               : model::resource_class::unknown;
}

struct form_name {
    std::string_view name;
    model::parameter_form form;
};

constexpr form_name forms[] = {
    {"text", model::parameter_form::text},       {"number", model::parameter_form::number},
    {"boolean", model::parameter_form::boolean}, {"netmask", model::parameter_form::netmask},
    {"type", model::parameter_form::agent_type}, {"network", model::parameter_form::network_of},
};

model::parameter_form form_of(std::string_view name) {
    for (const auto& each : forms)
        if (each.name == name)
            return each.form;
    return model::parameter_form::text;
}

void read_property(const xmlNode* node, model::resource_type& into) {
    model::property_schema made;
    made.name = text_of(node, "name");
    made.format = format_of(attribute(node, "format").value_or("sz"));
    made.default_value = value_of(made.format, attribute(node, "default").value_or(""));
    made.read_only = truth(node, "read-only");
    made.required = truth(node, "required");
    made.secret = truth(node, "secret");
    if (const auto parameter = attribute(node, "parameter"))
        into.bindings.push_back({made.name, std::string(*parameter),
                                 form_of(attribute(node, "form").value_or("text"))});
    else if (attribute(node, "form") == "type")
        into.bindings.push_back({made.name, {}, model::parameter_form::agent_type});
    into.resource_private_schema.push_back(std::move(made));
}

void read_requirement(const xmlNode* node, model::resource_type& into) {
    model::required_dependency made;
    made.type_name = text_of(node, "type");
    made.class_ = class_of(attribute(node, "class").value_or(""));
    made.subclass = number_of(node, "subclass", 0);
    into.required_dependencies.push_back(std::move(made));
}

model::agent_match read_agent(const xmlNode* node) {
    model::agent_match made;
    made.agent = text_of(node, "name");
    made.parameter = text_of(node, "parameter");
    made.text = text_of(node, "contains");
    if (const auto text = attribute(node, "without")) {
        made.text = std::string(*text);
        made.absent = true;
    }
    return made;
}

void add_other_orders(model::resource_type& type) {
    model::property_schema schema;
    schema.name = model::other_orders_property;
    schema.format = model::property_format::multi_sz;
    schema.default_value = std::vector<std::string>{};
    schema.read_only = true;
    type.resource_private_schema.push_back(std::move(schema));
}

model::resource_type read_type(const xmlNode* node) {
    model::resource_type made;
    made.name = text_of(node, "name");
    made.display_name = attribute(node, "display") ? text_of(node, "display") : made.name;
    made.class_ = class_of(attribute(node, "class").value_or(""));
    made.subclass = number_of(node, "subclass", 0);
    made.characteristics = number_of(node, "characteristics", 0);
    made.looks_alive_interval_ms = number_of(node, "looks-alive", made.looks_alive_interval_ms);
    made.is_alive_interval_ms = number_of(node, "is-alive", made.is_alive_interval_ms);
    made.pending_timeout_ms = number_of(node, "pending", made.pending_timeout_ms);
    made.arbitration_timeout_s = number_of(node, "arbitration", 0);
    for (const xmlNode* each : elements(node)) {
        const auto name = name_of(each);
        if (name == "description")
            made.description = content_of(each);
        else if (name == "agent")
            made.agents.push_back(read_agent(each));
        else if (name == "requires")
            read_requirement(each, made);
        else if (name == "property")
            read_property(each, made);
    }
    if (!made.agents.empty()) {
        made.dll_name = made.agents.front().agent;
        add_other_orders(made);
    }
    return made;
}

bool matches(std::string_view pattern, std::string_view agent) {
    if (pattern.ends_with('*'))
        return agent.starts_with(pattern.substr(0, pattern.size() - 1));
    return agent == pattern;
}

/// An agent that the catalogue does not know, under its own name.
std::shared_ptr<const model::resource_type> own_type(const installed_agent& agent) {
    auto made = std::make_shared<model::resource_type>();
    made->name = made->display_name = made->dll_name = agent.name;
    made->nodes = agent.nodes;
    made->agents.push_back({agent.name, {}, {}, false});
    if (!agent.metadata) {
        add_other_orders(*made);
        return made;
    }
    const auto& about = *agent.metadata;
    made->description = about.short_description;
    if (const auto* start = about.action("start"); start != nullptr && start->timeout_ms)
        made->pending_timeout_ms = *start->timeout_ms;
    if (const auto* monitor = about.action("monitor");
        monitor != nullptr && monitor->interval_ms.value_or(0) > 0)
        made->is_alive_interval_ms = *monitor->interval_ms;
    std::set<std::string> names;
    for (const auto& each : about.parameters) {
        // Parameters of agents may differ in case only; property names may not.
        if (!names.insert(win32::fold(each.name)).second)
            continue;
        model::property_schema schema;
        schema.name = each.name;
        schema.format = model::property_format::sz;
        schema.default_value = each.secret ? std::string{} : each.default_value.value_or("");
        schema.required = each.required && !each.default_value;
        schema.secret = each.secret;
        made->resource_private_schema.push_back(std::move(schema));
        made->bindings.push_back({each.name, each.name, model::parameter_form::text});
    }
    add_other_orders(*made);
    return made;
}

} // namespace

std::optional<catalogue> catalogue::parse(std::string_view text) {
    const auto document = dom::parse(text, catalogue_limits);
    if (!document)
        return std::nullopt;
    const xmlNode* root = xmlDocGetRootElement(document.get());
    if (name_of(root) != "resource-types")
        return std::nullopt;
    catalogue made;
    for (const xmlNode* each : elements(root))
        if (name_of(each) == "type")
            made.entries_.push_back(read_type(each));
    return made;
}

const catalogue& catalogue::built_in() {
    static const catalogue made = [] {
        auto parsed = parse(gen::resource_types_xml);
        if (!parsed)
            std::abort(); // a build that ships a broken file
        return std::move(*parsed);
    }();
    return made;
}

bool catalogue::covers(std::string_view agent) const {
    return agent == model::anchor_agent ||
           std::any_of(entries_.begin(), entries_.end(), [&](const auto& type) {
               return std::any_of(type.agents.begin(), type.agents.end(),
                                  [&](const auto& each) { return matches(each.agent, agent); });
           });
}

std::shared_ptr<const model::type_list>
catalogue::types(const std::vector<installed_agent>& installed) const {
    auto made = std::make_shared<model::type_list>();
    std::set<std::string> names;
    for (const auto& each : entries_) {
        auto type = std::make_shared<model::resource_type>(each);
        for (const auto& agent : installed) {
            const bool stands = std::any_of(type->agents.begin(), type->agents.end(),
                                            [&](auto& m) { return matches(m.agent, agent.name); });
            for (const auto& node : agent.nodes)
                if (stands &&
                    std::find(type->nodes.begin(), type->nodes.end(), node) == type->nodes.end())
                    type->nodes.push_back(node);
        }
        names.insert(win32::fold(type->name));
        made->push_back(std::move(type));
    }
    for (const auto& each : installed)
        if (!covers(each.name) && names.insert(win32::fold(each.name)).second)
            made->push_back(own_type(each));
    return made;
}

} // namespace bridge::xml
