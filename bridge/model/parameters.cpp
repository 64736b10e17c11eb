// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/parameters.hpp"

#include "bridge/model/addresses.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <limits>

namespace bridge::model {

namespace {

property text_property(std::string name, std::string value) {
    return {std::move(name), property_format::sz, std::move(value)};
}

const property_schema* schema_of(const resource_type& type, std::string_view name) {
    for (const auto& each : type.resource_private_schema)
        if (win32::equal_names(each.name, name))
            return &each;
    return nullptr;
}

std::optional<property_value> number_value(std::string_view text) {
    const auto number = parse_number(text);
    if (!number || *number > std::numeric_limits<std::uint32_t>::max())
        return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

/// The value of one bound property; nullopt when the primitive says nothing (or nothing that can be
/// shown).
std::optional<property_value> bound_value(const parameter_binding& binding,
                                          const resource_facts& primitive,
                                          const network_lookup& networks) {
    if (binding.form == parameter_form::agent_type)
        return primitive.type;
    const auto* text = find_attribute(primitive.parameters, binding.parameter);
    if (text == nullptr)
        return std::nullopt;
    switch (binding.form) {
    case parameter_form::number:
        return number_value(*text);
    case parameter_form::boolean:
        return static_cast<std::uint32_t>(is_true(*text) ? 1 : 0);
    case parameter_form::netmask:
        if (const auto prefix = prefix_of_mask(*text); prefix && *prefix <= 32)
            return mask_text(*prefix);
        return *text;
    case parameter_form::network_of: {
        auto name = networks ? networks(*text) : std::string{};
        return name.empty() ? std::nullopt : std::optional<property_value>(std::move(name));
    }
    default:
        return *text;
    }
}

bool bound(const resource_type& type, std::string_view parameter) {
    return std::any_of(type.bindings.begin(), type.bindings.end(), [&](const auto& each) {
        return each.parameter == parameter && each.form != parameter_form::network_of;
    });
}

bool applies(const agent_match& match, const resource_facts& primitive) {
    if (match.parameter.empty())
        return true;
    const auto* value = find_attribute(primitive.parameters, match.parameter);
    const bool holds = value != nullptr && value->find(match.text) != std::string::npos;
    return holds != match.absent;
}

} // namespace

bool is_secret_name(std::string_view parameter) {
    const std::string folded = win32::fold(parameter);
    for (const char* word : {"PASSW", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "API_KEY",
                             "PRIVATE_KEY", "PRIVATEKEY", "CREDENTIAL"})
        if (folded.find(word) != std::string::npos)
            return true;
    return folded == "PASS" || folded == "PWD" || folded.ends_with("_PASS") ||
           folded.ends_with("_PWD");
}

type_index::type_index(std::shared_ptr<const type_list> types) : types_(std::move(types)) {
    if (!types_)
        return;
    for (const auto& type : *types_) {
        names_.try_emplace(win32::fold(type->name), type.get());
        for (const auto& match : type->agents) {
            if (match.agent.ends_with('*'))
                patterns_.push_back({type.get(), &match});
            else
                exact_[match.agent].push_back({type.get(), &match});
        }
    }
}

const resource_type* type_index::matching(const std::vector<entry>& entries,
                                          const resource_facts& primitive) const {
    for (const auto& each : entries)
        if (applies(*each.match, primitive))
            return each.type;
    return nullptr;
}

const resource_type* type_index::find(const resource_facts& primitive) const {
    if (const auto* named = find_attribute(primitive.meta, meta_type)) {
        const auto found = names_.find(win32::fold(*named));
        if (found != names_.end())
            return found->second;
    }
    const auto agent = primitive.agent();
    const auto exact = exact_.find(agent);
    if (exact != exact_.end())
        if (const auto* type = matching(exact->second, primitive))
            return type;
    for (const auto& each : patterns_) {
        const std::string_view pattern = each.match->agent;
        if (std::string_view(agent).starts_with(pattern.substr(0, pattern.size() - 1)) &&
            applies(*each.match, primitive))
            return each.type;
    }
    return nullptr;
}

property_list private_properties_of(const resource_facts& primitive, const resource_type* type,
                                    const network_lookup& networks) {
    property_list made;
    if (type != nullptr) {
        for (const auto& binding : type->bindings) {
            const auto* schema = schema_of(*type, binding.property);
            if (schema == nullptr || schema->secret)
                continue;
            if (auto value = bound_value(binding, primitive, networks))
                made.push_back({schema->name, schema->format, std::move(*value)});
        }
    }
    for (const auto& [name, value] : primitive.parameters) {
        if (type != nullptr && bound(*type, name))
            continue;
        const auto* schema = type != nullptr ? schema_of(*type, name) : nullptr;
        if (schema != nullptr ? schema->secret : is_secret_name(name))
            continue;
        made.push_back(text_property(schema != nullptr ? schema->name : name, value));
    }
    return made;
}

std::optional<std::string> parameter_text(const parameter_binding& binding,
                                          const property_value& value) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* number = std::get_if<std::uint32_t>(&value);
    switch (binding.form) {
    case parameter_form::text:
        return text != nullptr ? std::optional(*text) : std::nullopt;
    case parameter_form::number:
        return number != nullptr ? std::optional(std::to_string(*number)) : std::nullopt;
    case parameter_form::boolean:
        if (number == nullptr)
            return std::nullopt;
        return *number != 0 ? "true" : "false";
    case parameter_form::netmask: {
        const auto prefix = text != nullptr ? prefix_of_mask(*text) : std::nullopt;
        return prefix ? std::optional(std::to_string(*prefix)) : std::nullopt;
    }
    case parameter_form::agent_type:
    case parameter_form::network_of:
        break;
    }
    return std::nullopt;
}

} // namespace bridge::model
