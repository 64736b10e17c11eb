// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/cpp_names.hpp"
#include "bridge/idlc/emit.hpp"
#include "bridge/idlc/expression.hpp"

namespace bridge::idlc {

namespace {

/// "size_is(n), length_is(*m)" of the array that a member holds, for a comment.
std::string counts_comment(const shape& s) {
    const shape* at = &s;
    while (at->is_pointer())
        at = at->target.get();
    std::string out;
    if (at->size_is)
        out += "size_is(" + to_text(*at->size_is) + ")";
    if (at->length_is)
        out += (out.empty() ? "" : ", ") + ("length_is(" + to_text(*at->length_is) + ")");
    if (at->switch_is)
        out += "switch_is(" + to_text(*at->switch_is) + ")";
    return out;
}

void data_member(code& out, const std::string& name, const shape& type) {
    const shape& value = value_shape(type);
    std::string initial;
    if (value.what == shape::kind::base)
        initial = " = 0";
    else if (is_scalar(value) || (value.is_array() && value.fixed && !value.varying()))
        initial = "{}";
    const std::string counts = counts_comment(type);
    out.line(cpp_type(type) + " " + cpp_name(name) + initial + ";" +
             (counts.empty() ? "" : " ///< " + counts));
}

void equality(code& out, const std::string& type) {
    out.line();
    out.line("bool operator==(const " + type + "&) const = default;");
}

void declare(code& out, const enum_type& e) {
    if (e.name.empty())
        out.open("enum : std::uint32_t {");
    else
        out.open("enum " + e.name + " : std::uint32_t {");
    for (const enum_type::value& v : e.values)
        out.line(v.name + " = " + std::to_string(v.number) + (v.number > 0x7fffffff ? "u," : ","));
    out.close(";");
    if (!e.name.empty()) {
        out.line("/// The enumerator's name, or nothing for a value without one.");
        out.line("[[nodiscard]] std::string_view name_of(" + e.name + " value);");
        out.line("void print(ndr::printer& p, " + e.name + " value);");
    }
    out.line();
}

void declare(code& out, const struct_type& s) {
    out.open("struct " + s.name + " {");
    for (const member& m : s.members)
        data_member(out, m.name, *m.type);
    equality(out, s.name);
    out.close(";");
    out.line("void print(ndr::printer& p, const " + s.name + "& v);");
    out.line();
}

void declare(code& out, const union_type& u) {
    out.line("/// The member that the tag selects; the others keep their initial values.");
    out.open("struct " + u.name + " {");
    for (const union_type::arm& a : u.arms) {
        if (!a.content)
            continue;
        data_member(out, a.content->name, *a.content->type);
    }
    equality(out, u.name);
    out.close(";");
    out.line("void print(ndr::printer& p, const " + u.name + "& v);");
    out.line();
}

void declare(code& out, const constant_value& c) {
    if (c.text)
        out.line("inline constexpr std::u16string_view " + c.name + " = u\"" + *c.text + "\";");
    else
        out.line("inline constexpr " + cpp_type(*c.type) + " " + c.name + " = static_cast<" +
                 cpp_type(*c.type) + ">(" + std::to_string(c.number) + "u);");
    out.line();
}

void parameters(code& out, const method& m, bool response) {
    const std::string name = m.name + (response ? "_out" : "_in");
    out.open("struct " + name + " {");
    bool any = false;
    for (const member& p : m.parameters) {
        if (response ? !p.out : !p.in)
            continue;
        data_member(out, p.name, *p.type);
        any = true;
    }
    if (response && m.result) {
        data_member(out, "result", *m.result);
        any = true;
    }
    if (any)
        out.line();
    out.line("bool operator==(const " + name + "&) const = default;");
    out.close(";");
}

void declare(code& out, const method& m) {
    parameters(out, m, false);
    parameters(out, m, true);
    const std::string in = m.name + "_in";
    const std::string result = m.name + "_out";
    out.line("/// Opnum " + std::to_string(m.opnum) + ".");
    out.open("struct " + m.name + " {");
    out.line("using in = " + in + ";");
    out.line("using out = " + result + ";");
    out.line("static constexpr std::uint16_t opnum = " + std::to_string(m.opnum) + ";");
    out.line("static constexpr std::string_view name = \"" + m.name + "\";");
    out.close(";");
    const std::string e = "[[nodiscard]] ndr::errc ";
    out.line(e + "encode_in(ndr::writer& w, const " + in + "& in);");
    out.line(e + "decode_in(ndr::reader& r, " + in + "& in);");
    out.line(e + "encode_out(ndr::writer& w, const " + in + "& in, const " + result + "& out);");
    out.line(e + "decode_out(ndr::reader& r, const " + in + "& in, " + result + "& out);");
    out.line(e + "prepare_out(const " + in + "& in, " + result + "& out);");
    out.line("void print(ndr::printer& p, const " + in + "& v);");
    out.line("void print(ndr::printer& p, const " + result + "& v);");
    out.line();
}

void interface_constants(code& out, const interface_model& model) {
    if (model.uuid.empty())
        return;
    const std::string& u = model.uuid;
    std::string tail;
    for (const std::size_t at : {19u, 21u, 24u, 26u, 28u, 30u, 32u, 34u})
        tail += (tail.empty() ? "0x" : ", 0x") + u.substr(at, 2);
    out.line("/// Interface " + model.name + ", version " + std::to_string(model.major_version) +
             "." + std::to_string(model.minor_version) + ".");
    out.line("inline constexpr win32::guid interface_uuid{");
    out.line("    0x" + u.substr(0, 8) + ", 0x" + u.substr(9, 4) + ", 0x" + u.substr(14, 4) +
             ", {" + tail + "}};");
    out.line("inline constexpr std::uint16_t interface_major_version = " +
             std::to_string(model.major_version) + ";");
    out.line("inline constexpr std::uint16_t interface_minor_version = " +
             std::to_string(model.minor_version) + ";");
    out.line();
}

void definitions(code& out, const interface_model& model) {
    for (const definition& d : model.definitions) {
        if (const auto* e = std::get_if<const enum_type*>(&d.what)) {
            declare(out, **e);
        } else if (const auto* s = std::get_if<const struct_type*>(&d.what)) {
            declare(out, **s);
        } else if (const auto* u = std::get_if<const union_type*>(&d.what)) {
            declare(out, **u);
        } else if (const auto* c = std::get_if<const constant_value*>(&d.what)) {
            declare(out, **c);
        } else {
            out.line("using " + std::get<std::string>(d.what) + " = ndr::context_handle;");
            out.line();
        }
    }
}

} // namespace

std::string file_comment(const output_names& names) {
    return "// SPDX-License-Identifier: Apache-2.0\n// Generated by bridge_idlc from " +
           names.source + ". Do not edit.\n";
}

std::string emit_header(const interface_model& model, const output_names& names) {
    code out;
    out.line("#pragma once");
    out.line();
    for (const std::string_view file : {"function_table", "printer", "reader", "types", "writer"})
        out.line("#include \"bridge/ndr/" + std::string(file) + ".hpp\"");
    out.line();
    for (const std::string_view file : {"array", "cstddef", "cstdint", "memory", "optional", "span",
                                        "string", "string_view", "vector"})
        out.line("#include <" + std::string(file) + ">");
    out.line();
    out.line("namespace bridge::gen::" + names.name + " {");
    out.line();
    interface_constants(out, model);
    for (const struct_type& s : model.structs) {
        if (s.recursive)
            out.line("struct " + s.name + ";");
    }
    definitions(out, model);
    if (!model.methods.empty()) {
        out.line("// For each method: its parameters as `in` and `out` sets, and");
        out.line("//   encode_in, decode_in    the request stub;");
        out.line(
            "//   encode_out, decode_out  the response stub; counts may depend on the request;");
        out.line("//   prepare_out             copies [in, out] parameters and gives [out] arrays "
                 "the size that the");
        out.line("//                           request demands (errc::too_large beyond "
                 "ndr::max_prepared_bytes);");
        out.line("//   print                   one line of text, without secrets.");
        out.line();
    }
    for (const method& m : model.methods)
        declare(out, m);
    out.line("/// Every method, reserved ones too, by opnum.");
    out.line("[[nodiscard]] std::span<const ndr::function_entry> functions();");
    out.line();
    out.line("} // namespace bridge::gen::" + names.name);
    return file_comment(names) + out.text();
}

} // namespace bridge::idlc
