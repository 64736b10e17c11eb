// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/bytes.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reading of members that may be absent, of another type, or too large: then the default.
namespace sgpr::validate {

inline constexpr std::size_t max_wire_text = 1024;

/// Of a line of at most `most` bytes, at most 16 deep.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view line,
                                                              std::size_t most);
/// Control characters are replaced by '?'.
[[nodiscard]] std::string text_of(const boost::json::value& from);
[[nodiscard]] std::string text_at(const boost::json::object& from, std::string_view name);
[[nodiscard]] std::uint64_t number_at(const boost::json::object& from, std::string_view name,
                                      std::uint64_t most = UINT64_MAX);
[[nodiscard]] bool flag_at(const boost::json::object& from, std::string_view name);
/// Hexadecimal digits, at most `most` bytes.
[[nodiscard]] bytes bytes_at(const boost::json::object& from, std::string_view name,
                             std::size_t most);
[[nodiscard]] std::string hex_text(byte_view data);

/// Calls `each` with at most `most` elements of the array `name`.
template <class Each>
void each_at(const boost::json::object& from, std::string_view name, std::size_t most, Each each) {
    const auto* found = from.if_contains(name);
    if (found == nullptr || !found->is_array()) {
        return;
    }
    for (const auto& one : found->get_array()) {
        if (most-- == 0) {
            return;
        }
        each(one);
    }
}

template <class Each>
void each_object_at(const boost::json::object& from, std::string_view name, std::size_t most,
                    Each each) {
    each_at(from, name, most, [&](const boost::json::value& one) {
        if (one.is_object()) {
            each(one.get_object());
        }
    });
}

} // namespace sgpr::validate
