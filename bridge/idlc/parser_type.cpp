// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/parser.hpp"

#include <algorithm>
#include <array>

namespace bridge::idlc {

namespace {

constexpr std::array<std::string_view, 11> integer_words{"unsigned", "signed",  "char",     "short",
                                                         "int",      "long",    "small",    "hyper",
                                                         "__int32",  "__int64", "__int3264"};

bool is_integer_word(const token& t) {
    return t.kind == token_kind::identifier &&
           std::find(integer_words.begin(), integer_words.end(), t.text) != integer_words.end();
}

} // namespace

std::shared_ptr<type_spec> parser::type() {
    while (accept_word("const") || accept_word("volatile")) {
    }
    std::shared_ptr<type_spec> out;
    if (current_.is_word("struct")) {
        out = struct_type();
    } else if (current_.is_word("union")) {
        out = union_type();
    } else if (current_.is_word("enum")) {
        out = enum_type();
    } else {
        out = std::make_shared<type_spec>();
        out->where = current_.where;
        out->name = is_integer_word(current_) ? builtin_name() : expect_identifier("a type").text;
    }
    while (accept_word("const") || accept_word("volatile")) {
    }
    return out;
}

/// "unsigned long int" and the like in one form: an optional "unsigned " and the type without
/// "int".
std::string parser::builtin_name() {
    bool is_unsigned = false;
    bool is_signed = false;
    unsigned longs = 0;
    std::string base;
    const location where = current_.where;
    while (is_integer_word(current_)) {
        const std::string word = advance().text;
        if (word == "unsigned")
            is_unsigned = true;
        else if (word == "signed")
            is_signed = true;
        else if (word == "long")
            ++longs;
        else if (word != "int" && !base.empty())
            throw error(where, "'" + word + "' after '" + base + "' is no type");
        else if (word != "int")
            base = word;
    }
    if (longs > 0 && !base.empty())
        throw error(where, "'long' with '" + base + "' is no type");
    if (base.empty())
        base = longs > 1 ? "hyper" : "long"; // int has 32 bits on the wire, as long has
    if (base == "__int32")
        base = "long";
    if (base == "__int64")
        base = "hyper";
    if (base == "char" && is_signed)
        base = "small";
    return is_unsigned ? "unsigned " + base : base;
}

/// The keyword and the tag, which may be missing.
std::shared_ptr<type_spec> parser::tagged_type(type_spec::kind what) {
    auto out = std::make_shared<type_spec>();
    out->what = what;
    out->where = advance().where;
    if (current_.kind == token_kind::identifier && !current_.is_word("switch"))
        out->name = advance().text;
    return out;
}

/// Whether a body follows; a type without a tag must have one.
bool parser::opens_body(const type_spec& type) {
    if (accept("{"))
        return true;
    if (type.name.empty())
        unexpected("'{'");
    return false;
}

std::shared_ptr<type_spec> parser::struct_type() {
    auto out = tagged_type(type_spec::kind::structure);
    if (!opens_body(*out))
        return out;
    struct_body body;
    while (!accept("}")) {
        attributes marks = attribute_lists();
        const auto shared_type = type();
        do {
            field f;
            f.marks = marks;
            f.type = shared_type;
            f.name = declarator_(false);
            if (f.name.name.empty() && shared_type->what != type_spec::kind::union_)
                unexpected("a name");
            body.fields.push_back(std::move(f));
        } while (accept(","));
        expect(";");
    }
    out->body = std::move(body);
    return out;
}

std::shared_ptr<type_spec> parser::union_type() {
    auto out = tagged_type(type_spec::kind::union_);
    if (accept_word("switch")) {
        out->body = encapsulated();
        return out;
    }
    if (!opens_body(*out))
        return out;
    union_body body;
    body.arms = arms();
    out->body = std::move(body);
    return out;
}

union_body parser::encapsulated() {
    union_body body;
    expect("(");
    body.tag_type = type();
    body.tag_name = expect_identifier("the tag's name").text;
    expect(")");
    if (current_.kind == token_kind::identifier)
        body.member_name = advance().text;
    else
        body.member_name = "tagged_union";
    expect("{");
    body.arms = arms();
    return body;
}

std::vector<union_arm> parser::arms() {
    std::vector<union_arm> out;
    while (!accept("}")) {
        union_arm arm = arm_labels();
        attributes marks = attribute_lists();
        // [case(1)] may share its brackets with attributes of the member.
        for (attribute& mark : marks) {
            if (mark.name == "case")
                arm.labels.insert(arm.labels.end(), mark.arguments.begin(), mark.arguments.end());
            else if (mark.name == "default")
                arm.is_default = true;
        }
        if (arm.labels.empty() && !arm.is_default)
            throw error(arm.where, "an arm needs a case or default");
        if (!accept(";")) {
            arm.member = member_field(std::move(marks));
            expect(";");
        }
        out.push_back(std::move(arm));
    }
    return out;
}

/// `case 1: case 2:` and `default:` of an encapsulated union.
union_arm parser::arm_labels() {
    union_arm arm;
    arm.where = current_.where;
    for (;;) {
        if (accept_word("case")) {
            arm.labels.push_back(expression_());
            expect(":");
        } else if (accept_word("default")) {
            arm.is_default = true;
            expect(":");
        } else {
            return arm;
        }
    }
}

field parser::member_field(attributes marks) {
    field f;
    f.marks = std::move(marks);
    f.type = type();
    f.name = declarator_(true);
    return f;
}

std::shared_ptr<type_spec> parser::enum_type() {
    auto out = tagged_type(type_spec::kind::enumeration);
    if (!opens_body(*out))
        return out;
    enum_body body;
    while (!accept("}")) {
        const token name = expect_identifier("an enumerator");
        enumerator e{name.text, name.where, nullptr};
        if (accept("="))
            e.value = expression_();
        body.values.push_back(std::move(e));
        if (!accept(",") && !current_.is("}"))
            unexpected("',' or '}'");
    }
    out->body = std::move(body);
    return out;
}

} // namespace bridge::idlc
