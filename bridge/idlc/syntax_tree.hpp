// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/source.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the parser makes of an IDL text: names are not resolved yet.
namespace bridge::idlc {

struct expression;
using expression_ptr = std::shared_ptr<const expression>;

/// A count, case label or constant. Operators have their C meaning.
struct expression {
    enum class kind { number, name, dereference, unary, binary, conditional };
    kind what = kind::number;
    location where;
    std::uint64_t value = 0; ///< number
    std::string text;        ///< the name, or the operator
    std::vector<expression_ptr> operands;
};

struct type_spec;

struct attribute {
    std::string name;
    location where;
    std::vector<expression_ptr> arguments; ///< an entry is null where nothing stands between commas
    std::string raw; ///< text of uuid, version, pointer_default and the ignored ones
    std::shared_ptr<type_spec> type; ///< of switch_type
};
using attributes = std::vector<attribute>;

/// The first of that name; null when there is none.
[[nodiscard]] inline const attribute* find(const attributes& marks, std::string_view name) {
    const auto found = std::find_if(marks.begin(), marks.end(),
                                    [&](const attribute& a) { return a.name == name; });
    return found == marks.end() ? nullptr : &*found;
}

/// One pair of brackets after a name: [8], [*], [] or [n].
struct dimension {
    expression_ptr bound; ///< null when conformant
};

struct declarator {
    std::string name; ///< empty for an anonymous union
    location where;
    unsigned pointers = 0;
    std::vector<dimension> dimensions;
};

/// A structure member, union arm or parameter.
struct field {
    attributes marks;
    std::shared_ptr<type_spec> type;
    declarator name;
};

struct struct_body {
    std::vector<field> fields;
};

struct union_arm {
    location where;
    std::vector<expression_ptr> labels;
    bool is_default = false;
    std::optional<field> member; ///< none for an empty arm
};

struct union_body {
    std::vector<union_arm> arms;
    /// union switch (type tag) name {...}: the tag is a member of the type itself.
    std::shared_ptr<type_spec> tag_type;
    std::string tag_name;
    std::string member_name;
};

struct enumerator {
    std::string name;
    location where;
    expression_ptr value; ///< null: one more than the one before
};

struct enum_body {
    std::vector<enumerator> values;
};

/// A type where it is used or defined.
struct type_spec {
    enum class kind { named, structure, union_, enumeration };
    kind what = kind::named;
    location where;
    std::string
        name; ///< of a built-in or defined type, in canonical form ("unsigned long"), or the tag
    std::optional<std::variant<struct_body, union_body, enum_body>> body;
};

struct type_definition {
    attributes marks;
    std::shared_ptr<type_spec> type;
    std::vector<declarator> names;
};

/// struct, union or enum with a tag, outside a typedef.
struct tag_definition {
    attributes marks;
    std::shared_ptr<type_spec> type;
};

struct constant {
    std::shared_ptr<type_spec> type;
    declarator name;
    expression_ptr value;            ///< null for text
    std::optional<std::string> text; ///< of a string constant, as written between the quotes
};

struct operation {
    attributes marks;
    field result; ///< type, pointers and name of the method
    std::vector<field> parameters;
};

using declaration = std::variant<type_definition, tag_definition, constant, operation>;

struct interface_header {
    attributes marks;
    std::string name;
    location where;
};

/// One IDL file: what it imports and declares, in order.
struct document {
    struct import {
        std::string path;
        location where;
    };
    std::vector<import> imports;
    std::vector<declaration> declarations;
    std::optional<interface_header> interface;
};

} // namespace bridge::idlc
