// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/lexer.hpp"

#include <array>
#include <charconv>

namespace bridge::idlc {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

/// Longest first.
constexpr std::array<std::string_view, 8> two_characters{
    "<<", ">>", "<=", ">=", "==", "!=", "&&", "||"};
constexpr std::string_view one_character = "[]{}()<>,;:*=+-/%|&^~!?.";

} // namespace

void lexer::step() {
    if (text_[at_] == '\n') {
        ++here_.line;
        here_.column = 1;
    } else {
        ++here_.column;
    }
    ++at_;
}

void lexer::skip_blanks() {
    for (;;) {
        if (at_ < text_.size() && is_blank(peek())) {
            step();
        } else if (peek() == '/' && peek(1) == '/') {
            while (at_ < text_.size() && peek() != '\n')
                step();
        } else if (peek() == '/' && peek(1) == '*') {
            const location start = here_;
            step();
            step();
            while (at_ < text_.size() && !(peek() == '*' && peek(1) == '/'))
                step();
            if (at_ >= text_.size())
                throw error(start, "comment is not closed");
            step();
            step();
        } else {
            return;
        }
    }
}

token lexer::next() {
    skip_blanks();
    if (at_ >= text_.size())
        return {token_kind::end, "end of file", 0, here_};
    const char c = peek();
    if (c == '"' || (c == 'L' && peek(1) == '"'))
        return string_literal();
    if (c == '\'' || (c == 'L' && peek(1) == '\''))
        return character_literal();
    if (is_letter(c))
        return identifier();
    if (is_digit(c))
        return integer();
    return punctuation();
}

token lexer::identifier() {
    token t{token_kind::identifier, "", 0, here_};
    while (at_ < text_.size() && (is_letter(peek()) || is_digit(peek()))) {
        t.text += peek();
        step();
    }
    return t;
}

token lexer::integer() {
    token t{token_kind::integer, "", 0, here_};
    while (at_ < text_.size() && (is_letter(peek()) || is_digit(peek()))) {
        t.text += peek();
        step();
    }
    std::string_view digits = t.text;
    while (!digits.empty() &&
           std::string_view("uUlL").find(digits.back()) != std::string_view::npos)
        digits.remove_suffix(1);
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
        base = 16;
        digits.remove_prefix(2);
    } else if (digits.size() > 1 && digits[0] == '0') {
        base = 8;
    }
    const auto end = digits.data() + digits.size();
    const auto [last, code] = std::from_chars(digits.data(), end, t.value, base);
    if (code != std::errc() || last != end)
        throw error(t.where, "bad integer '" + t.text + "'");
    return t;
}

token lexer::string_literal() {
    token t{token_kind::string, "", 0, here_};
    if (peek() == 'L')
        step();
    step();
    while (peek() != '"') {
        if (at_ >= text_.size() || peek() == '\n')
            throw error(t.where, "string is not closed");
        if (peek() == '\\') {
            t.text += peek();
            step();
            if (at_ >= text_.size())
                throw error(t.where, "string is not closed");
        }
        t.text += peek();
        step();
    }
    step();
    return t;
}

token lexer::character_literal() {
    token t{token_kind::integer, "", 0, here_};
    if (peek() == 'L')
        step();
    step();
    if (peek() == '\\' || peek(1) != '\'')
        throw error(t.where, "only plain character literals are understood");
    t.value = static_cast<unsigned char>(peek());
    step();
    step();
    return t;
}

token lexer::punctuation() {
    token t{token_kind::punctuation, "", 0, here_};
    for (const std::string_view two : two_characters) {
        if (text_.substr(at_, 2) == two) {
            t.text = two;
            step();
            step();
            return t;
        }
    }
    if (one_character.find(peek()) == std::string_view::npos)
        throw error(here_, std::string("unexpected character '") + peek() + "'");
    t.text = peek();
    step();
    return t;
}

std::string lexer::raw_until(char closing) {
    const location start = here_;
    std::string raw;
    while (at_ < text_.size() && peek() != closing) {
        raw += peek();
        step();
    }
    if (at_ >= text_.size())
        throw error(start, std::string("missing '") + closing + "'");
    while (!raw.empty() && is_blank(raw.back()))
        raw.pop_back();
    while (!raw.empty() && is_blank(raw.front()))
        raw.erase(raw.begin());
    return raw;
}

} // namespace bridge::idlc
