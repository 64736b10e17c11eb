// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/expression.hpp"
#include "bridge/idlc/resolver.hpp"

#include <algorithm>

namespace bridge::idlc {

namespace {

/// Entry `layer` of a size_is or length_is list.
expression_ptr argument(const attribute* mark, std::size_t layer) {
    return mark != nullptr && layer < mark->arguments.size() ? mark->arguments[layer] : nullptr;
}

bool is_integer(const shape& s) {
    if (s.what == shape::kind::pointer)
        return is_integer(*s.target);
    if (s.what == shape::kind::enumeration)
        return true;
    return s.what == shape::kind::base && s.base != primitive::f32 && s.base != primitive::f64;
}

/// A structure that ends in a conformant array, or such an array itself.
bool is_conformant(const shape& s) {
    if (s.what == shape::kind::structure)
        return !s.structure->members.empty() && is_conformant(*s.structure->members.back().type);
    return s.conformant();
}

void check_attributes(const attributes& marks) {
    for (const attribute& a : marks) {
        for (const std::string_view bad :
             {"first_is", "last_is", "min_is", "max_is", "iid_is", "transmit_as", "wire_marshal",
              "represent_as", "pipe", "byte_count", "user_marshal", "ignore", "bstring"}) {
            if (a.name == bad)
                throw error(a.where, "'" + a.name + "' is not supported");
        }
    }
}

} // namespace

member resolver::declared(const field& f, const std::string& owner, bool parameter) {
    check_attributes(f.marks);
    member out;
    out.name = f.name.name;
    out.where = f.name.where;
    alias type = resolve(*f.type, "", f.marks);
    if (const attribute* range = find(f.marks, "range")) {
        if (range->arguments.size() != 2 || !range->arguments[0] || !range->arguments[1])
            throw error(range->where, "range needs two bounds");
        type.least = range->arguments[0];
        type.most = range->arguments[1];
    }
    if (type.base && (type.least || find(f.marks, "switch_is") != nullptr)) {
        auto base = std::make_shared<shape>(*type.base);
        if (type.least) {
            if (!is_integer(*base))
                throw error(f.name.where, "range is for integers");
            constant_number(type.least);
            constant_number(type.most);
        }
        base->least = type.least;
        base->most = type.most;
        if (const attribute* by = find(f.marks, "switch_is")) {
            if (base->what != shape::kind::union_ || by->arguments.size() != 1 || !by->arguments[0])
                throw error(by->where, "switch_is needs a union and one expression");
            base->switch_is = by->arguments[0];
        }
        type.base = base;
    }
    out.type = layered(type, f.name, f.marks, parameter);
    const std::string full_name = owner + "." + out.name;
    if (secrets_.contains(full_name)) {
        out.secret = true;
        used_secrets_.insert(full_name);
    }
    return out;
}

shape_ptr resolver::layered(const alias& type, const declarator& name, const attributes& marks,
                            bool parameter) {
    std::vector<layer> layers;
    for (const dimension& d : name.dimensions)
        layers.push_back(
            {true, d.bound ? std::optional(constant_number(d.bound)) : std::nullopt, {}, false});
    for (unsigned i = 0; i < name.pointers; ++i)
        layers.push_back({});
    layers.insert(layers.end(), type.layers.begin(), type.layers.end());

    for (layer& l : layers) {
        if (l.array)
            continue;
        if (find(marks, "ref") != nullptr)
            l.kind = pointer_kind::ref;
        else if (find(marks, "unique") != nullptr)
            l.kind = pointer_kind::unique;
        else if (find(marks, "ptr") != nullptr)
            l.kind = pointer_kind::full;
        break;
    }
    if (find(marks, "string") != nullptr) {
        if (layers.empty())
            throw error(name.where, "a string is a pointer or an array");
        layers.back().string = true;
    }
    const attribute* size = find(marks, "size_is");
    const attribute* length = find(marks, "length_is");
    for (const attribute* counts : {size, length}) {
        if (counts != nullptr && counts->arguments.size() > layers.size())
            throw error(counts->where,
                        counts->name + " has more entries than '" + name.name + "' has levels");
    }

    shape_ptr inner = type.base;
    for (std::size_t i = layers.size(); i-- > 0;) {
        const layer& l = layers[i];
        const expression_ptr size_is = argument(size, i);
        const expression_ptr length_is = argument(length, i);
        if (!inner)
            throw error(name.where, "a pointer to void cannot travel");
        if (l.array || l.string || size_is || length_is) {
            auto array = std::make_shared<shape>();
            array->what = shape::kind::array;
            array->where = name.where;
            array->fixed = l.fixed;
            array->size_is = size_is;
            array->length_is = length_is;
            array->string = l.string;
            array->target = inner;
            inner = array;
        }
        if (l.array)
            continue;
        auto pointer = std::make_shared<shape>();
        pointer->what = shape::kind::pointer;
        pointer->where = name.where;
        pointer->pointer =
            l.kind.value_or(parameter && i == 0 ? pointer_kind::ref : pointer_default_);
        pointer->target = inner;
        inner = pointer;
    }
    if (!inner)
        throw error(name.where, "'" + name.name + "' has no type");
    return inner;
}

void resolver::check_member(const member& m, const std::vector<member>& all, bool last,
                            bool parameter) {
    const shape* s = m.type.get();
    if (is_conformant(*s) && !last && !parameter)
        throw error(m.where, "only the last member can be conformant");
    if (s->what == shape::kind::structure && !s->structure->complete)
        throw error(m.where, "struct " + s->structure->name + " is not complete here");
    if (s->what == shape::kind::union_ && s->switch_is) {
        for (const member& other : all) {
            if (&other == &m)
                throw error(m.where, "the tag must stand before its union");
            if (s->switch_is->what == expression::kind::name && other.name == s->switch_is->text)
                break;
        }
    }
    check_names(*s, all);
}

void resolver::check_names(const shape& s, const std::vector<member>& all) {
    for (const expression_ptr& e : {s.size_is, s.length_is, s.switch_is}) {
        if (e)
            check_expression(e, all);
    }
    if (s.what == shape::kind::union_ && !s.switch_is)
        throw error(s.where, "the union needs a switch_is");
    if (s.is_array()) {
        const shape& element = *s.target;
        if (s.fixed && s.size_is)
            throw error(s.where, "size_is with a fixed bound");
        if (!s.fixed && !s.size_is && !s.string)
            throw error(s.where, "a conformant array needs size_is");
        if (s.string && !(element.what == shape::kind::base &&
                          (element.base == primitive::wchar ||
                           element.base == primitive::character || element.base == primitive::u8)))
            throw error(s.where, "a string is of char or wchar_t");
        if (s.string && s.length_is)
            throw error(s.where, "length_is with string");
        if (is_conformant(element))
            throw error(s.where, "only the outermost dimension can be conformant");
    }
    if (s.target)
        check_names(*s.target, all);
}

void resolver::check_expression(const expression_ptr& e, const std::vector<member>& all) {
    each_name(*e, [&](const expression& name) {
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const member& m) { return m.name == name.text; });
        if (found == all.end()) {
            constant_number(std::make_shared<expression>(name));
            return;
        }
        if (!is_integer(*found->type))
            throw error(name.where, "'" + name.text + "' is no integer");
    });
}

} // namespace bridge::idlc
