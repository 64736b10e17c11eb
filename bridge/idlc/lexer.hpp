// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/source.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace bridge::idlc {

enum class token_kind { identifier, integer, string, punctuation, end };

struct token {
    token_kind kind = token_kind::end;
    /// Identifier, content of a string literal, or the punctuation ("[", "<<", ...).
    std::string text;
    std::uint64_t value = 0; ///< of an integer
    location where;

    [[nodiscard]] bool is(std::string_view punctuation) const {
        return kind == token_kind::punctuation && text == punctuation;
    }
    [[nodiscard]] bool is_word(std::string_view word) const {
        return kind == token_kind::identifier && text == word;
    }
};

/// Splits an IDL text into tokens, one at a time. Comments are blanks.
class lexer {
public:
    /// `text` and `file` must outlive the lexer.
    lexer(std::string_view text, const std::string& file) : text_(text), here_{&file, 1, 1} {}

    /// The next token; `end` for ever after the last one.
    token next();

    /// The characters up to (not including) `closing`, without outer blanks: for uuid(...) and
    /// version(...).
    std::string raw_until(char closing);

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void step();
    void skip_blanks();
    token identifier();
    token integer();
    token string_literal();
    token character_literal();
    token punctuation();

    std::string_view text_;
    std::size_t at_ = 0;
    location here_;
};

} // namespace bridge::idlc
