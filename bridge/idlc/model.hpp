// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/syntax_tree.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Types, constants and methods of one interface with every name resolved: what the emitters read.
namespace bridge::idlc {

/// Base types as NDR sees them. `pointer_sized` has 4 bytes in NDR and 8 in NDR64 (__int3264).
enum class primitive {
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    u64,
    i64,
    f32,
    f64,
    wchar,
    character,
    unsigned_pointer_sized,
    signed_pointer_sized,
};

enum class pointer_kind { ref, unique, full };

struct shape;
using shape_ptr = std::shared_ptr<const shape>;
struct struct_type;
struct union_type;
struct enum_type;

/// One type as it travels: the tree of pointers, arrays and base types of a member or parameter.
struct shape {
    enum class kind { base, enumeration, structure, union_, guid, handle, pointer, array };

    kind what = kind::base;
    location where;
    primitive base = primitive::u32;
    const enum_type* enumeration = nullptr;
    const struct_type* structure = nullptr;
    const union_type* union_ = nullptr;
    std::string alias; ///< name of a context handle type

    pointer_kind pointer = pointer_kind::unique;
    shape_ptr target; ///< pointee, or element

    // Arrays
    std::optional<std::uint64_t> fixed; ///< bound; none when conformant
    expression_ptr size_is;
    expression_ptr length_is;
    bool string = false;

    expression_ptr switch_is; ///< unions
    expression_ptr least;     ///< [range]
    expression_ptr most;

    [[nodiscard]] bool is_array() const { return what == kind::array; }
    [[nodiscard]] bool is_pointer() const { return what == kind::pointer; }
    [[nodiscard]] bool conformant() const { return is_array() && !fixed; }
    [[nodiscard]] bool varying() const { return is_array() && (string || length_is != nullptr); }
};

/// A member of a structure, arm of a union or parameter.
struct member {
    std::string name;
    location where;
    shape_ptr type;
    bool in = false;
    bool out = false;
    bool secret = false; ///< printers hide it
};

struct enum_type {
    struct value {
        std::string name;
        std::uint32_t number;
    };
    std::string name;
    bool wide = false; ///< v1_enum: 4 bytes in both syntaxes
    std::vector<value> values;
};

struct struct_type {
    std::string name;
    location where;
    bool complete = false;
    bool recursive = false;    ///< contains a pointer to itself
    bool encapsulated = false; ///< its last member is a union whose tag is the first member
    std::vector<member> members;
};

struct union_type {
    struct arm {
        std::vector<expression_ptr> labels;
        bool is_default = false;
        std::optional<member> content;
    };
    std::string name;
    location where;
    bool complete = false;
    shape_ptr tag; ///< type of the tag on the wire
    bool tagged =
        true; ///< false inside an encapsulated union: the tag travels as the member before
    std::vector<arm> arms;
};

struct constant_value {
    std::string name;
    shape_ptr type;
    expression_ptr value;
    std::optional<std::string> text;
    std::uint64_t number = 0;
};

struct method {
    std::string name;
    location where;
    unsigned opnum = 0;
    shape_ptr result; ///< null for void
    std::vector<member> parameters;
};

/// What a definition in the header is, in order of definition.
struct definition {
    std::variant<const enum_type*, const struct_type*, const union_type*, const constant_value*,
                 std::string>
        what;
};

struct interface_model {
    std::string name; ///< as in the IDL text
    std::string uuid; ///< empty when the file has no interface
    unsigned major_version = 0;
    unsigned minor_version = 0;
    std::deque<enum_type> enums;
    std::deque<struct_type> structs;
    std::deque<union_type> unions;
    std::deque<constant_value> constants;
    std::vector<definition> definitions; ///< a string is the name of a context handle type
    std::vector<method> methods;
};

/// Named types that pointers to themselves reach must be held by unique_ptr; this finds them.
void mark_recursive(interface_model& model);

} // namespace bridge::idlc
