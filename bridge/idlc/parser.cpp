// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/parser.hpp"

namespace bridge::idlc {

document parse(std::string_view text, const std::string& file) {
    return parser(text, file).run();
}

token parser::advance() {
    token taken = std::move(current_);
    current_ = lexer_.next();
    return taken;
}

bool parser::accept(std::string_view punctuation) {
    if (!current_.is(punctuation))
        return false;
    advance();
    return true;
}

bool parser::accept_word(std::string_view word) {
    if (!current_.is_word(word))
        return false;
    advance();
    return true;
}

token parser::expect(std::string_view punctuation) {
    if (!current_.is(punctuation))
        unexpected("'" + std::string(punctuation) + "'");
    return advance();
}

token parser::expect_identifier(std::string_view what) {
    if (current_.kind != token_kind::identifier)
        unexpected(what);
    return advance();
}

void parser::unexpected(std::string_view wanted) const {
    throw error(current_.where,
                "expected " + std::string(wanted) + ", found '" + current_.text + "'");
}

document parser::run() {
    document out;
    while (current_.kind != token_kind::end)
        top_level(out);
    return out;
}

void parser::top_level(document& out) {
    if (current_.is("[")) {
        attributes marks = attribute_lists();
        if (!current_.is_word("interface"))
            unexpected("'interface'");
        if (out.interface)
            throw error(current_.where, "a file holds one interface");
        advance();
        const token name = expect_identifier("the interface's name");
        out.interface = interface_header{std::move(marks), name.text, name.where};
        expect("{");
        interface_body(out);
        expect("}");
        accept(";");
        return;
    }
    member(out);
}

void parser::interface_body(document& out) {
    while (!current_.is("}")) {
        if (current_.kind == token_kind::end)
            unexpected("'}'");
        member(out);
    }
}

void parser::member(document& out) {
    if (accept(";"))
        return;
    if (accept_word("import")) {
        import(out);
        return;
    }
    if (accept_word("cpp_quote") || accept_word("midl_pragma")) {
        skip_parenthesised();
        return;
    }
    if (accept_word("typedef")) {
        attributes marks = attribute_lists();
        out.declarations.emplace_back(typedef_(std::move(marks)));
        return;
    }
    if (accept_word("const")) {
        out.declarations.emplace_back(constant_());
        return;
    }
    attributes marks = attribute_lists();
    const bool tagged =
        current_.is_word("struct") || current_.is_word("union") || current_.is_word("enum");
    if (tagged) {
        auto spec = type();
        if (accept(";")) {
            out.declarations.emplace_back(tag_definition{std::move(marks), std::move(spec)});
            return;
        }
        throw error(current_.where, "methods return a named type");
    }
    out.declarations.emplace_back(operation_(std::move(marks)));
}

void parser::import(document& out) {
    do {
        if (current_.kind != token_kind::string)
            unexpected("a file name in quotes");
        token name = advance();
        out.imports.push_back({std::move(name.text), name.where});
    } while (accept(","));
    expect(";");
}

void parser::skip_parenthesised() {
    expect("(");
    for (unsigned depth = 1; depth > 0; advance()) {
        if (current_.kind == token_kind::end)
            unexpected("')'");
        if (current_.is("("))
            ++depth;
        else if (current_.is(")"))
            --depth;
    }
    accept(";");
}

type_definition parser::typedef_(attributes marks) {
    type_definition out;
    out.marks = std::move(marks);
    out.type = type();
    do
        out.names.push_back(declarator_(true));
    while (accept(","));
    expect(";");
    return out;
}

constant parser::constant_() {
    constant out;
    out.type = type();
    out.name = declarator_(true);
    expect("=");
    if (current_.kind == token_kind::string)
        out.text = advance().text;
    else
        out.value = expression_();
    expect(";");
    return out;
}

operation parser::operation_(attributes marks) {
    operation out;
    out.marks = std::move(marks);
    out.result.type = type();
    out.result.name = declarator_(true);
    if (!out.result.name.dimensions.empty())
        throw error(out.result.name.where, "a method cannot return an array");
    out.parameters = parameters();
    expect(";");
    return out;
}

std::vector<field> parser::parameters() {
    std::vector<field> out;
    expect("(");
    if (accept(")"))
        return out;
    if (current_.is_word("void")) {
        advance();
        if (accept(")"))
            return out;
        throw error(current_.where, "a parameter of type void needs a pointer type of its own");
    }
    do {
        field f;
        f.marks = attribute_lists();
        f.type = type();
        f.name = declarator_(true);
        out.push_back(std::move(f));
    } while (accept(","));
    expect(")");
    return out;
}

declarator parser::declarator_(bool name_required) {
    declarator out;
    for (;;) {
        if (accept("*"))
            ++out.pointers;
        else if (!accept_word("const") && !accept_word("volatile"))
            break;
    }
    out.where = current_.where;
    if (current_.kind == token_kind::identifier)
        out.name = advance().text;
    else if (name_required)
        unexpected("a name");
    while (accept("[")) {
        dimension d;
        if (!accept("*") && !current_.is("]"))
            d.bound = expression_();
        expect("]");
        out.dimensions.push_back(std::move(d));
    }
    return out;
}

} // namespace bridge::idlc
