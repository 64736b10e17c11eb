// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/property_list.hpp"

#include "bridge/win32/utf16.hpp"

#include <algorithm>

namespace bridge::clusapi {

namespace {

using model::property_format;

void append_u16(buffer& out, std::uint16_t value) {
    out.push_back(static_cast<std::byte>(value & 0xFF));
    out.push_back(static_cast<std::byte>(value >> 8));
}

void append_u32(buffer& out, std::uint32_t value) {
    append_u16(out, static_cast<std::uint16_t>(value & 0xFFFF));
    append_u16(out, static_cast<std::uint16_t>(value >> 16));
}

void append_text(buffer& out, std::string_view text) {
    for (const char16_t unit : win32::to_utf16(text))
        append_u16(out, unit);
    append_u16(out, 0);
}

void append(buffer& out, const buffer& more) {
    out.insert(out.end(), more.begin(), more.end());
}

void append_value(buffer& out, std::uint32_t syntax, const buffer& value) {
    append_list_value(out, static_cast<property_syntax>(syntax), value);
}

void append_name(buffer& out, std::string_view name) {
    append_value(out, static_cast<std::uint32_t>(property_syntax::name), encode_text(name));
}

std::uint32_t value_syntax(property_format format) {
    return static_cast<std::uint32_t>(property_syntax::list_value) |
           static_cast<std::uint32_t>(format);
}

void append_property(buffer& out, const model::listed_property& property) {
    append_name(out, property.name);
    const buffer value = encode_value(property.format, property.value);
    append_value(out, value_syntax(property.format), value);
    // MS-CMRP 2.2.2.3: the text as stored, then as it reads with its variables replaced. There is
    // no server environment to take them from, so the second is the first.
    if (property.format == property_format::expand_sz)
        append_value(out, value_syntax(property_format::expanded_sz), value);
    append_endmark(out);
}

struct value_writer {
    property_format format;

    buffer operator()(std::uint32_t number) const {
        buffer out;
        if (format == property_format::word)
            append_u16(out, static_cast<std::uint16_t>(number));
        else
            append_u32(out, number);
        return out;
    }
    buffer operator()(std::uint64_t number) const { return encode_u64(number); }
    buffer operator()(const std::string& text) const { return encode_text(text); }
    buffer operator()(const std::vector<std::string>& texts) const {
        return encode_multi_sz(texts);
    }
    buffer operator()(const std::vector<std::byte>& bytes) const { return bytes; }
};

} // namespace

void append_list_value(buffer& out, property_syntax syntax, const buffer& value) {
    append_u32(out, static_cast<std::uint32_t>(syntax));
    append_u32(out, static_cast<std::uint32_t>(value.size()));
    append(out, value);
    out.resize((out.size() + 3) & ~std::size_t{3});
}

void append_endmark(buffer& out) {
    append_u32(out, 0);
}

buffer encode_property_list(std::span<const model::listed_property* const> properties) {
    buffer out;
    append_u32(out, static_cast<std::uint32_t>(properties.size()));
    for (const model::listed_property* property : properties)
        append_property(out, *property);
    if (!properties.empty())
        append_endmark(out);
    return out;
}

buffer encode_property_list(const model::listed_properties& properties, which wanted) {
    std::vector<const model::listed_property*> chosen;
    for (const model::listed_property& property : properties)
        if (property.read_only == (wanted == which::read_only))
            chosen.push_back(&property);
    return encode_property_list(chosen);
}

buffer encode_format_list(std::span<const model::property_schema> schema, formats_of wanted) {
    const auto listed = [wanted](const model::property_schema& s) {
        return wanted == formats_of::all || !s.read_only;
    };
    buffer out;
    append_u32(out, static_cast<std::uint32_t>(std::ranges::count_if(schema, listed)));
    for (const model::property_schema& s : schema) {
        if (!listed(s))
            continue;
        append_name(out, s.name);
        buffer format;
        append_u16(format, static_cast<std::uint16_t>(s.format));
        append_value(out, static_cast<std::uint32_t>(property_syntax::list_value_word), format);
        append_endmark(out);
    }
    if (out.size() > sizeof(std::uint32_t))
        append_endmark(out);
    return out;
}

buffer encode_names(const model::listed_properties& properties) {
    std::vector<std::string> names;
    for (const model::listed_property& property : properties)
        if (!property.read_only)
            names.emplace_back(property.name);
    return encode_multi_sz(names);
}

buffer encode_required_dependencies(std::span<const model::required_dependency> items) {
    buffer out;
    for (const model::required_dependency& item : items) {
        if (!item.type_name.empty()) {
            append_name(out, item.type_name);
            continue;
        }
        const std::uint32_t info[] = {static_cast<std::uint32_t>(item.class_), item.subclass};
        append_value(out, static_cast<std::uint32_t>(property_syntax::resource_class),
                     encode_u32s(info));
    }
    append_endmark(out);
    return out;
}

buffer encode_text(std::string_view text) {
    buffer out;
    out.reserve(2 * text.size() + 2);
    append_text(out, text);
    return out;
}

buffer encode_multi_sz(std::span<const std::string> texts) {
    buffer out;
    for (const std::string& text : texts)
        append_text(out, text);
    append_u16(out, 0);
    return out;
}

buffer encode_u32(std::uint32_t value) {
    buffer out;
    append_u32(out, value);
    return out;
}

buffer encode_u32s(std::span<const std::uint32_t> values) {
    buffer out;
    for (const std::uint32_t value : values)
        append_u32(out, value);
    return out;
}

buffer encode_u64(std::uint64_t value) {
    buffer out;
    append_u32(out, static_cast<std::uint32_t>(value & 0xFFFFFFFF));
    append_u32(out, static_cast<std::uint32_t>(value >> 32));
    return out;
}

buffer encode_guid(const win32::guid& value) {
    buffer out;
    append_u32(out, value.data1);
    append_u16(out, value.data2);
    append_u16(out, value.data3);
    for (const std::uint8_t byte : value.data4)
        out.push_back(static_cast<std::byte>(byte));
    return out;
}

buffer encode_value(property_format format, const model::property_value& value) {
    return std::visit(value_writer{format}, value);
}

} // namespace bridge::clusapi
