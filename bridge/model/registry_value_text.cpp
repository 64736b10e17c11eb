// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_value_text.hpp"

#include "bridge/win32/sddl.hpp"
#include "bridge/win32/utf16.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bridge::model {

namespace {

constexpr std::string_view hex_mark = "hex:";
constexpr std::string_view digits = "0123456789abcdef";

struct type_name {
    registry_type type;
    std::string_view name;
};

constexpr std::array types{
    type_name{registry_type::none, "none"},
    type_name{registry_type::sz, "sz"},
    type_name{registry_type::expand_sz, "expand_sz"},
    type_name{registry_type::binary, "binary"},
    type_name{registry_type::dword, "dword"},
    type_name{registry_type::multi_sz, "multi_sz"},
    type_name{registry_type::qword, "qword"},
};

std::string hex_of(std::span<const std::byte> bytes) {
    std::string out(hex_mark);
    for (const std::byte b : bytes) {
        out += digits[std::to_integer<std::size_t>(b) >> 4];
        out += digits[std::to_integer<std::size_t>(b) & 0xF];
    }
    return out;
}

/// UTF-16LE with a NUL at the end.
void append_text(std::vector<std::byte>& out, std::u16string_view text) {
    for (const char16_t unit : text) {
        out.push_back(static_cast<std::byte>(unit & 0xFF));
        out.push_back(static_cast<std::byte>(unit >> 8));
    }
    out.resize(out.size() + 2);
}

std::vector<std::byte> encode_strings(const std::vector<std::string>& texts, bool list) {
    std::vector<std::byte> out;
    for (const auto& text : texts)
        append_text(out, win32::to_utf16(text));
    if (list)
        out.resize(out.size() + 2);
    return out;
}

/// The texts that the data stands for exactly; nullopt: none do.
std::optional<std::vector<std::string>> texts_of(const registry_value& value) {
    const bool list = value.type == registry_type::multi_sz;
    std::u16string units;
    for (std::size_t i = 0; i + 1 < value.data.size(); i += 2)
        units += static_cast<char16_t>(std::to_integer<unsigned>(value.data[i]) |
                                       std::to_integer<unsigned>(value.data[i + 1]) << 8);
    std::vector<std::string> out;
    std::u16string_view rest(units);
    while (!rest.empty() && (!list || rest.front() != u'\0')) {
        const auto end = rest.find(u'\0');
        const auto text = win32::strict_utf8(rest.substr(0, end));
        if (!text || end == rest.npos)
            return std::nullopt;
        out.push_back(*text);
        rest.remove_prefix(end + 1);
    }
    if ((!list && out.size() != 1) || encode_strings(out, list) != value.data)
        return std::nullopt;
    return out;
}

std::optional<std::uint64_t> number_of(const registry_value& value) {
    const std::size_t size = value.type == registry_type::dword ? 4 : 8;
    if (value.data.size() != size)
        return std::nullopt;
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < size; ++i)
        out |= std::to_integer<std::uint64_t>(value.data[i]) << (8 * i);
    return out;
}

std::string data_text(const registry_value& value) {
    switch (value.type) {
    case registry_type::sz:
    case registry_type::expand_sz:
    case registry_type::multi_sz:
        if (const auto texts = texts_of(value)) {
            std::string out;
            for (const auto& text : *texts)
                out += (out.empty() ? "" : " ") + quoted(text);
            return out;
        }
        break;
    case registry_type::dword:
    case registry_type::qword:
        if (const auto number = number_of(value))
            return std::to_string(*number);
        break;
    case registry_type::none:
    case registry_type::binary:
        break;
    }
    return hex_of(value.data);
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// One escape after its backslash; what it took is taken off `rest`.
bool unescape(std::string_view& rest, std::string& out) {
    if (rest.empty())
        return false;
    const char kind = rest.front();
    rest.remove_prefix(1);
    constexpr std::string_view letters = "\\\"nrt";
    constexpr std::string_view meanings = "\\\"\n\r\t";
    if (const auto at = letters.find(kind); at != letters.npos) {
        out += meanings[at];
        return true;
    }
    // Only what needs no UTF-8 of its own: everything else stands for itself.
    unsigned number = 0;
    const auto end = rest.find('}');
    if (kind != 'u' || !rest.starts_with('{') || end == rest.npos)
        return false;
    const char* last = rest.data() + end;
    const auto [stop, error] = std::from_chars(rest.data() + 1, last, number, 16);
    rest.remove_prefix(end + 1);
    if (error != std::errc{} || stop != last || number > 0x7F)
        return false;
    out += static_cast<char>(number);
    return true;
}

} // namespace

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (is_control(c)) {
            out += "\\u{";
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[c & 0xF];
            out += '}';
        } else {
            out += c;
        }
    }
    return out + '"';
}

