// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/parser.hpp"

#include <algorithm>
#include <array>

namespace bridge::idlc {

namespace {

/// Binary operators from the weakest to the strongest.
constexpr std::array<std::array<std::string_view, 4>, 10> levels{{
    {"||"},
    {"&&"},
    {"|"},
    {"^"},
    {"&"},
    {"==", "!="},
    {"<", ">", "<=", ">="},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "%"},
}};

bool operator_of(unsigned level, const token& t) {
    return t.kind == token_kind::punctuation &&
           std::find(levels[level].begin(), levels[level].end(), t.text) != levels[level].end();
}

expression_ptr make(expression::kind what, const location& where, std::string text,
                    std::vector<expression_ptr> operands) {
    auto out = std::make_shared<expression>();
    out->what = what;
    out->where = where;
    out->text = std::move(text);
    out->operands = std::move(operands);
    return out;
}

} // namespace

attributes parser::attribute_lists() {
    attributes out;
    while (accept("[")) {
        if (accept("]"))
            continue;
        do
            out.push_back(one_attribute());
        while (accept(","));
        expect("]");
    }
    return out;
}

attribute parser::one_attribute() {
    attribute out;
    out.where = current_.where;
    out.name = expect_identifier("an attribute").text;
    if (!current_.is("("))
        return out;
    // What follows "(" may be no IDL token (a UUID), so it is taken as text.
    static constexpr std::array<std::string_view, 7> raw_ones{
        "uuid", "version", "pointer_default", "endpoint", "helpstring", "ms_union", "async_uuid"};
    if (std::find(raw_ones.begin(), raw_ones.end(), out.name) != raw_ones.end()) {
        out.raw = lexer_.raw_until(')');
        current_ = lexer_.next();
        expect(")");
        return out;
    }
    advance();
    if (out.name == "switch_type")
        out.type = type();
    else
        out.arguments = arguments();
    expect(")");
    return out;
}

std::vector<expression_ptr> parser::arguments() {
    std::vector<expression_ptr> out;
    if (current_.is(")"))
        return out;
    do {
        if (current_.is(",") || current_.is(")"))
            out.push_back(nullptr);
        else
            out.push_back(expression_());
    } while (accept(","));
    return out;
}

expression_ptr parser::expression_() {
    expression_ptr condition = binary(0);
    const location where = current_.where;
    if (!accept("?"))
        return condition;
    expression_ptr yes = expression_();
    expect(":");
    expression_ptr no = expression_();
    return make(expression::kind::conditional, where, "?:", {condition, yes, no});
}

expression_ptr parser::binary(unsigned level) {
    if (level == levels.size())
        return unary();
    expression_ptr left = binary(level + 1);
    while (operator_of(level, current_)) {
        const token op = advance();
        expression_ptr right = binary(level + 1);
        left = make(expression::kind::binary, op.where, op.text, {left, right});
    }
    return left;
}

expression_ptr parser::unary() {
    const location where = current_.where;
    if (accept("*"))
        return make(expression::kind::dereference, where, "*", {unary()});
    for (const std::string_view op : {"-", "~", "!", "+"}) {
        if (accept(op))
            return make(expression::kind::unary, where, std::string(op), {unary()});
    }
    return primary();
}

expression_ptr parser::primary() {
    if (current_.kind == token_kind::integer) {
        auto out = std::make_shared<expression>();
        out->where = current_.where;
        out->value = advance().value;
        return out;
    }
    if (current_.kind == token_kind::identifier) {
        const token name = advance();
        return make(expression::kind::name, name.where, name.text, {});
    }
    if (accept("(")) {
        expression_ptr inner = expression_();
        expect(")");
        return inner;
    }
    unexpected("a value");
}

} // namespace bridge::idlc
