// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/upcase.hpp"

#include "bridge/win32/utf16.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace bridge::win32 {
namespace {

/// Units first, first + step ... last have their capital at `distance`.
struct run {
    char16_t first;
    char16_t last;
    std::uint8_t step;
    std::int32_t distance;
};

constexpr run runs[] = {
#include "bridge/win32/upcase_table.inc"
};

constexpr char ascii_upcase(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

constexpr bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

} // namespace

char16_t upcase(char16_t unit) {
    if (unit < 0x80) {
        return static_cast<char16_t>(ascii_upcase(static_cast<char>(unit)));
    }
    const auto* after = std::upper_bound(std::begin(runs), std::end(runs), unit,
                                         [](char16_t u, const run& r) { return u < r.first; });
    if (after == std::begin(runs)) {
        return unit;
    }
    const auto& r = *std::prev(after);
    if (unit > r.last || (unit - r.first) % r.step != 0) {
        return unit;
    }
    return static_cast<char16_t>(unit + r.distance);
}

std::u16string fold(std::u16string_view name) {
    std::u16string key(name);
    std::transform(key.begin(), key.end(), key.begin(), upcase);
    return key;
}

std::string fold(std::string_view utf8) {
    if (std::all_of(utf8.begin(), utf8.end(), is_ascii)) {
        std::string key(utf8);
        std::transform(key.begin(), key.end(), key.begin(), ascii_upcase);
        return key;
    }
    return to_utf8(fold(to_utf16(utf8)));
}

bool equal_names(std::string_view left, std::string_view right) {
    const auto size = std::min(left.size(), right.size());
    for (std::size_t i = 0; i < size; ++i) {
        if (!is_ascii(left[i]) || !is_ascii(right[i])) {
            // Capitals can need another number of bytes, so lengths say nothing from here.
            return fold(left.substr(i)) == fold(right.substr(i));
        }
        if (ascii_upcase(left[i]) != ascii_upcase(right[i])) {
            return false;
        }
    }
    return left.size() == right.size();
}

bool equal_names(std::u16string_view left, std::u16string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char16_t a, char16_t b) { return upcase(a) == upcase(b); });
}

} // namespace bridge::win32