bool plain_path(std::string_view path) {
    return !path.empty() && path.front() != '"' && path.front() != ' ' && path.back() != ' ' &&
           std::none_of(path.begin(), path.end(), is_control);
}

std::string value_text(const registry_value& value) {
    const auto* type = std::find_if(types.begin(), types.end(),
                                    [&](const type_name& t) { return t.type == value.type; });
    const std::string data = data_text(value);
    return std::string(type->name) + (data.empty() ? "" : " ") + data;
}

std::string descriptor_text(const std::vector<std::byte>& descriptor) {
    if (const auto value = win32::decode_security_descriptor(descriptor))
        if (const auto text = win32::to_sddl(*value))
            if (const auto again = win32::parse_sddl(*text))
                if (const auto bytes = win32::encode_security_descriptor(*again);
                    bytes && *bytes == descriptor)
                    return quoted(*text);
    return hex_of(descriptor);
}

void text_cursor::skip() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
}

std::string_view text_cursor::word() {
    const auto out = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(out.size());
    skip();
    return out;
}

bool text_cursor::word(std::string_view expected) {
    if (!rest_.starts_with(expected) ||
        (rest_.size() > expected.size() && rest_[expected.size()] != ' '))
        return false;
    word();
    return true;
}

std::optional<std::string> text_cursor::string() {
    if (!rest_.starts_with('"'))
        return std::nullopt;
    rest_.remove_prefix(1);
    std::string out;
    while (!rest_.empty()) {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '"') {
            skip();
            return out;
        }
        if (c != '\\')
            out += c;
        else if (!unescape(rest_, out))
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<registry_type> text_cursor::type() {
    const auto name = word();
    const auto* found = std::find_if(types.begin(), types.end(),
                                     [&](const type_name& t) { return t.name == name; });
    if (found == types.end())
        return std::nullopt;
    return found->type;
}

std::optional<std::vector<std::byte>> text_cursor::hex(std::string_view text) {
    if (!text.starts_with(hex_mark))
        return std::nullopt;
    text.remove_prefix(hex_mark.size());
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::vector<std::byte> out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        unsigned value = 0;
        const char* end = text.data() + i + 2;
        if (std::from_chars(text.data() + i, end, value, 16).ptr != end)
            return std::nullopt;
        out.push_back(static_cast<std::byte>(value));
    }
    return out;
}

std::optional<std::vector<std::byte>> text_cursor::number(std::size_t size) {
    const auto text = word();
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || (size == 4 && value > 0xFFFFFFFF))
        return std::nullopt;
    std::vector<std::byte> out;
    for (std::size_t i = 0; i < size; ++i)
        out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
    return out;
}

std::optional<std::vector<std::byte>> text_cursor::strings() {
    std::vector<std::byte> out;
    while (!finished()) {
        const auto text = string();
        const auto units = text ? win32::strict_utf16(*text) : std::nullopt;
        if (!units || units->empty() || units->find(u'\0') != units->npos)
            return std::nullopt;
        append_text(out, *units);
    }
    out.resize(out.size() + 2);
    return out;
}

std::optional<std::vector<std::byte>> text_cursor::data(registry_type type) {
    if (rest_.starts_with(hex_mark))
        return hex(word());
    switch (type) {
    case registry_type::sz:
    case registry_type::expand_sz: {
        const auto text = string();
        const auto units = text ? win32::strict_utf16(*text) : std::nullopt;
        if (!units)
            return std::nullopt;
        std::vector<std::byte> out;
        append_text(out, *units);
        return out;
    }
    case registry_type::multi_sz:
        return strings();
    case registry_type::dword:
        return number(4);
    case registry_type::qword:
        return number(8);
    case registry_type::none:
    case registry_type::binary:
        break;
    }
    return std::nullopt;
}

std::optional<std::vector<std::byte>> text_cursor::descriptor() {
    if (!rest_.starts_with('"'))
        return hex(word());
    const auto text = string();
    if (!text)
        return std::nullopt;
    const auto value = win32::parse_sddl(*text);
    if (!value)
        return std::nullopt;
    auto bytes = win32::encode_security_descriptor(*value);
    if (!bytes)
        return std::nullopt;
    return std::move(*bytes);
}

} // namespace bridge::model
