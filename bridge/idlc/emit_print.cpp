// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/cpp_names.hpp"
#include "bridge/idlc/emit.hpp"

#include <set>

namespace bridge::idlc {

namespace {

void field(code& out, const member& m, const std::string& access) {
    if (m.secret)
        out.line("p.secret(\"" + m.name + "\");");
    else
        out.line("p.field(\"" + m.name + "\", " + access + ");");
}

void printer_of(code& out, const enum_type& e) {
    if (e.name.empty())
        return;
    out.open("std::string_view name_of(" + e.name + " value) {");
    out.line("switch (value) {");
    std::set<std::uint32_t> seen;
    for (const enum_type::value& v : e.values) {
        if (!seen.insert(v.number).second)
            continue; // an alias
        out.line("case " + v.name + ":");
        out.line("    return \"" + v.name + "\";");
    }
    out.line("}");
    out.line("return {};");
    out.close();
    out.line();
    out.line("void print(ndr::printer& p, " + e.name +
             " value) { p.enumerator(name_of(value), value); }");
    out.line();
}

void open_object(code& out, const std::string& type) {
    out.open("void print(ndr::printer& p, [[maybe_unused]] const " + type + "& v) {");
    out.line("const auto scope = p.object(\"" + type + "\");");
}

void close_object(code& out) {
    out.close();
    out.line();
}

void printer_of(code& out, const struct_type& s) {
    open_object(out, s.name);
    for (const member& m : s.members)
        field(out, m, "v." + cpp_name(m.name));
    close_object(out);
}

void printer_of(code& out, const union_type& u) {
    open_object(out, u.name);
    for (const union_type::arm& a : u.arms) {
        if (a.content)
            field(out, *a.content, "v." + cpp_name(a.content->name));
    }
    close_object(out);
}

void printer_of(code& out, const method& m) {
    open_object(out, m.name + "_in");
    for (const member& p : m.parameters) {
        if (p.in)
            field(out, p, "v." + cpp_name(p.name));
    }
    close_object(out);
    open_object(out, m.name + "_out");
    for (const member& p : m.parameters) {
        if (p.out)
            field(out, p, "v." + cpp_name(p.name));
    }
    if (m.result)
        out.line("p.field(\"result\", v.result);");
    close_object(out);
}

} // namespace

std::string emit_print(const interface_model& model, const output_names& names) {
    code out;
    out.line("#include \"gen/" + names.name + ".hpp\"");
    out.line();
    out.line("namespace bridge::gen::" + names.name + " {");
    out.line();
    for (const enum_type& e : model.enums)
        printer_of(out, e);
    for (const union_type& u : model.unions)
        printer_of(out, u);
    for (const struct_type& s : model.structs)
        printer_of(out, s);
    for (const method& m : model.methods)
        printer_of(out, m);
    out.line("} // namespace bridge::gen::" + names.name);
    return file_comment(names) + out.text();
}

std::string emit_table(const interface_model& model, const output_names& names) {
    code out;
    out.line("#include \"gen/" + names.name + ".hpp\"");
    out.line();
    out.line("namespace bridge::gen::" + names.name + " {");
    out.line();
    if (model.methods.empty()) {
        out.line("std::span<const ndr::function_entry> functions() { return {}; }");
    } else {
        out.line("namespace {");
        out.line();
        out.line("template <class Method>");
        out.line("constexpr ndr::function_entry entry{Method::opnum, Method::name, "
                 "&ndr::recode_in<Method>,");
        out.line("                                    &ndr::recode_out<Method>};");
        out.line();
        out.open("constexpr std::array table{");
        for (const method& m : model.methods)
            out.line("entry<" + m.name + ">,");
        out.close(";");
        out.line();
        out.line("} // namespace");
        out.line();
        out.line("std::span<const ndr::function_entry> functions() { return table; }");
    }
    out.line();
    out.line("} // namespace bridge::gen::" + names.name);
    return file_comment(names) + out.text();
}

} // namespace bridge::idlc
