// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/resolver.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bridge::idlc {

namespace {

constexpr std::array<std::pair<std::string_view, primitive>, 22> builtins{{
    {"boolean", primitive::u8},
    {"byte", primitive::u8},
    {"char", primitive::character},
    {"unsigned char", primitive::u8},
    {"small", primitive::i8},
    {"unsigned small", primitive::u8},
    {"short", primitive::i16},
    {"unsigned short", primitive::u16},
    {"long", primitive::i32},
    {"unsigned long", primitive::u32},
    {"hyper", primitive::i64},
    {"unsigned hyper", primitive::u64},
    {"unsigned int", primitive::u32},
    {"int", primitive::i32},
    {"__int3264", primitive::signed_pointer_sized},
    {"unsigned __int3264", primitive::unsigned_pointer_sized},
    {"float", primitive::f32},
    {"double", primitive::f64},
    {"wchar_t", primitive::wchar},
    {"error_status_t", primitive::u32},
    {"unsigned __int64", primitive::u64},
    {"__int64", primitive::i64},
}};

bool is_guid(const std::string& name) {
    return name == "GUID" || name == "UUID" || name == "_GUID";
}

} // namespace

/// `wanted_name` names the type where it is defined here and now.
resolver::alias resolver::resolve(const type_spec& type, const std::string& wanted_name,
                                  const attributes& marks) {
    switch (type.what) {
    case type_spec::kind::named:
        return named(type);
    case type_spec::kind::structure:
        return {structure(type, wanted_name), {}, nullptr, nullptr};
    case type_spec::kind::union_:
        return {union_(type, wanted_name, marks), {}, nullptr, nullptr};
    case type_spec::kind::enumeration:
        return {enumeration(type, wanted_name, marks), {}, nullptr, nullptr};
    }
    throw error(type.where, "not a type");
}

resolver::alias resolver::named(const type_spec& type) {
    if (const auto known = types_.find(type.name); known != types_.end())
        return known->second;
    if (type.name == "void")
        return {};
    auto out = std::make_shared<shape>();
    out->where = type.where;
    if (is_guid(type.name)) {
        out->what = shape::kind::guid;
        return {out, {}, nullptr, nullptr};
    }
    for (const auto& [name, base] : builtins) {
        if (name == type.name) {
            out->base = base;
            return {out, {}, nullptr, nullptr};
        }
    }
    if (type.name == "handle_t")
        throw error(type.where, "handle_t is for parameters only");
    throw error(type.where, "unknown type '" + type.name + "'");
}

shape_ptr resolver::structure(const type_spec& type, const std::string& name) {
    auto out = std::make_shared<shape>();
    out->where = type.where;
    if (is_guid(name) || is_guid(type.name)) {
        out->what = shape::kind::guid;
        return out;
    }
    out->what = shape::kind::structure;
    struct_type& made = struct_of(type.name, type.where);
    out->structure = &made;
    if (!type.body)
        return out;
    if (made.complete)
        throw error(type.where, "struct " + type.name + " is defined twice");
    made.name = name.empty() ? type.name : name;
    made.where = type.where;
    claim(made.name, type.where);
    fill(made, std::get<struct_body>(*type.body));
    made.complete = true;
    model_.definitions.push_back({&made});
    return out;
}

shape_ptr resolver::enumeration(const type_spec& type, const std::string& name,
                                const attributes& marks) {
    if (!type.body) {
        const auto known = other_tags_.find("enum " + type.name);
        if (known == other_tags_.end())
            throw error(type.where, "enum " + type.name + " is not defined");
        return known->second;
    }
    enum_type& made = model_.enums.emplace_back();
    made.name = name.empty() ? type.name : name;
    made.wide = find(marks, "v1_enum") != nullptr;
    if (!made.name.empty())
        claim(made.name, type.where);
    std::uint64_t next = 0;
    for (const enumerator& e : std::get<enum_body>(*type.body).values) {
        if (e.value)
            next = constant_number(e.value);
        if (next > 0xffffffffu)
            throw error(e.where, "'" + e.name + "' exceeds 32 bits");
        claim(e.name, e.where);
        numbers_[e.name] = next;
        made.values.push_back({e.name, static_cast<std::uint32_t>(next)});
        ++next;
    }
    model_.definitions.push_back({&made});
    auto out = std::make_shared<shape>();
    out->what = shape::kind::enumeration;
    out->where = type.where;
    out->enumeration = &made;
    if (!type.name.empty())
        other_tags_["enum " + type.name] = out;
    return out;
}

