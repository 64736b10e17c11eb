// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/model.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bridge::idlc {

/// Fields and parameters whose values no printer shows: "Structure.member" or "Method.parameter".
using secret_names = std::set<std::string>;

/// Turns documents into a model: resolves names, applies pointer and array attributes to their
/// layer of a declarator, and checks what NDR cannot carry. Documents are added in import order,
/// the interface's own last.
class resolver {
public:
    explicit resolver(secret_names secrets) : secrets_(std::move(secrets)) {}

    /// `is_main`: this document's interface and methods are wanted.
    void add(const document& text, bool is_main);

    /// The model; throws error for what is left incomplete, or for a secret that names nothing.
    interface_model finish();

private:
    /// A typedef: the type below its pointers, and the layers that it adds, outermost first.
    struct layer {
        bool array = false;
        std::optional<std::uint64_t> fixed;
        std::optional<pointer_kind> kind;
        bool string = false;
    };
    struct alias {
        shape_ptr base; ///< null for void
        std::vector<layer> layers;
        expression_ptr least;
        expression_ptr most;
    };

    void header(const interface_header& text);
    void define(const type_definition& text);
    void define_handles(const type_definition& text);
    void define(const tag_definition& text);
    void define(const constant& text);
    void define_method(const operation& text);

    alias resolve(const type_spec& type, const std::string& wanted_name, const attributes& marks);
    alias named(const type_spec& type);
    shape_ptr structure(const type_spec& type, const std::string& name);
    shape_ptr union_(const type_spec& type, const std::string& name, const attributes& marks);
    shape_ptr encapsulated(const type_spec& type, const std::string& name);
    shape_ptr enumeration(const type_spec& type, const std::string& name, const attributes& marks);
    void fill(struct_type& out, const struct_body& body);
    void fill(union_type& out, const union_body& body);
    member anonymous_union(const field& f, struct_type& owner);

    /// Applies `marks` to a declarator over `type`.
    member declared(const field& f, const std::string& owner, bool parameter);
    shape_ptr layered(const alias& type, const declarator& name, const attributes& marks,
                      bool parameter);
    std::uint64_t constant_number(const expression_ptr& e);
    void check_member(const member& m, const std::vector<member>& all, bool last, bool parameter);
    void check_names(const shape& s, const std::vector<member>& all);
    void check_expression(const expression_ptr& e, const std::vector<member>& all);

    struct_type& struct_of(const std::string& tag, const location& where);
    void claim(const std::string& name, const location& where);

    interface_model model_;
    secret_names secrets_;
    secret_names used_secrets_;
    std::map<std::string, alias> types_;
    std::map<std::string, struct_type*> struct_tags_;
    std::map<std::string, shape_ptr> other_tags_; ///< "union X", "enum X"
    std::map<std::string, std::uint64_t> numbers_;
    std::set<std::string> claimed_; ///< names of the generated namespace
    pointer_kind pointer_default_ = pointer_kind::unique;
};

} // namespace bridge::idlc
