// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/expression.hpp"

namespace bridge::idlc {

namespace {

std::uint64_t apply(const expression& e, std::uint64_t a, std::uint64_t b) {
    const std::string& op = e.text;
    if (op == "+")
        return a + b;
    if (op == "-")
        return a - b;
    if (op == "*")
        return a * b;
    if (op == "/" || op == "%") {
        if (b == 0)
            throw error(e.where, "division by zero");
        return op == "/" ? a / b : a % b;
    }
    if (op == "<<" || op == ">>") {
        if (b > 63)
            throw error(e.where, "shift by more than 63");
        return op == "<<" ? a << b : a >> b;
    }
    if (op == "&")
        return a & b;
    if (op == "|")
        return a | b;
    if (op == "^")
        return a ^ b;
    if (op == "&&" || op == "||")
        return op == "&&" ? (a != 0 && b != 0) : (a != 0 || b != 0);
    if (op == "==" || op == "!=")
        return op == "==" ? a == b : a != b;
    if (op == "<" || op == ">=")
        return op == "<" ? a < b : a >= b;
    return op == ">" ? a > b : a <= b;
}

} // namespace

std::uint64_t evaluate(const expression& e,
                       const std::function<std::uint64_t(const expression&)>& lookup) {
    switch (e.what) {
    case expression::kind::number:
        return e.value;
    case expression::kind::name:
        return lookup(e);
    case expression::kind::dereference:
        throw error(e.where, "a constant has no pointee");
    case expression::kind::unary: {
        const std::uint64_t value = evaluate(*e.operands[0], lookup);
        if (e.text == "-")
            return 0 - value;
        if (e.text == "~")
            return ~value;
        return e.text == "!" ? value == 0 : value;
    }
    case expression::kind::binary:
        return apply(e, evaluate(*e.operands[0], lookup), evaluate(*e.operands[1], lookup));
    case expression::kind::conditional:
        return evaluate(*e.operands[0], lookup) != 0 ? evaluate(*e.operands[1], lookup)
                                                     : evaluate(*e.operands[2], lookup);
    }
    return 0;
}

void each_name(const expression& e, const std::function<void(const expression& name)>& visit) {
    if (e.what == expression::kind::name)
        visit(e);
    for (const expression_ptr& operand : e.operands)
        each_name(*operand, visit);
}

std::string to_text(const expression& e) {
    switch (e.what) {
    case expression::kind::number:
        return std::to_string(e.value);
    case expression::kind::name:
        return e.text;
    case expression::kind::dereference:
    case expression::kind::unary:
        return e.text + to_text(*e.operands[0]);
    case expression::kind::binary:
        return "(" + to_text(*e.operands[0]) + " " + e.text + " " + to_text(*e.operands[1]) + ")";
    case expression::kind::conditional:
        return "(" + to_text(*e.operands[0]) + " ? " + to_text(*e.operands[1]) + " : " +
               to_text(*e.operands[2]) + ")";
    }
    return {};
}

} // namespace bridge::idlc