shape_ptr resolver::union_(const type_spec& type, const std::string& name,
                           const attributes& marks) {
    if (!type.body) {
        const auto known = other_tags_.find("union " + type.name);
        if (known == other_tags_.end())
            throw error(type.where, "union " + type.name + " is not defined");
        return known->second;
    }
    const auto& body = std::get<union_body>(*type.body);
    if (body.tag_type)
        return encapsulated(type, name);
    union_type& made = model_.unions.emplace_back();
    made.name = name.empty() ? type.name : name;
    made.where = type.where;
    claim(made.name, type.where);
    const attribute* tag = find(marks, "switch_type");
    if (tag == nullptr || !tag->type)
        throw error(type.where, "union " + made.name + " needs a switch_type");
    made.tag = resolve(*tag->type, "", {}).base;
    fill(made, body);
    model_.definitions.push_back({&made});
    auto out = std::make_shared<shape>();
    out->what = shape::kind::union_;
    out->where = type.where;
    out->union_ = &made;
    if (!type.name.empty())
        other_tags_["union " + type.name] = out;
    return out;
}

/// C706 14.3.8: an encapsulated union is a structure of its tag and the arm.
shape_ptr resolver::encapsulated(const type_spec& type, const std::string& name) {
    const auto& body = std::get<union_body>(*type.body);
    struct_type& holder = model_.structs.emplace_back();
    holder.name = name.empty() ? type.name : name;
    holder.where = type.where;
    holder.encapsulated = true;
    claim(holder.name, type.where);

    member tag;
    tag.name = body.tag_name;
    tag.where = type.where;
    tag.type = resolve(*body.tag_type, "", {}).base;

    union_type& made = model_.unions.emplace_back();
    made.name = holder.name + "_" + body.member_name;
    made.where = type.where;
    made.tag = tag.type;
    made.tagged = false;
    claim(made.name, type.where);
    fill(made, body);
    model_.definitions.push_back({&made});

    auto arms = std::make_shared<shape>();
    arms->what = shape::kind::union_;
    arms->where = type.where;
    arms->union_ = &made;
    auto by = std::make_shared<expression>();
    by->what = expression::kind::name;
    by->where = type.where;
    by->text = body.tag_name;
    arms->switch_is = by;
    member content;
    content.name = body.member_name;
    content.where = type.where;
    content.type = arms;

    holder.members = {tag, content};
    holder.complete = true;
    model_.definitions.push_back({&holder});
    auto out = std::make_shared<shape>();
    out->what = shape::kind::structure;
    out->where = type.where;
    out->structure = &holder;
    return out;
}

void resolver::fill(struct_type& out, const struct_body& body) {
    for (const field& f : body.fields) {
        if (f.type->what == type_spec::kind::union_ && f.type->body)
            out.members.push_back(anonymous_union(f, out));
        else
            out.members.push_back(declared(f, out.name, false));
    }
    for (std::size_t i = 0; i < out.members.size(); ++i)
        check_member(out.members[i], out.members, i + 1 == out.members.size(), false);
}

void resolver::fill(union_type& out, const union_body& body) {
    bool has_default = false;
    std::set<std::uint64_t> labels;
    for (const union_arm& a : body.arms) {
        union_type::arm arm;
        arm.labels = a.labels;
        arm.is_default = a.is_default;
        if (a.is_default && std::exchange(has_default, true))
            throw error(a.where, "second default");
        for (const expression_ptr& label : a.labels) {
            if (!label)
                throw error(a.where, "empty case");
            if (!labels.insert(constant_number(label)).second)
                throw error(label->where, "second case of the same value");
        }
        if (a.member) {
            arm.content = declared(*a.member, out.name, false);
            check_member(*arm.content, {}, false, false);
        }
        out.arms.push_back(std::move(arm));
    }
    out.complete = true;
}

/// A union defined where it is used takes its tag's type from the member that switches it.
member resolver::anonymous_union(const field& f, struct_type& owner) {
    const attribute* by = find(f.marks, "switch_is");
    if (by == nullptr || by->arguments.size() != 1 || !by->arguments[0])
        throw error(f.name.where, "the union needs a switch_is");
    const std::string name = f.name.name.empty() ? "u" : f.name.name;
    union_type& made = model_.unions.emplace_back();
    made.name = owner.name + "_" + name;
    made.where = f.type->where;
    claim(made.name, f.type->where);
    if (const attribute* tag = find(f.marks, "switch_type"); tag != nullptr && tag->type) {
        made.tag = resolve(*tag->type, "", {}).base;
    } else {
        for (const member& m : owner.members) {
            if (by->arguments[0]->what == expression::kind::name &&
                m.name == by->arguments[0]->text)
                made.tag = m.type;
        }
        if (!made.tag)
            throw error(by->where, "the tag must stand before its union");
    }
    fill(made, std::get<union_body>(*f.type->body));
    model_.definitions.push_back({&made});
    auto type = std::make_shared<shape>();
    type->what = shape::kind::union_;
    type->where = f.type->where;
    type->union_ = &made;
    type->switch_is = by->arguments[0];
    member out;
    out.name = name;
    out.where = f.name.where;
    out.type = type;
    return out;
}

} // namespace bridge::idlc
