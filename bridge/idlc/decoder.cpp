// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/codec.hpp"
#include "bridge/idlc/layout.hpp"

#include <utility>

namespace bridge::idlc {

namespace {

std::string element_name(unsigned depth) {
    return depth == 0 ? "e" : "e" + std::to_string(depth + 1);
}

/// The array whose counts a parameter carries, through pointers but not into elements.
const shape* counted_array(const shape& s) {
    const shape* at = &s;
    while (at->is_pointer())
        at = at->target.get();
    return at->is_array() && (at->size_is || at->length_is) ? at : nullptr;
}

bool is_signed(const shape& s) {
    return s.what == shape::kind::base &&
           (s.base == primitive::i8 || s.base == primitive::i16 || s.base == primitive::i32 ||
            s.base == primitive::i64 || s.base == primitive::signed_pointer_sized);
}

std::string range_condition(const shape& s, const std::string& access) {
    const count_scope constants = count_scope::none();
    const std::string least = constants.render(*s.least);
    const std::string most = access + " <= " + constants.render(*s.most);
    // An unsigned value is never below 0, and compilers warn of such a test.
    return least == "0" && !is_signed(s) ? most : access + " >= " + least + " && " + most;
}

} // namespace

void decoder::parameter(const shape& s, const std::string& access, const std::string& name) {
    if (const shape* array = counted_array(s)) {
        name_ = name;
        const shape& outermost = s.is_pointer() && s.pointer == pointer_kind::ref ? *s.target : s;
        declared_ = outermost.is_pointer();
        if (declared_ && array->size_is)
            out_.line("std::uint64_t " + name_ + "_count = 0;");
        if (declared_ && array->length_is)
            out_.line("std::uint64_t " + name_ + "_length = 0;");
    }
    if (s.is_pointer() && s.pointer == pointer_kind::ref)
        whole(*s.target, access);
    else
        whole(s, access);
    name_.clear();
}

void decoder::check(const std::string& condition, const std::string& code, bool later) {
    const std::string text = "r.require(" + condition + ", ndr::errc::" + code + ");";
    if (later)
        late_.push_back(text);
    else
        out_.line(text);
}

void decoder::late_checks() {
    for (const std::string& text : late_)
        out_.line(text);
    late_.clear();
}

void decoder::whole(const shape& s, const std::string& access) {
    if (s.conformant() && s.string && !s.size_is)
        out_.line("r.string<Form>(" + access + ");");
    else if (s.conformant())
        counted(s, access);
    else if (s.what == shape::kind::structure && has_conformance(s))
        out_.line("get_flat<Form>(r, " + access + ", r.size<Form>());");
    else if (s.is_array())
        elements(s, access, std::to_string(*s.fixed), !name_.empty());
    else
        flat(s, access);
    deferred(s, access);
}

/// A conformant array on its own.
void decoder::counted(const shape& array, const std::string& access) {
    const bool later = !name_.empty();
    const std::string count = later ? name_ + "_count" : "count";
    out_.line((later && declared_ ? "" : "const std::uint64_t ") + count + " = r.size<Form>();");
    check(count + " == " + scope_.render(*array.size_is), "count_mismatch", later);
    elements(array, access, count, later);
}

void decoder::flat(const shape& s, const std::string& access, const std::string& maximum) {
    switch (s.what) {
    case shape::kind::base:
        out_.line(access + " = r." + wire_function(s.base) + "();");
        break;
    case shape::kind::enumeration:
        out_.line(access + " = static_cast<" + s.enumeration->name + ">(r." +
                  (s.enumeration->wide ? "u32" : "enum16<Form>") + "());");
        break;
    case shape::kind::structure:
        out_.line("get_flat<Form>(r, " + access + (maximum.empty() ? "" : ", " + maximum) + ");");
        return;
    case shape::kind::union_:
        out_.line("get_flat<Form>(r, " + access + ", " + scope_.render(*s.switch_is) + ");");
        return;
    case shape::kind::guid:
        out_.line(access + " = r.guid();");
        return;
    case shape::kind::handle:
        out_.line(access + " = r.handle();");
        return;
    case shape::kind::pointer:
        pointer_place(s, access);
        return;
    case shape::kind::array:
        if (s.conformant() && s.size_is)
            check(maximum + " == " + scope_.render(*s.size_is), "count_mismatch", true);
        elements(s, access, s.fixed ? std::to_string(*s.fixed) : maximum, true);
        return;
    }
    if (s.least)
        check(range_condition(s, access), "out_of_range", false);
}

void decoder::pointer_place(const shape& pointer, const std::string& access) {
    const std::string type = cpp_type(pointer);
    if (pointer.pointer == pointer_kind::ref) {
        out_.line("r.pointer<Form>();");
    } else if (pointer.pointer == pointer_kind::full) {
        out_.line(access + " = r.full_pointer<Form, " + cpp_type(*pointer.target) + ">();");
    } else {
        out_.line("if (r.pointer<Form>())");
        if (type.rfind("std::optional", 0) == 0)
            out_.line("    " + member_of(access, "emplace()") + ";");
        else
            out_.line("    " + access + " = std::make_unique<" + cpp_type(*pointer.target) +
                      ">();");
    }
}

/// `later`: the field that length_is names may not be decoded yet.
void decoder::elements(const shape& array, const std::string& access, const std::string& maximum,
                       bool later) {
    if (array.string) {
        out_.line("r.terminated<Form>(" + access + ", " + maximum + ");");
        return;
    }
    if (!array.length_is) {
        raw_elements(array, access, maximum);
        return;
    }
    if (!name_.empty()) {
        const std::string length = name_ + "_length";
        out_.line((declared_ ? "" : "const std::uint64_t ") + length + " = r.variance<Form>(" +
                  maximum + ");");
        raw_elements(array, access, length);
        check(length + " == " + scope_.render(*array.length_is), "count_mismatch", later);
    } else {
        raw_elements(array, access, "r.variance<Form>(" + maximum + ")");
        check(member_of(access, "size()") + " == " + scope_.render(*array.length_is),
              "count_mismatch", later);
    }
}

void decoder::raw_elements(const shape& array, const std::string& access,
                           const std::string& count) {
    const bool dynamic = !array.fixed || array.varying();
    if (is_octets(array)) {
        out_.line("r.bytes(" + access + (dynamic ? ", " + count : "") + ");");
        return;
    }
    if (is_text(array)) {
        out_.line("r.characters(" + access + ", " + count + ");");
        return;
    }
    const std::string outer = std::exchange(name_, {});
    if (dynamic) {
        const std::size_t least = std::max<std::size_t>(least_size(*array.target), 1);
        out_.line("r.resize(" + access + ", " + count + ", " + std::to_string(least) + ");");
    }
    const std::string element = element_name(loops_++);
    out_.open("for (auto& " + element + " : " + access + ") {");
    flat(*array.target, element);
    out_.close();
    --loops_;
    name_ = outer;
}

void decoder::deferred(const shape& s, const std::string& access) {
    if (!has_deferred(s))
        return;
    if (s.what == shape::kind::structure) {
        out_.line("get_deferred<Form>(r, " + access + ");");
    } else if (s.what == shape::kind::union_) {
        out_.line("get_deferred<Form>(r, " + access + ", " + scope_.render(*s.switch_is) + ");");
    } else if (s.is_pointer()) {
        pointee(s, access);
    } else if (s.is_array()) {
        const std::string outer = std::exchange(name_, {});
        const std::string element = element_name(loops_++);
        out_.open("for (auto& " + element + " : " + access + ") {");
        deferred(*s.target, element);
        out_.close();
        --loops_;
        name_ = outer;
    }
}

void decoder::pointee(const shape& pointer, const std::string& access) {
    const shape& target = *pointer.target;
    if (pointer.pointer == pointer_kind::ref) {
        out_.open("{");
        whole(target, access);
        out_.close();
        return;
    }
    const bool full = pointer.pointer == pointer_kind::full;
    out_.open(full ? "if (r.first_visit(" + access + ")) {" : "if (" + access + ") {");
    if (target_recurses(pointer))
        out_.line("const ndr::reader::nested level(r);");
    whole(target, "*" + access);
    out_.close();
    if (target.conformant() && target.size_is)
        check(present(pointer, access) + " || " + scope_.render(*target.size_is) + " == 0",
              "null_with_count", !name_.empty());
}

} // namespace bridge::idlc
