// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/property_list.hpp"

#include "bridge/win32/utf16.hpp"

#include <algorithm>

/// The bytes are a client's: every length is checked against what is left, nothing is assumed
/// aligned.
namespace bridge::clusapi {

namespace {

using bytes_view = std::span<const std::byte>;
using model::property_format;
using model::property_value;

std::uint64_t number_at(bytes_view bytes, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;)
        value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return value;
}

std::u16string units_of(bytes_view bytes) {
    std::u16string out;
    out.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        out.push_back(static_cast<char16_t>(number_at(bytes.subspan(i), 2)));
    return out;
}

class cursor {
public:
    explicit cursor(bytes_view bytes) : left_(bytes) {}

    std::optional<std::uint32_t> u32() {
        if (left_.size() < 4)
            return std::nullopt;
        const auto value = static_cast<std::uint32_t>(number_at(left_, 4));
        left_ = left_.subspan(4);
        return value;
    }

    /// Bytes and their padding; the padding may be missing at the very end.
    std::optional<bytes_view> padded(std::uint32_t size) {
        if (size > left_.size())
            return std::nullopt;
        const bytes_view out = left_.first(size);
        const std::size_t whole = (std::size_t{size} + 3) & ~std::size_t{3};
        left_ = left_.subspan(std::min(whole, left_.size()));
        return out;
    }

private:
    bytes_view left_;
};

std::optional<property_value> parse_number(bytes_view bytes, std::size_t width) {
    if (bytes.size() != width)
        return std::nullopt;
    const std::uint64_t value = number_at(bytes, width);
    if (width == 8)
        return std::optional<property_value>(std::in_place, std::in_place_type<std::uint64_t>,
                                             value);
    return std::optional<property_value>(std::in_place, std::in_place_type<std::uint32_t>,
                                         static_cast<std::uint32_t>(value));
}

std::optional<property_value> parse_value(property_format format, bytes_view bytes) {
    switch (format) {
    case property_format::dword:
    case property_format::long_integer:
        return parse_number(bytes, 4);
    case property_format::word:
        return parse_number(bytes, 2);
    case property_format::ularge_integer:
    case property_format::large_integer:
    case property_format::filetime:
        return parse_number(bytes, 8);
    case property_format::sz:
    case property_format::expand_sz:
    case property_format::expanded_sz:
        if (auto text = parse_text(bytes))
            return property_value{std::move(*text)};
        return std::nullopt;
    case property_format::multi_sz:
        if (auto texts = parse_multi_sz(bytes))
            return property_value{std::move(*texts)};
        return std::nullopt;
    case property_format::binary:
    case property_format::security_descriptor:
        return property_value{std::vector<std::byte>(bytes.begin(), bytes.end())};
    case property_format::unknown:
        break;
    }
    return std::nullopt;
}

/// Name, values, endmark. The first value is the property's.
std::optional<model::property> parse_property(cursor& in) {
    const auto syntax = in.u32();
    if (syntax != static_cast<std::uint32_t>(property_syntax::name))
        return std::nullopt;
    const auto size = in.u32();
    const auto bytes = size ? in.padded(*size) : std::nullopt;
    auto name = bytes ? parse_text(*bytes) : std::nullopt;
    if (!name || name->empty())
        return std::nullopt;
    model::property out{std::move(*name), property_format::unknown, {}};
    for (std::size_t values = 0; values <= max_property_values; ++values) {
        const auto next = in.u32();
        if (!next)
            return std::nullopt;
        if (*next == static_cast<std::uint32_t>(property_syntax::endmark))
            return values > 0 ? std::optional{std::move(out)} : std::nullopt;
        if (*next >> 16 != static_cast<std::uint32_t>(property_syntax::list_value) >> 16)
            return std::nullopt;
        const auto format = static_cast<property_format>(*next & 0xFFFF);
        const auto length = in.u32();
        const auto data = length ? in.padded(*length) : std::nullopt;
        auto value = data ? parse_value(format, *data) : std::nullopt;
        // MS-CMRP 2.2.2.3: no client makes an expanded text, but it may send back a list that has
        // one.
        if (!value || (values == 0 && format == property_format::expanded_sz))
            return std::nullopt;
        if (values == 0) {
            out.format = format;
            out.value = std::move(*value);
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<model::property_list> parse_property_list(bytes_view bytes) {
    cursor in(bytes);
    const auto count = in.u32();
    if (!count || *count > max_list_properties)
        return std::nullopt;
    model::property_list out;
    for (std::uint32_t i = 0; i < *count; ++i) {
        auto property = parse_property(in);
        if (!property || model::find_property(out, property->name))
            return std::nullopt;
        out.push_back(std::move(*property));
    }
    return out;
}

std::optional<std::string> parse_text(bytes_view bytes) {
    if (bytes.size() % 2 != 0)
        return std::nullopt;
    const std::u16string units = units_of(bytes);
    const std::size_t end = units.find(u'\0');
    if (end == std::u16string::npos)
        return std::nullopt;
    return win32::strict_utf8(std::u16string_view(units).substr(0, end));
}

std::optional<std::vector<std::string>> parse_multi_sz(bytes_view bytes) {
    if (bytes.size() % 2 != 0)
        return std::nullopt;
    const std::u16string units = units_of(bytes);
    std::u16string_view left = units;
    std::vector<std::string> out;
    while (!left.empty() && left.front() != u'\0') {
        const std::size_t end = left.find(u'\0');
        auto text = end == left.npos ? std::nullopt : win32::strict_utf8(left.substr(0, end));
        if (!text)
            return std::nullopt;
        out.push_back(std::move(*text));
        left.remove_prefix(end + 1);
    }
    return units.empty() ? std::nullopt : std::optional{std::move(out)};
}

} // namespace bridge::clusapi
