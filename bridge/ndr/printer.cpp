// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/printer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace bridge::ndr {

namespace {

/// Control characters and quotes as escapes, so that a name cannot forge a log line.
void append_code_point(std::string& out, char32_t point) {
    if (point == U'"' || point == U'\\') {
        out += '\\';
        out += static_cast<char>(point);
    } else if (point < 0x20 || point == 0x7f || (point >= 0x80 && point < 0xa0) ||
               (point >= 0xd800 && point < 0xe000) || point == 0x2028 || point == 0x2029) {
        std::array<char, 12> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(point));
        out += escape.data();
    } else if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xc0 | point >> 6);
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xe0 | point >> 12);
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | point >> 18);
        out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (point & 0x3f));
    }
}

} // namespace

std::string printer::take() {
    if (out_.size() > limit_) {
        std::size_t cut = limit_;
        while (cut > 0 && (static_cast<unsigned char>(out_[cut]) & 0xc0) == 0x80)
            --cut; // not inside a UTF-8 sequence
        out_.resize(cut);
        out_ += "...";
    }
    first_ = true;
    return std::exchange(out_, {});
}

printer::scope printer::object(std::string_view type) {
    text(type);
    open('{');
    return scope(*this);
}

void printer::secret(std::string_view name) {
    label(name);
    text("<secret>");
}

void printer::enumerator(std::string_view name, std::uint32_t value) {
    if (name.empty()) {
        number(std::uint64_t{value});
        return;
    }
    text(name);
    text("(");
    number(std::uint64_t{value});
    text(")");
}

void printer::show(const std::u16string& value) {
    text("\"");
    for (std::size_t i = 0; i < value.size() && !full(); ++i) {
        char32_t point = value[i];
        if (point >= 0xd800 && point < 0xdc00 && i + 1 < value.size() && value[i + 1] >= 0xdc00 &&
            value[i + 1] < 0xe000)
            point = 0x10000 + ((point - 0xd800) << 10) + (value[++i] - 0xdc00u);
        append_code_point(out_, point);
    }
    text("\"");
}

void printer::show(const std::string& value) {
    text("\"");
    for (const char c : value) {
        if (full())
            break;
        append_code_point(out_, static_cast<unsigned char>(c));
    }
    text("\"");
}

void printer::show(const win32::guid& value) {
    text(win32::to_string(value));
}

void printer::show(const context_handle& value) {
    if (value.is_null())
        text("null");
    else
        text(win32::to_string(value.uuid));
}

void printer::text(std::string_view part) {
    if (!full())
        out_ += part;
}

void printer::label(std::string_view name) {
    separate();
    text(name);
    text("=");
}

void printer::separate() {
    if (!first_)
        text(", ");
    first_ = false;
}

void printer::open(char bracket) {
    text({&bracket, 1});
    first_ = true;
}

void printer::close(char bracket) {
    text({&bracket, 1});
    first_ = false;
}

void printer::number(std::uint64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    text({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void printer::number(std::int64_t value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    text({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void printer::number(double value) {
    std::array<char, 64> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    text({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void printer::hex(const std::byte* data, std::size_t size) {
    static constexpr std::string_view digits = "0123456789abcdef";
    text("<");
    number(std::uint64_t{size});
    text(size == 1 ? " byte" : " bytes");
    if (size > 0)
        text(": ");
    for (std::size_t i = 0; i < std::min(size, byte_limit_); ++i) {
        const auto octet = std::to_integer<unsigned>(data[i]);
        const std::array<char, 2> pair{digits[octet >> 4], digits[octet & 15]};
        text({pair.data(), pair.size()});
    }
    if (size > byte_limit_)
        text("...");
    text(">");
}

} // namespace bridge::ndr
