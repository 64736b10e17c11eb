// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/json_read.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace sgpr::validate {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

std::optional<boost::json::object> parse_object(std::string_view line, std::size_t most) {
    if (line.size() > most) {
        return std::nullopt;
    }
    boost::json::parse_options options;
    options.max_depth = 16;
    boost::system::error_code error;
    auto value = boost::json::parse({line.data(), line.size()}, error, {}, options);
    if (error || !value.is_object()) {
        return std::nullopt;
    }
    return std::move(value.get_object());
}

std::string text_of(const boost::json::value& from) {
    if (!from.is_string()) {
        return {};
    }
    const auto& raw = from.get_string();
    std::string said(raw.data(), std::min<std::size_t>(raw.size(), max_wire_text));
    std::replace_if(
        said.begin(), said.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, '?');
    return said;
}

std::string text_at(const boost::json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found == nullptr ? std::string{} : text_of(*found);
}

std::uint64_t number_at(const boost::json::object& from, std::string_view name,
                        std::uint64_t most) {
    const auto* found = from.if_contains(name);
    std::uint64_t value = 0;
    if (found != nullptr && found->is_uint64()) {
        value = found->get_uint64();
    } else if (found != nullptr && found->is_int64() && found->get_int64() > 0) {
        value = static_cast<std::uint64_t>(found->get_int64());
    }
    return value > most ? 0 : value;
}

bool flag_at(const boost::json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

bytes bytes_at(const boost::json::object& from, std::string_view name, std::size_t most) {
    const auto* found = from.if_contains(name);
    bytes data;
    if (found == nullptr || !found->is_string() || found->get_string().size() > 2 * most) {
        return data;
    }
    const auto& raw = found->get_string();
    for (std::size_t i = 0; i + 1 < raw.size(); i += 2) {
        const auto high = digit(raw[i]);
        const auto low = digit(raw[i + 1]);
        if (high < 0 || low < 0) {
            return {};
        }
        data.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return data;
}

std::string hex_text(byte_view data) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string said;
    said.reserve(2 * data.size());
    for (const auto byte : data) {
        said += digits[byte >> 4];
        said += digits[byte & 15];
    }
    return said;
}

} // namespace sgpr::validate
