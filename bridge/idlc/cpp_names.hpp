// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/model.hpp"

#include <string>

/// How IDL types and names are spelled in the generated C++.
namespace bridge::idlc {

/// Collects lines of C++ with their indentation.
class code {
public:
    /// One line at the current depth; an empty one stays empty.
    void line(const std::string& text = {});
    /// A line that ends in "{"; what follows is one level deeper.
    void open(const std::string& text);
    /// "}" and `rest` one level back.
    void close(const std::string& rest = {});
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
    unsigned depth_ = 0;
};

/// The name itself, with "_" behind it when C++ keeps the word for itself.
std::string cpp_name(const std::string& name);

/// The C++ type of a value.
std::string cpp_type(const shape& s);

/// What a value looks like in C++, where a [ref] pointer is its pointee.
const shape& value_shape(const shape& s);

/// True for base types and enumerations: they get an initialiser and are passed by value.
bool is_scalar(const shape& s);

/// Arrays of unsigned octets that are no string: std::byte elements.
bool is_octets(const shape& array);
/// Arrays held as std::u16string or std::string.
bool is_text(const shape& array);

/// The reader and writer function for a base type: "u32", "size<Form>".
std::string wire_function(primitive base);

/// Access to a member of the value: "v.a.size()", or "v.a->size()" for the pointee "*v.a".
std::string member_of(const std::string& access, const std::string& name);

/// A null-test of a pointer's value: "v.Name" as optional or smart pointer.
std::string present(const shape& pointer, const std::string& access);

} // namespace bridge::idlc
