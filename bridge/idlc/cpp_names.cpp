// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/cpp_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace bridge::idlc {

namespace {

constexpr std::array<std::string_view, 30> reserved{
    "and",      "asm",      "auto", "bool",     "break",    "catch",  "class",   "continue",
    "delete",   "do",       "else", "explicit", "export",   "extern", "false",   "for",
    "friend",   "if",       "new",  "not",      "operator", "or",     "private", "public",
    "register", "template", "this", "true",     "using",    "xor"};

constexpr std::size_t columns = 100;

std::string base_type(primitive base) {
    switch (base) {
    case primitive::u8:
        return "std::uint8_t";
    case primitive::i8:
        return "std::int8_t";
    case primitive::u16:
        return "std::uint16_t";
    case primitive::i16:
        return "std::int16_t";
    case primitive::u32:
        return "std::uint32_t";
    case primitive::i32:
        return "std::int32_t";
    case primitive::u64:
    case primitive::unsigned_pointer_sized:
        return "std::uint64_t";
    case primitive::i64:
    case primitive::signed_pointer_sized:
        return "std::int64_t";
    case primitive::f32:
        return "float";
    case primitive::f64:
        return "double";
    case primitive::wchar:
        return "char16_t";
    case primitive::character:
        return "char";
    }
    return {};
}

std::string array_type(const shape& s) {
    if (is_text(s))
        return s.target->base == primitive::wchar ? "std::u16string" : "std::string";
    const std::string element = is_octets(s) ? "std::byte" : cpp_type(*s.target);
    if (s.fixed && !s.varying())
        return "std::array<" + element + ", " + std::to_string(*s.fixed) + ">";
    return "std::vector<" + element + ">";
}

} // namespace

void code::line(const std::string& text) {
    std::string_view rest = text;
    std::size_t indentation = 4 * depth_;
    while (indentation + rest.size() > columns && rest.substr(0, 2) != "//") {
        const std::size_t comma = rest.rfind(", ", columns - indentation - 1);
        if (comma == std::string_view::npos)
            break;
        text_.append(indentation, ' ').append(rest.substr(0, comma + 1)).append("\n");
        rest.remove_prefix(comma + 2);
        indentation = 4 * depth_ + 4;
    }
    if (!rest.empty())
        text_.append(indentation, ' ').append(rest);
    text_ += '\n';
}

void code::open(const std::string& text) {
    line(text);
    ++depth_;
}

void code::close(const std::string& rest) {
    --depth_;
    line("}" + rest);
}

std::string cpp_name(const std::string& name) {
    return std::find(reserved.begin(), reserved.end(), name) != reserved.end() ? name + "_" : name;
}

const shape& value_shape(const shape& s) {
    return s.is_pointer() && s.pointer == pointer_kind::ref ? value_shape(*s.target) : s;
}

bool is_scalar(const shape& s) {
    return s.what == shape::kind::base || s.what == shape::kind::enumeration;
}

bool is_octets(const shape& array) {
    return array.is_array() && !array.string && array.target->what == shape::kind::base &&
           array.target->base == primitive::u8;
}

bool is_text(const shape& array) {
    if (!array.is_array() || array.target->what != shape::kind::base)
        return false;
    const primitive base = array.target->base;
    if (array.string)
        return true;
    return (base == primitive::wchar || base == primitive::character) &&
           (!array.fixed || array.varying());
}

std::string cpp_type(const shape& s) {
    switch (s.what) {
    case shape::kind::base:
        return base_type(s.base);
    case shape::kind::enumeration:
        return s.enumeration->name;
    case shape::kind::structure:
        return s.structure->name;
    case shape::kind::union_:
        return s.union_->name;
    case shape::kind::guid:
        return "win32::guid";
    case shape::kind::handle:
        return s.alias;
    case shape::kind::array:
        return array_type(s);
    case shape::kind::pointer:
        break;
    }
    const std::string target = cpp_type(*s.target);
    if (s.pointer == pointer_kind::ref)
        return target;
    if (s.pointer == pointer_kind::full)
        return "std::shared_ptr<" + target + ">";
    const bool contains_itself =
        s.target->what == shape::kind::structure && s.target->structure->recursive;
    return (contains_itself ? "std::unique_ptr<" : "std::optional<") + target + ">";
}

std::string wire_function(primitive base) {
    switch (base) {
    case primitive::u8:
        return "u8";
    case primitive::i8:
        return "i8";
    case primitive::u16:
        return "u16";
    case primitive::i16:
        return "i16";
    case primitive::u32:
        return "u32";
    case primitive::i32:
        return "i32";
    case primitive::u64:
        return "u64";
    case primitive::i64:
        return "i64";
    case primitive::f32:
        return "f32";
    case primitive::f64:
        return "f64";
    case primitive::wchar:
        return "wchar";
    case primitive::character:
        return "character";
    case primitive::unsigned_pointer_sized:
        return "size<Form>";
    case primitive::signed_pointer_sized:
        return "signed_size<Form>";
    }
    return {};
}

std::string member_of(const std::string& access, const std::string& name) {
    if (access.front() != '*')
        return access + "." + name;
    const std::string pointer = access.substr(1);
    return (pointer.front() == '*' ? "(" + pointer + ")" : pointer) + "->" + name;
}

std::string present(const shape& pointer, const std::string& access) {
    return cpp_type(pointer).rfind("std::optional", 0) == 0 ? access + ".has_value()"
                                                            : access + " != nullptr";
}

} // namespace bridge::idlc
