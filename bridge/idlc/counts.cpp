// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/counts.hpp"

#include "bridge/idlc/cpp_names.hpp"
#include "bridge/idlc/expression.hpp"

#include <algorithm>

namespace bridge::idlc {

namespace {

bool is_unsigned(const shape& s) {
    if (s.what != shape::kind::base)
        return false;
    switch (s.base) {
    case primitive::u8:
    case primitive::u16:
    case primitive::u32:
    case primitive::u64:
    case primitive::unsigned_pointer_sized:
        return true;
    default:
        return false;
    }
}

/// The value of a member that may sit behind pointers; a null one counts as 0.
std::string value_of(const shape& s, const std::string& access) {
    if (s.is_pointer() && s.pointer == pointer_kind::ref)
        return value_of(*s.target, access);
    if (s.is_pointer())
        return "(" + access + " ? " + value_of(*s.target, "*" + access) + " : 0)";
    return is_unsigned(s) ? access : "static_cast<std::uint64_t>(" + access + ")";
}

} // namespace

count_scope count_scope::of_struct(const struct_type& type, const std::string& object) {
    count_scope out;
    for (const member& m : type.members)
        out.entries_.push_back({&m, object + "." + cpp_name(m.name)});
    return out;
}

count_scope count_scope::of_request(const method& m) {
    count_scope out;
    for (const member& p : m.parameters) {
        if (p.in)
            out.entries_.push_back({&p, "in." + cpp_name(p.name)});
    }
    return out;
}

count_scope count_scope::of_response(const method& m) {
    count_scope out;
    for (const member& p : m.parameters)
        out.entries_.push_back({&p, (p.out ? "out." : "in.") + cpp_name(p.name)});
    return out;
}

std::string count_scope::named(const expression& e) const {
    for (const entry& known : entries_) {
        if (known.what->name == e.text)
            return value_of(*known.what->type, known.access);
    }
    return cpp_name(e.text); // a constant
}

/// Inside an operation everything has 64 bits, so that sums and products cannot wrap below the
/// wire's range.
std::string count_scope::operand(const expression& e) const {
    if (e.what == expression::kind::binary || e.what == expression::kind::conditional)
        return "(" + render(e) + ")";
    return "std::uint64_t{" + render(e) + "}";
}

std::string count_scope::render(const expression& e) const {
    switch (e.what) {
    case expression::kind::number:
        return std::to_string(e.value) + (e.value > 0x7fffffff ? "u" : "");
    case expression::kind::name:
        return named(e);
    case expression::kind::dereference:
        return render(*e.operands[0]);
    case expression::kind::unary:
        return e.text + operand(*e.operands[0]);
    case expression::kind::binary:
        return operand(*e.operands[0]) + " " + e.text + " " + operand(*e.operands[1]);
    case expression::kind::conditional:
        return operand(*e.operands[0]) + " != 0 ? " + operand(*e.operands[1]) + " : " +
               operand(*e.operands[2]);
    }
    return {};
}

bool count_scope::known_from_request(const expression& e, const method& m) {
    bool known = true;
    each_name(e, [&](const expression& name) {
        const auto p = std::find_if(m.parameters.begin(), m.parameters.end(),
                                    [&](const member& x) { return x.name == name.text; });
        known = known && (p == m.parameters.end() || p->in);
    });
    return known;
}

} // namespace bridge::idlc
