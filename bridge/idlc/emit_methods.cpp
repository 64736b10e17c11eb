// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/codec.hpp"
#include "bridge/idlc/emit.hpp"
#include "bridge/idlc/layout.hpp"

#include <algorithm>

namespace bridge::idlc {

namespace {

/// Spells a parameter of a generated function, which a method without such values leaves unused.
std::string argument(bool used, const std::string& type, const std::string& name) {
    return (used ? "" : "[[maybe_unused]] ") + type + "& " + name;
}

/// What the two functions of one direction are like.
struct direction {
    direction(const method& m, bool response)
        : scope(response ? count_scope::of_response(m) : count_scope::of_request(m)),
          prefix(response ? "out." : "in.") {
        for (const member& p : m.parameters) {
            if (response ? p.out : p.in)
                values.push_back(&p);
        }
        any = !values.empty() || (response && m.result);
    }

    count_scope scope;
    std::string prefix;
    std::vector<const member*> values;
    bool any = false;
};

void put(code& out, const method& m, bool response) {
    const direction d(m, response);
    out.line("template <ndr::syntax Form>");
    const std::string stream = "void put(" + argument(d.any, "ndr::writer", "w") + ", ";
    if (response) {
        out.line(stream + argument(false, "const " + m.name + "_in", "in") + ",");
        out.open("         " + argument(d.any, "const " + m.name + "_out", "out") + ") {");
    } else {
        out.open(stream + argument(d.any, "const " + m.name + "_in", "in") + ") {");
    }
    encoder e(out, d.scope);
    for (const member* p : d.values)
        e.parameter(*p->type, d.prefix + cpp_name(p->name));
    if (response && m.result)
        e.parameter(*m.result, "out.result");
    out.close();
    out.line();
}

void get(code& out, const method& m, bool response) {
    const direction d(m, response);
    out.line("template <ndr::syntax Form>");
    const std::string stream = "void get(" + argument(d.any, "ndr::reader", "r") + ", ";
    if (response) {
        out.line(stream + argument(false, "const " + m.name + "_in", "in") + ",");
        out.open("         " + argument(d.any, m.name + "_out", "out") + ") {");
    } else {
        out.open(stream + argument(d.any, m.name + "_in", "in") + ") {");
    }
    decoder decode(out, d.scope);
    for (const member* p : d.values)
        decode.parameter(*p->type, d.prefix + cpp_name(p->name), cpp_name(p->name));
    if (response && m.result)
        decode.parameter(*m.result, "out.result", "result");
    decode.late_checks();
    out.close();
    out.line();
}

/// `call<Form>(arguments)` for the stream's syntax, then its error.
void in_both_forms(code& out, const std::string& stream, const std::string& call,
                   const std::string& arguments) {
    out.line("if (" + stream + ".form() == ndr::syntax::ndr)");
    out.line("    " + call + "<ndr::syntax::ndr>(" + arguments + ");");
    out.line("else");
    out.line("    " + call + "<ndr::syntax::ndr64>(" + arguments + ");");
    out.line("return " + stream + ".error();");
}

/// True when a value can be copied: no unique_ptr inside.
bool copies(const shape& s) {
    if (s.what == shape::kind::structure)
        return !s.structure->recursive &&
               std::all_of(s.structure->members.begin(), s.structure->members.end(),
                           [](const member& m) { return copies(*m.type); });
    if (s.what == shape::kind::union_)
        return std::all_of(
            s.union_->arms.begin(), s.union_->arms.end(),
            [](const union_type::arm& a) { return !a.content || copies(*a.content->type); });
    return !s.target || copies(*s.target);
}

void prepare(code& out, const method& m) {
    out.open("ndr::errc prepare_out([[maybe_unused]] const " + m.name +
             "_in& in, [[maybe_unused]] " + m.name + "_out& out) {");
    const count_scope scope = count_scope::of_request(m);
    for (const member& p : m.parameters) {
        if (p.in && p.out && copies(*p.type))
            out.line("out." + cpp_name(p.name) + " = in." + cpp_name(p.name) + ";");
    }
    for (const member& p : m.parameters) {
        const shape& value = value_shape(*p.type);
        if (p.in || !value.conformant() || value.varying() ||
            !count_scope::known_from_request(*value.size_is, m))
            continue;
        const std::string count = scope.render(*value.size_is);
        const std::string element =
            is_text(value) ? "" : " / sizeof(out." + cpp_name(p.name) + "[0])";
        out.line("if (" + count + " > ndr::max_prepared_bytes" + element + ")");
        out.line("    return ndr::errc::too_large;");
        out.line("out." + cpp_name(p.name) + ".resize(static_cast<std::size_t>(" + count + "));");
    }
    out.line("return ndr::errc::none;");
    out.close();
    out.line();
}

void exported(code& out, const method& m) {
    const std::string in = m.name + "_in";
    const std::string result = m.name + "_out";
    out.open("ndr::errc encode_in(ndr::writer& w, const " + in + "& in) {");
    in_both_forms(out, "w", "put", "w, in");
    out.close();
    out.line();
    out.open("ndr::errc decode_in(ndr::reader& r, " + in + "& in) {");
    out.line("in = {};");
    in_both_forms(out, "r", "get", "r, in");
    out.close();
    out.line();
    out.open("ndr::errc encode_out(ndr::writer& w, const " + in + "& in, const " + result +
             "& out) {");
    in_both_forms(out, "w", "put", "w, in, out");
    out.close();
    out.line();
    out.open("ndr::errc decode_out(ndr::reader& r, const " + in + "& in, " + result + "& out) {");
    out.line("out = {};");
    in_both_forms(out, "r", "get", "r, in, out");
    out.close();
    out.line();
    prepare(out, m);
}

} // namespace

std::string emit_methods(const interface_model& model, const output_names& names, std::size_t part,
                         std::size_t parts) {
    const std::size_t share = (model.methods.size() + parts - 1) / parts;
    const std::size_t first = std::min(part * share, model.methods.size());
    const std::size_t last = std::min(first + share, model.methods.size());
    code out;
    out.line("#include \"gen/" + names.name + "_codec.hpp\"");
    out.line();
    out.line("namespace bridge::gen::" + names.name + " {");
    out.line();
    for (std::size_t i = first; i < last; ++i) {
        const method& m = model.methods[i];
        out.line("// Opnum " + std::to_string(m.opnum));
        out.line("namespace {");
        out.line();
        put(out, m, false);
        get(out, m, false);
        put(out, m, true);
        get(out, m, true);
        out.line("} // namespace");
        out.line();
        exported(out, m);
    }
    out.line("} // namespace bridge::gen::" + names.name);
    return file_comment(names) + out.text();
}

} // namespace bridge::idlc
