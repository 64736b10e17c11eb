// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/codec.hpp"
#include "bridge/idlc/emit.hpp"
#include "bridge/idlc/layout.hpp"

#include <functional>
#include <vector>

namespace bridge::idlc {

namespace {

/// Signature of each codec function of a type, without "template" and body.
struct signatures {
    std::string put_conformance; ///< empty where the type has none
    std::string put_flat;
    std::string put_deferred;
    std::string get_flat;
    std::string get_deferred;

    [[nodiscard]] std::vector<std::string> all() const {
        std::vector<std::string> out;
        for (const std::string& s :
             {put_conformance, put_flat, put_deferred, get_flat, get_deferred}) {
            if (!s.empty())
                out.push_back(s);
        }
        return out;
    }
};

signatures of(const struct_type& s) {
    const bool conformant = conformant_member(s) != nullptr;
    shape self;
    self.what = shape::kind::structure;
    self.structure = &s;
    const bool pointers = has_deferred(self);
    signatures out;
    if (conformant)
        out.put_conformance = "put_conformance(ndr::writer& w, const " + s.name + "& v)";
    out.put_flat = "put_flat(ndr::writer& w, const " + s.name + "& v)";
    out.get_flat = "get_flat(ndr::reader& r, " + s.name + "& v" +
                   (conformant ? ", std::uint64_t maximum)" : ")");
    if (pointers) {
        out.put_deferred = "put_deferred(ndr::writer& w, const " + s.name + "& v)";
        out.get_deferred = "get_deferred(ndr::reader& r, " + s.name + "& v)";
    }
    return out;
}

signatures of(const union_type& u) {
    shape self;
    self.what = shape::kind::union_;
    self.union_ = &u;
    signatures out;
    out.put_flat = "put_flat(ndr::writer& w, const " + u.name + "& v, std::uint64_t tag)";
    out.get_flat = "get_flat(ndr::reader& r, " + u.name + "& v, std::uint64_t tag)";
    if (has_deferred(self)) {
        out.put_deferred =
            "put_deferred(ndr::writer& w, const " + u.name + "& v, std::uint64_t tag)";
        out.get_deferred = "get_deferred(ndr::reader& r, " + u.name + "& v, std::uint64_t tag)";
    }
    return out;
}

void function(code& out, const std::string& signature, const std::function<void()>& body) {
    out.line("template <ndr::syntax Form>");
    out.open("void " + signature + " {");
    body();
    out.close();
    out.line();
}

/// Alignment at the start of a structure; the gap at its end exists in NDR64 only
/// (MS-RPCE 2.2.5.3.4.1).
std::string aligned(const std::string& stream, alignment a) {
    if (a.ndr == a.ndr64)
        return stream + ".align(" + std::to_string(a.ndr) + ");";
    return stream + ".align(Form == ndr::syntax::ndr ? " + std::to_string(a.ndr) + " : " +
           std::to_string(a.ndr64) + ");";
}

void align_in_ndr64(code& out, const std::string& stream, unsigned alignment) {
    if (alignment < 2)
        return;
    out.line("if constexpr (Form == ndr::syntax::ndr64)");
    out.line("    " + stream + ".align(" + std::to_string(alignment) + ");");
}

void codec_of(code& out, const struct_type& s) {
    const signatures names = of(s);
    const alignment a = alignment_of(s);
    const count_scope scope = count_scope::of_struct(s, "v");
    if (const member* last = conformant_member(s)) {
        function(out, names.put_conformance, [&] {
            encoder(out, scope).conformance(*last->type, "v." + cpp_name(last->name));
        });
    }
    function(out, names.put_flat, [&] {
        encoder e(out, scope);
        out.line(aligned("w", a));
        for (const member& m : s.members)
            e.flat(*m.type, "v." + cpp_name(m.name));
        align_in_ndr64(out, "w", a.ndr64);
    });
    function(out, names.get_flat, [&] {
        decoder d(out, scope);
        out.line(aligned("r", a));
        for (const member& m : s.members)
            d.flat(*m.type, "v." + cpp_name(m.name), has_conformance(*m.type) ? "maximum" : "");
        align_in_ndr64(out, "r", a.ndr64);
        d.late_checks();
    });
    if (names.put_deferred.empty())
        return;
    function(out, names.put_deferred, [&] {
        for (const member& m : s.members)
            encoder(out, scope).deferred(*m.type, "v." + cpp_name(m.name));
    });
    function(out, names.get_deferred, [&] {
        for (const member& m : s.members)
            decoder(out, scope).deferred(*m.type, "v." + cpp_name(m.name));
    });
}

using arm_body = std::function<void(const member&)>;

void switch_arms(code& out, const union_type& u, const std::string& stream, const arm_body& body) {
    bool has_default = false;
    out.line("switch (tag) {");
    for (const union_type::arm& a : u.arms) {
        std::vector<std::string> labels;
        for (const expression_ptr& label : a.labels)
            labels.push_back("case " + count_scope::none().render(*label) + ":");
        if (a.is_default)
            labels.push_back("default:");
        has_default = has_default || a.is_default;
        for (std::size_t i = 0; i + 1 < labels.size(); ++i)
            out.line(labels[i]);
        out.open(labels.back() + " {"); // an arm may need variables of its own
        if (a.content)
            body(*a.content);
        out.line("break;");
        out.close();
    }
    if (!has_default) {
        out.line("default:");
        out.line("    " + stream + ".fail(ndr::errc::unknown_union_arm);");
    }
    out.line("}");
}

void codec_of(code& out, const union_type& u) {
    const signatures names = of(u);
    const unsigned wide = alignment_of(u).ndr64;
    const count_scope scope = count_scope::none();
    function(out, names.put_flat, [&] {
        if (u.tagged) {
            align_in_ndr64(out, "w", wide);
            encoder(out, scope).flat(*u.tag, "static_cast<" + cpp_type(*u.tag) + ">(tag)");
        }
        align_in_ndr64(out, "w", wide);
        switch_arms(out, u, "w", [&](const member& m) {
            encoder(out, scope).flat(*m.type, "v." + cpp_name(m.name));
        });
    });
    function(out, names.get_flat, [&] {
        if (u.tagged) {
            align_in_ndr64(out, "r", wide);
            out.line(cpp_type(*u.tag) + " wire_tag{};");
            decoder(out, scope).flat(*u.tag, "wire_tag");
            out.line("r.require(static_cast<std::uint64_t>(wire_tag) == tag, "
                     "ndr::errc::union_tag_mismatch);");
        }
        align_in_ndr64(out, "r", wide);
        switch_arms(out, u, "r", [&](const member& m) {
            decoder(out, scope).flat(*m.type, "v." + cpp_name(m.name));
        });
    });
    if (names.put_deferred.empty())
        return;
    function(out, names.put_deferred, [&] {
        switch_arms(out, u, "w", [&](const member& m) {
            encoder(out, scope).deferred(*m.type, "v." + cpp_name(m.name));
        });
    });
    function(out, names.get_deferred, [&] {
        switch_arms(out, u, "r", [&](const member& m) {
            decoder(out, scope).deferred(*m.type, "v." + cpp_name(m.name));
        });
    });
}

void each_type(const interface_model& model, const std::function<void(const signatures&)>& visit) {
    for (const definition& d : model.definitions) {
        if (const auto* s = std::get_if<const struct_type*>(&d.what))
            visit(of(**s));
        else if (const auto* u = std::get_if<const union_type*>(&d.what))
            visit(of(**u));
    }
}

} // namespace

std::string emit_codec_header(const interface_model& model, const output_names& names) {
    code out;
    out.line("#pragma once");
    out.line();
    out.line("#include \"gen/" + names.name + ".hpp\"");
    out.line();
    out.line("// The inline part (flat) of each type, and the pointees that follow it (deferred).");
    out.line("namespace bridge::gen::" + names.name + " {");
    out.line();
    each_type(model, [&](const signatures& of_type) {
        for (const std::string& signature : of_type.all()) {
            out.line("template <ndr::syntax Form>");
            out.line("void " + signature + ";");
        }
        out.line();
    });
    out.line("} // namespace bridge::gen::" + names.name);
    return file_comment(names) + out.text();
}

std::string emit_types(const interface_model& model, const output_names& names) {
    code out;
    out.line("#include \"gen/" + names.name + "_codec.hpp\"");
    out.line();
    out.line("namespace bridge::gen::" + names.name + " {");
    out.line();
    for (const definition& d : model.definitions) {
        if (const auto* s = std::get_if<const struct_type*>(&d.what))
            codec_of(out, **s);
        else if (const auto* u = std::get_if<const union_type*>(&d.what))
            codec_of(out, **u);
    }
    each_type(model, [&](const signatures& of_type) {
        for (const std::string& signature : of_type.all()) {
            const std::size_t name_end = signature.find('(');
            for (const std::string_view form : {"ndr", "ndr64"})
                out.line("template void " + signature.substr(0, name_end) + "<ndr::syntax::" +
                         std::string(form) + ">" + signature.substr(name_end) + ";");
        }
    });
    out.line();
    out.line("} // namespace bridge::gen::" + names.name);
    return file_comment(names) + out.text();
}

} // namespace bridge::idlc
