// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/resolver.hpp"

#include "bridge/idlc/expression.hpp"

#include <algorithm>

namespace bridge::idlc {

namespace {} // namespace

void resolver::add(const document& text, bool is_main) {
    if (is_main && text.interface)
        header(*text.interface);
    for (const declaration& d : text.declarations) {
        if (const auto* type = std::get_if<type_definition>(&d))
            define(*type);
        else if (const auto* tag = std::get_if<tag_definition>(&d))
            define(*tag);
        else if (const auto* value = std::get_if<constant>(&d))
            define(*value);
        else if (is_main)
            define_method(std::get<operation>(d));
    }
}

interface_model resolver::finish() {
    for (const struct_type& s : model_.structs) {
        if (!s.complete)
            throw error(s.where, "struct " + s.name + " is not defined");
    }
    for (const std::string& name : secrets_) {
        if (!used_secrets_.contains(name))
            throw error({}, "secret '" + name + "' names no member or parameter");
    }
    mark_recursive(model_);
    return std::move(model_);
}

void resolver::header(const interface_header& text) {
    model_.name = text.name;
    const attribute* uuid = find(text.marks, "uuid");
    if (uuid == nullptr)
        throw error(text.where, "the interface has no uuid");
    model_.uuid = uuid->raw;
    const bool shaped = model_.uuid.size() == 36 && model_.uuid[8] == '-' &&
                        model_.uuid[13] == '-' && model_.uuid[18] == '-' && model_.uuid[23] == '-';
    if (!shaped || std::count_if(model_.uuid.begin(), model_.uuid.end(), [](char c) {
                       return std::string_view("0123456789abcdefABCDEF").find(c) !=
                              std::string_view::npos;
                   }) != 32)
        throw error(uuid->where, "not a uuid: '" + model_.uuid + "'");
    if (const attribute* version = find(text.marks, "version")) {
        const std::size_t dot = version->raw.find('.');
        try {
            model_.major_version = static_cast<unsigned>(std::stoul(version->raw.substr(0, dot)));
            if (dot != std::string::npos)
                model_.minor_version =
                    static_cast<unsigned>(std::stoul(version->raw.substr(dot + 1)));
        } catch (const std::logic_error&) {
            throw error(version->where, "not a version: '" + version->raw + "'");
        }
    }
    if (const attribute* pointers = find(text.marks, "pointer_default")) {
        if (pointers->raw == "ref")
            pointer_default_ = pointer_kind::ref;
        else if (pointers->raw == "ptr")
            pointer_default_ = pointer_kind::full;
        else if (pointers->raw != "unique")
            throw error(pointers->where, "pointer_default is ref, unique or ptr");
    }
}

void resolver::define_handles(const type_definition& text) {
    for (const declarator& name : text.names) {
        if (text.type->name != "void" || name.pointers != 1)
            throw error(name.where, "a context handle is a pointer to void");
        auto handle = std::make_shared<shape>();
        handle->what = shape::kind::handle;
        handle->where = name.where;
        handle->alias = name.name;
        claim(name.name, name.where);
        types_[name.name] = {handle, {}, nullptr, nullptr};
        model_.definitions.push_back({name.name});
    }
}

void resolver::define(const type_definition& text) {
    if (find(text.marks, "context_handle") != nullptr) {
        define_handles(text);
        return;
    }
    // A structure without pointers in its typedef gives its name to the type, even when the tag
    // differs.
    std::string wanted = text.type->name;
    for (const declarator& name : text.names) {
        if (name.pointers == 0 && name.dimensions.empty()) {
            wanted = name.name;
            break;
        }
    }
    const alias base = resolve(*text.type, wanted, text.marks);
    for (const declarator& name : text.names) {
        alias out = base;
        std::vector<layer> layers;
        for (const dimension& d : name.dimensions)
            layers.push_back({true,
                              d.bound ? std::optional(constant_number(d.bound)) : std::nullopt,
                              {},
                              false});
        for (unsigned i = 0; i < name.pointers; ++i)
            layers.push_back({});
        for (layer& l : layers) {
            if (l.array)
                continue;
            if (find(text.marks, "ref") != nullptr)
                l.kind = pointer_kind::ref;
            else if (find(text.marks, "unique") != nullptr)
                l.kind = pointer_kind::unique;
            else if (find(text.marks, "ptr") != nullptr)
                l.kind = pointer_kind::full;
            break;
        }
        if (find(text.marks, "string") != nullptr && !layers.empty())
            layers.back().string = true;
        if (const attribute* range = find(text.marks, "range")) {
            if (range->arguments.size() != 2 || !range->arguments[0] || !range->arguments[1])
                throw error(range->where, "range needs two bounds");
            out.least = range->arguments[0];
            out.most = range->arguments[1];
        }
        for (const std::string_view bad : {"size_is", "length_is", "switch_is"}) {
            if (const attribute* a = find(text.marks, bad))
                throw error(a->where, std::string(bad) + " belongs to a member or parameter");
        }
        out.layers.insert(out.layers.begin(), layers.begin(), layers.end());
        types_[name.name] = std::move(out);
    }
}

void resolver::define(const tag_definition& text) {
    resolve(*text.type, text.type->name, text.marks);
}

void resolver::define(const constant& text) {
    constant_value out;
    out.name = text.name.name;
    claim(out.name, text.name.where);
    const alias type = resolve(*text.type, "", {});
    out.value = text.value;
    out.text = text.text;
    out.type = type.base;
    const bool is_text = type.layers.size() + text.name.pointers == 1 && text.text;
    if (!is_text && (text.text || !type.base || type.base->what != shape::kind::base))
        throw error(text.name.where, "a constant is an integer or a string");
    if (text.value) {
        out.number = constant_number(text.value);
        numbers_[out.name] = out.number;
    }
    model_.constants.push_back(std::move(out));
    model_.definitions.push_back({&model_.constants.back()});
}

void resolver::define_method(const operation& text) {
    method out;
    out.name = text.result.name.name;
    out.where = text.result.name.where;
    out.opnum = static_cast<unsigned>(model_.methods.size());
    for (const std::string suffix : {"", "_in", "_out"})
        claim(out.name + suffix, out.where);
    for (const attribute& mark : text.marks) {
        if (mark.name == "local" || mark.name == "callback" || mark.name == "call_as")
            throw error(mark.where, "'" + mark.name + "' is not supported");
    }
    if (text.result.type->name != "void" || text.result.name.pointers > 0)
        out.result = declared(text.result, out.name, false).type;
    for (const field& f : text.parameters) {
        if (f.type->name == "handle_t")
            continue; // a binding handle is not on the wire
        member m = declared(f, out.name, true);
        m.in = find(f.marks, "in") != nullptr;
        m.out = find(f.marks, "out") != nullptr;
        m.in = m.in || !m.out;
        if (m.out && !m.type->is_array() &&
            !(m.type->is_pointer() && m.type->pointer == pointer_kind::ref) && !m.in)
            throw error(m.where,
                        "[out] parameter '" + m.name + "' must be a reference pointer or an array");
        if (m.name == "result")
            throw error(m.where, "'result' is the name of the return value");
        out.parameters.push_back(std::move(m));
    }
    for (const member& m : out.parameters)
        check_member(m, out.parameters, true, true);
    model_.methods.push_back(std::move(out));
}

struct_type& resolver::struct_of(const std::string& tag, const location& where) {
    if (const auto known = struct_tags_.find(tag); !tag.empty() && known != struct_tags_.end())
        return *known->second;
    struct_type& made = model_.structs.emplace_back();
    made.name = tag;
    made.where = where;
    if (!tag.empty())
        struct_tags_[tag] = &made;
    return made;
}

void resolver::claim(const std::string& name, const location& where) {
    if (!claimed_.insert(name).second)
        throw error(where, "'" + name + "' is defined twice");
}

std::uint64_t resolver::constant_number(const expression_ptr& e) {
    return evaluate(*e, [this](const expression& name) {
        const auto known = numbers_.find(name.text);
        if (known == numbers_.end())
            throw error(name.where, "'" + name.text + "' is no constant");
        return known->second;
    });
}

} // namespace bridge::idlc
