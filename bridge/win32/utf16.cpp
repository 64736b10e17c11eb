// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/utf16.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bridge::win32 {
namespace {

constexpr char32_t replacement = 0xFFFD;

struct decoded {
    char32_t code_point;
    std::size_t length; ///< units taken, at least 1
    bool well_formed;
};

unsigned char unit(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// One character that begins at `at` with a byte of 0x80 or above (Unicode 3.9, table 3-7).
decoded decode_multibyte(std::string_view text, std::size_t at) {
    const auto lead = unit(text, at);
    std::size_t more = 0;
    unsigned char lowest = 0x80;
    unsigned char highest = 0xBF;
    char32_t value = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        more = 1;
        value = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        more = 2;
        value = lead & 0x0FU;
        lowest = lead == 0xE0 ? 0xA0 : lowest;
        highest = lead == 0xED ? 0x9F : highest;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        more = 3;
        value = lead & 0x07U;
        lowest = lead == 0xF0 ? 0x90 : lowest;
        highest = lead == 0xF4 ? 0x8F : highest;
    } else {
        return {replacement, 1, false};
    }
    for (std::size_t i = 1; i <= more; ++i) {
        if (at + i >= text.size() || unit(text, at + i) < lowest || unit(text, at + i) > highest) {
            return {replacement, i, false};
        }
        value = value << 6 | (unit(text, at + i) & 0x3FU);
        lowest = 0x80;
        highest = 0xBF;
    }
    return {value, more + 1, true};
}

decoded decode_unit(std::u16string_view text, std::size_t at) {
    const char16_t first = text[at];
    if (first < 0xD800 || first > 0xDFFF) {
        return {first, 1, true};
    }
    if (first > 0xDBFF || at + 1 >= text.size() || text[at + 1] < 0xDC00 || text[at + 1] > 0xDFFF) {
        return {replacement, 1, false};
    }
    const char32_t high = first - 0xD800U;
    const char32_t low = text[at + 1] - 0xDC00U;
    return {0x10000U + (high << 10 | low), 2, true};
}

void append(char32_t code_point, std::u16string& out) {
    if (code_point < 0x10000) {
        out.push_back(static_cast<char16_t>(code_point));
        return;
    }
    code_point -= 0x10000;
    out.push_back(static_cast<char16_t>(0xD800 + (code_point >> 10)));
    out.push_back(static_cast<char16_t>(0xDC00 + (code_point & 0x3FF)));
}

void append(char32_t code_point, std::string& out) {
    if (code_point < 0x80) {
        out.push_back(static_cast<char>(code_point));
        return;
    }
    if (code_point < 0x800) {
        out.push_back(static_cast<char>(0xC0 | code_point >> 6));
    } else {
        if (code_point < 0x10000) {
            out.push_back(static_cast<char>(0xE0 | code_point >> 12));
        } else {
            out.push_back(static_cast<char>(0xF0 | code_point >> 18));
            out.push_back(static_cast<char>(0x80 | (code_point >> 12 & 0x3F)));
        }
        out.push_back(static_cast<char>(0x80 | (code_point >> 6 & 0x3F)));
    }
    out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
}

/// Length of the ASCII run at `at`; eight bytes at a time, because nearly every name is all ASCII.
std::size_t ascii_run(std::string_view text, std::size_t at) {
    const auto start = at;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & 0x8080808080808080ULL) != 0) {
            break;
        }
    }
    while (at < text.size() && unit(text, at) < 0x80) {
        ++at;
    }
    return at - start;
}

bool convert(std::string_view utf8, std::u16string& out) {
    bool well_formed = true;
    out.reserve(utf8.size());
    for (std::size_t at = 0; at < utf8.size();) {
        const auto run = ascii_run(utf8, at);
        out.append(utf8.begin() + static_cast<std::ptrdiff_t>(at),
                   utf8.begin() + static_cast<std::ptrdiff_t>(at + run));
        at += run;
        if (at == utf8.size()) {
            break;
        }
        const auto next = decode_multibyte(utf8, at);
        well_formed = well_formed && next.well_formed;
        append(next.code_point, out);
        at += next.length;
    }
    return well_formed;
}

bool convert(std::u16string_view utf16, std::string& out) {
    bool well_formed = true;
    out.reserve(utf16.size());
    for (std::size_t at = 0; at < utf16.size();) {
        if (utf16[at] < 0x80) {
            out.push_back(static_cast<char>(utf16[at]));
            ++at;
            continue;
        }
        const auto next = decode_unit(utf16, at);
        well_formed = well_formed && next.well_formed;
        append(next.code_point, out);
        at += next.length;
    }
    return well_formed;
}

} // namespace

std::u16string to_utf16(std::string_view utf8) {
    std::u16string out;
    convert(utf8, out);
    return out;
}

std::string to_utf8(std::u16string_view utf16) {
    std::string out;
    convert(utf16, out);
    return out;
}

std::optional<std::u16string> strict_utf16(std::string_view utf8) {
    std::u16string out;
    return convert(utf8, out) ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> strict_utf8(std::u16string_view utf16) {
    std::string out;
    return convert(utf16, out) ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace bridge::win32
