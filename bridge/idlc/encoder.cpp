// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/codec.hpp"
#include "bridge/idlc/layout.hpp"

namespace bridge::idlc {

namespace {

/// The name of a loop's element: e, e2, ...
std::string element_name(unsigned depth) {
    return depth == 0 ? "e" : "e" + std::to_string(depth + 1);
}

} // namespace

void encoder::parameter(const shape& s, const std::string& access) {
    if (s.is_pointer() && s.pointer == pointer_kind::ref)
        whole(*s.target, access);
    else
        whole(s, access);
}

void encoder::whole(const shape& s, const std::string& access) {
    if (s.conformant() && s.string && !s.size_is) {
        out_.line("w.string<Form>(" + access + ");");
        return;
    }
    conformance(s, access);
    flat(s, access);
    deferred(s, access);
}

void encoder::conformance(const shape& s, const std::string& access) {
    if (!has_conformance(s))
        return;
    if (s.what == shape::kind::structure) {
        out_.line("put_conformance<Form>(w, " + access + ");");
        return;
    }
    if (!s.varying())
        out_.line("w.require(" + member_of(access, "size()") + " == " + scope_.render(*s.size_is) +
                  ", ndr::errc::count_mismatch);");
    out_.line("w.size<Form>(" + maximum(s, access) + ");");
}

std::string encoder::maximum(const shape& array, const std::string& access) const {
    if (array.fixed)
        return std::to_string(*array.fixed);
    if (array.string && !array.size_is)
        return member_of(access, "size()") + " + 1";
    return array.varying() ? scope_.render(*array.size_is) : member_of(access, "size()");
}

void encoder::flat(const shape& s, const std::string& access) {
    switch (s.what) {
    case shape::kind::base:
        out_.line("w." + wire_function(s.base) + "(" + access + ");");
        return;
    case shape::kind::enumeration:
        out_.line(std::string(s.enumeration->wide ? "w.u32(" : "w.enum16<Form>(") + access + ");");
        return;
    case shape::kind::structure:
        out_.line("put_flat<Form>(w, " + access + ");");
        return;
    case shape::kind::union_:
        out_.line("put_flat<Form>(w, " + access + ", " + scope_.render(*s.switch_is) + ");");
        return;
    case shape::kind::guid:
        out_.line("w.guid(" + access + ");");
        return;
    case shape::kind::handle:
        out_.line("w.handle(" + access + ");");
        return;
    case shape::kind::pointer:
        if (s.pointer == pointer_kind::ref)
            out_.line("w.pointer<Form>(true);");
        else if (s.pointer == pointer_kind::full)
            out_.line("w.full_pointer<Form>(" + access + ");");
        else
            out_.line("w.pointer<Form>(" + present(s, access) + ");");
        return;
    case shape::kind::array:
        elements(s, access);
        return;
    }
}

void encoder::elements(const shape& array, const std::string& access) {
    if (array.string) {
        out_.line("w.terminated<Form>(" + access + ", " + maximum(array, access) + ");");
        return;
    }
    if (array.length_is) {
        out_.line("w.require(" + member_of(access, "size()") +
                  " == " + scope_.render(*array.length_is) + ", ndr::errc::count_mismatch);");
        out_.line("w.variance<Form>(" + member_of(access, "size()") + ", " +
                  maximum(array, access) + ");");
    }
    raw_elements(array, access);
}

void encoder::raw_elements(const shape& array, const std::string& access) {
    if (is_octets(array)) {
        out_.line("w.bytes(" + access + ");");
    } else if (is_text(array)) {
        out_.line("w.characters(" + access + ");");
    } else {
        const std::string element = element_name(loops_++);
        out_.open("for (const auto& " + element + " : " + access + ") {");
        flat(*array.target, element);
        out_.close();
        --loops_;
    }
}

void encoder::deferred(const shape& s, const std::string& access) {
    if (!has_deferred(s))
        return;
    if (s.what == shape::kind::structure) {
        out_.line("put_deferred<Form>(w, " + access + ");");
    } else if (s.what == shape::kind::union_) {
        out_.line("put_deferred<Form>(w, " + access + ", " + scope_.render(*s.switch_is) + ");");
    } else if (s.is_pointer()) {
        pointee(s, access);
    } else if (s.is_array()) {
        const std::string element = element_name(loops_++);
        out_.open("for (const auto& " + element + " : " + access + ") {");
        deferred(*s.target, element);
        out_.close();
        --loops_;
    }
}

void encoder::pointee(const shape& pointer, const std::string& access) {
    if (pointer.pointer == pointer_kind::ref) {
        whole(*pointer.target, access);
        return;
    }
    const bool full = pointer.pointer == pointer_kind::full;
    out_.open(full ? "if (w.first_visit(" + access + ")) {" : "if (" + access + ") {");
    whole(*pointer.target, "*" + access);
    out_.close();
    if (pointer.target->conformant() && pointer.target->size_is)
        out_.line("w.require(" + present(pointer, access) + " || " +
                  scope_.render(*pointer.target->size_is) + " == 0, ndr::errc::null_with_count);");
}

} // namespace bridge::idlc
