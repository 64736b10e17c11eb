// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/lexer.hpp"
#include "bridge/idlc/syntax_tree.hpp"

#include <string_view>

namespace bridge::idlc {

/// Parses one IDL file of at most one interface. `text` and `file` must outlive the result. Throws
/// error.
document parse(std::string_view text, const std::string& file);

/// Recursive descent over one file, one token ahead.
class parser {
public:
    parser(std::string_view text, const std::string& file)
        : lexer_(text, file), current_(lexer_.next()) {}

    document run();

private:
    // Tokens
    token advance();
    bool accept(std::string_view punctuation);
    bool accept_word(std::string_view word);
    token expect(std::string_view punctuation);
    token expect_identifier(std::string_view what);
    [[noreturn]] void unexpected(std::string_view wanted) const;

    // Declarations
    void top_level(document& out);
    void interface_body(document& out);
    void member(document& out);
    void import(document& out);
    void skip_parenthesised();
    type_definition typedef_(attributes marks);
    constant constant_();
    operation operation_(attributes marks);
    std::vector<field> parameters();

    // Types
    std::shared_ptr<type_spec> type();
    std::shared_ptr<type_spec> tagged_type(type_spec::kind what);
    bool opens_body(const type_spec& type);
    std::shared_ptr<type_spec> struct_type();
    std::shared_ptr<type_spec> union_type();
    std::shared_ptr<type_spec> enum_type();
    std::string builtin_name();
    union_body encapsulated();
    std::vector<union_arm> arms();
    union_arm arm_labels();
    field member_field(attributes marks);
    declarator declarator_(bool name_required);

    // Attributes and expressions
    attributes attribute_lists();
    attribute one_attribute();
    std::vector<expression_ptr> arguments();
    expression_ptr expression_();
    expression_ptr binary(unsigned level);
    expression_ptr unary();
    expression_ptr primary();

    lexer lexer_;
    token current_;
};

} // namespace bridge::idlc
